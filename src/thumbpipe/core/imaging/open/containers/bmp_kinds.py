"""Kinds of BMP that Pillow does not read: OS/2's short headers are completed, other kinds are named."""

import struct
from typing import Final

_HEADER_AT: Final = 14
_INFO_BYTES: Final = 40
_SHORT_BYTES: Final = 16
_OLDEST_BYTES: Final = 12
_OS2_BYTES: Final = 64
_COMPRESSIONS: Final = {
    4: "a BMP that contains a JPEG",
    5: "a BMP that contains a PNG",
    11: "a CMYK BMP",
    12: "a CMYK BMP",
    13: "a CMYK BMP",
}
_OS2_COMPRESSIONS: Final = {3: "a BMP with Huffman coding", 4: "a BMP with run-length encoding of 24 bits"}
_DEPTHS: Final = frozenset({1, 4, 8, 16, 24, 32})


def missing_bmp_kind(source: bytes) -> str | None:
    """Name a kind that no available decoder supports; None if it may be supported."""
    (header_bytes,) = struct.unpack_from("<I", source, _HEADER_AT)
    if header_bytes == _OLDEST_BYTES:
        bits, compression = struct.unpack_from("<H", source, _HEADER_AT + 10)[0], 0
    elif header_bytes == _SHORT_BYTES:
        bits, compression = struct.unpack_from("<H", source, _HEADER_AT + 14)[0], 0
    else:
        bits, compression = struct.unpack_from("<HI", source, _HEADER_AT + 14)
    names = _OS2_COMPRESSIONS if header_bytes == _OS2_BYTES else _COMPRESSIONS
    if compression in names:
        return names[compression]
    return None if bits in _DEPTHS else f"a BMP of {bits} bits per pixel"


def with_whole_header(source: bytes) -> bytes:
    """Complete an OS/2 header that ends after the number of bits; return other files as they are."""
    (header_bytes,) = struct.unpack_from("<I", source, _HEADER_AT)
    if header_bytes != _SHORT_BYTES:
        return source
    added = _INFO_BYTES - _SHORT_BYTES
    size, reserved, offset = struct.unpack_from("<III", source, 2)
    head = source[:2] + struct.pack("<IIII", size + added, reserved, offset + added, _INFO_BYTES)
    end = _HEADER_AT + _SHORT_BYTES
    return head + source[_HEADER_AT + 4 : end] + bytes(added) + source[end:]
