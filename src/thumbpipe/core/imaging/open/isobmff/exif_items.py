"""Items of type Exif that contain no EXIF: libavif rejects the whole file because of one."""

from collections.abc import Iterator
from typing import Final

from thumbpipe.core.imaging.open.isobmff.boxes import Box
from thumbpipe.core.imaging.open.isobmff.items import Items

KIND: Final = b"Exif"
_ENTRY: Final = b"infe"
_KIND_AT: Final = 12
_WIDE: Final = 3
_OFFSET_BYTES: Final = 4
_MARKS: Final = (b"II*\0", b"MM\0*")


def broken_exif(source: bytes, meta: Box, items: Items) -> list[int]:
    """Find the offsets of such items' types.

    Args:
        source: The file.
        meta: The box that describes its items.
        items: The items.
    """
    exif = {number: item for number, item in items.by_id.items() if item.kind == KIND}
    broken = {number for number, item in exif.items() if item.is_cut or not _is_tiff(source, item.extents)}
    return [at for number, at in _entries(source, meta) if number in broken]


def _is_tiff(source: bytes, extents: list[tuple[int, int]]) -> bool:
    if not extents:
        return False
    start, end = extents[0]
    at = start + _OFFSET_BYTES + int.from_bytes(source[start : start + _OFFSET_BYTES], "big")
    first = min((found for mark in _MARKS if (found := source.find(mark, start, end)) >= 0), default=-1)
    return at == first  # libavif requires the offset to be that of the first mark


def _entries(source: bytes, meta: Box) -> Iterator[tuple[int, int]]:
    """Yield the number of each item of type Exif, and the offset of its type."""
    at = source.find(_ENTRY, meta.start, meta.end)
    while at >= 0:
        wide = source[at + 4] >= _WIDE
        number = int.from_bytes(source[at + 8 : at + (12 if wide else 10)], "big")
        kind_at = at + (_KIND_AT + 2 if wide else _KIND_AT)
        if source[kind_at : kind_at + 4] == KIND:
            yield number, kind_at
        at = source.find(_ENTRY, at + 4, meta.end)
