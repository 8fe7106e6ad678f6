"""TIFF: which kinds none of our decoders supports, so that they are not reported as damaged."""

import struct
from typing import Final

_WEBP: Final = 50_001
# Registered compressions that the libtiff in Pillow and in libvips was built without.
_COMPRESSIONS: Final = {
    34_661: "JBIG",
    34_676: "SGI LogLuv",
    34_677: "SGI LogLuv",
    34_712: "JPEG 2000",
    34_887: "LERC",
    _WEBP: "WebP",
    50_002: "JPEG XL",
}
_BITS: Final = 258
_COMPRESSION: Final = 259
_SAMPLE_FORMAT: Final = 339
_COMPLEX: Final = frozenset({5, 6})
_MOST_BITS: Final = 32
_CODES: Final = {3: "H", 4: "I"}
_MAX_TAGS: Final = 1_000


def unsupported_kind(source: bytes) -> str | None:
    """Name the kind of a TIFF's first page if it is known to be unsupported."""
    try:
        tags = _tags(source)
    except (struct.error, IndexError):
        return None
    if tags.get(_COMPRESSION) in _COMPRESSIONS:
        return f"a TIFF that is compressed by {_COMPRESSIONS[tags[_COMPRESSION]]}"
    if tags.get(_SAMPLE_FORMAT) in _COMPLEX:
        return "a TIFF of complex numbers"
    bits = tags.get(_BITS, 1)
    return f"a TIFF of {bits} bits a sample" if bits > _MOST_BITS else None


def is_webp(source: bytes) -> bool:
    """Say whether a TIFF's first page is compressed by WebP, which libvips supports and Pillow does not."""
    try:
        return _tags(source).get(_COMPRESSION) == _WEBP
    except (struct.error, IndexError):
        return False


def _tags(source: bytes) -> dict[int, int]:
    """Return the first number of each tag that has numbers.

    Raises:
        struct.error: The file ends too early.
    """
    order = "<" if source[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", source, 2)[0] == 43  # noqa: PLR2004 - BigTIFF
    (at,) = struct.unpack_from(order + ("Q" if big else "I"), source, 8 if big else 4)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), source, at)
    at += 8 if big else 2
    entry, inline = (order + "HHQ", 8) if big else (order + "HHI", 4)
    tags: dict[int, int] = {}
    for _ in range(min(count, _MAX_TAGS)):
        tag, kind, values = struct.unpack_from(entry, source, at)
        at += struct.calcsize(entry)
        if kind in _CODES:
            place = at
            if values * struct.calcsize(_CODES[kind]) > inline:
                (place,) = struct.unpack_from(order + ("Q" if big else "I"), source, at)
            tags[tag] = struct.unpack_from(order + _CODES[kind], source, place)[0]
        at += inline
    return tags
