"""The tags of a TIFF's first page."""

import struct
from dataclasses import dataclass
from typing import Final

from thumbpipe.core.imaging.errors import EndsTooEarlyError

_BIG: Final = 43
_CODES: Final = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 16: "Q", 18: "Q"}
_MAX_TAGS: Final = 1_000

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The tags of a page.

    Attributes:
        order: The byte order, as `struct` writes it.
        is_big: Whether the file is a BigTIFF.
        at: By tag: the code of its type, the number of its values, and the offset of the first.
        source: The file.
    """

    order: str
    is_big: bool
    at: dict[int, tuple[str, int, int]]
    source: bytes

    def numbers(self, tag: int) -> Numbers:
        """Return a tag's whole numbers; an empty tuple if it has none.

        Raises:
            EndsTooEarlyError: They lie beyond the end of the file.
        """
        code, count, place = self.at.get(tag, ("B", 0, 0))
        if place + count * struct.calcsize(code) > len(self.source):
            raise EndsTooEarlyError
        return struct.unpack_from(f"{self.order}{count}{code}", self.source, place)

    def number(self, tag: int, default: int) -> int:
        """Return a tag's first number."""
        code, count, place = self.at.get(tag, ("B", 0, 0))
        if not count or place + struct.calcsize(code) > len(self.source):
            return default
        return int(struct.unpack_from(self.order + code, self.source, place)[0])

    def data(self, tag: int) -> bytes:
        """Return a tag's bytes."""
        code, count, place = self.at.get(tag, ("B", 0, 0))
        return self.source[place : place + count * struct.calcsize(code)]


def read_tags(source: bytes) -> Tags:
    """Read the directory of the first page's tags.

    Args:
        source: A TIFF or BigTIFF.

    Raises:
        EndsTooEarlyError: Its directory of tags is truncated.
    """
    order = "<" if source[:2] == b"II" else ">"
    try:
        is_big = struct.unpack_from(order + "H", source, 2)[0] == _BIG
        (at,) = struct.unpack_from(order + ("Q" if is_big else "I"), source, 8 if is_big else 4)
        (count,) = struct.unpack_from(order + ("Q" if is_big else "H"), source, at)
        entries = _entries(source, order, at + (8 if is_big else 2), min(count, _MAX_TAGS), is_big=is_big)
    except struct.error as error:
        raise EndsTooEarlyError from error
    return Tags(order=order, is_big=is_big, at=entries, source=source)


def _entries(source: bytes, order: str, at: int, count: int, *, is_big: bool) -> dict[int, tuple[str, int, int]]:
    head, inline = (order + "HHQ", 8) if is_big else (order + "HHI", 4)
    found: dict[int, tuple[str, int, int]] = {}
    for _ in range(count):
        tag, kind, values = struct.unpack_from(head, source, at)
        at += struct.calcsize(head)
        if kind in _CODES:
            place = at
            if values * struct.calcsize(_CODES[kind]) > inline:
                (place,) = struct.unpack_from(order + ("Q" if is_big else "I"), source, at)
            found.setdefault(tag, (_CODES[kind], values, place))
        at += inline
    return found
