"""Files that end within their last box, although everything that is decoded may be there."""

import struct
from typing import Final

_HEAD_BYTES: Final = 8
_LENGTH_FOLLOWS: Final = 1
_WIDE_HEAD_BYTES: Final = 16


def with_whole_boxes(source: bytes) -> bytes | None:
    """Return a file without an incomplete last box; truncated pixels (`mdat`) are kept as far as they go.

    Returns:
        None if even its first box is incomplete.
    """
    at = 0
    while at + _HEAD_BYTES <= len(source):
        length, head = int.from_bytes(source[at : at + 4], "big"), _HEAD_BYTES
        if length == _LENGTH_FOLLOWS:
            length, head = int.from_bytes(source[at + 8 : at + _WIDE_HEAD_BYTES], "big"), _WIDE_HEAD_BYTES
        if length < head or at + length > len(source):
            break
        at += length
    if not at:
        return None
    if source[at + 4 : at + _HEAD_BYTES] != b"mdat":
        return source[:at]
    rest = len(source) - at
    if int.from_bytes(source[at : at + 4], "big") == _LENGTH_FOLLOWS:
        return source[: at + 8] + struct.pack(">Q", rest) + source[at + _WIDE_HEAD_BYTES :]
    return source[:at] + struct.pack(">I", rest) + source[at + 4 :]
