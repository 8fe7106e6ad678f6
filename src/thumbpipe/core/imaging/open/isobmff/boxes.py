"""The boxes of an ISO base media file."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from thumbpipe.core.imaging.errors import DamagedError
from thumbpipe.core.imaging.open.byte_reader import Reader

_TO_THE_END: Final = 0
_LENGTH_FOLLOWS: Final = 1
_MAX_BOXES: Final = 200_000
"""In one box: a photo of 48 megapixels has a thousand."""


class Box(NamedTuple):
    """A box: its type, and where its content begins and ends."""

    kind: bytes
    start: int
    end: int


def find(source: bytes, part: Box, *path: bytes) -> Box | None:
    """Follow a path of box types into a box; None if a box is missing."""
    found: Box | None = part
    for kind in path:
        found = found and next((box for box in boxes(source, found.start, found.end) if box.kind == kind), None)
    return found


def boxes(source: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes in a part of a file.

    Raises:
        EndsTooEarlyError: The last one extends beyond the file.
        DamagedError: One extends beyond the part.
    """
    reader = Reader(source, start)
    for _ in range(_MAX_BOXES):
        if reader.at >= end:
            return
        at = reader.at
        (length,) = reader.unpack(">I")
        kind = reader.take(4)
        if length == _LENGTH_FOLLOWS:
            (length,) = reader.unpack(">Q")
        stop = end if length == _TO_THE_END else at + length
        content = reader.at
        reader.skip(max(0, stop - content))
        if stop > end:
            raise DamagedError("a box reaches beyond the one around it")
        yield Box(kind, content, max(content, stop))
    raise DamagedError("there are too many boxes")
