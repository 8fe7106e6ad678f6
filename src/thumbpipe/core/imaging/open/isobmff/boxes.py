"""The boxes that an ISO media file is made of."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from thumbpipe.core.imaging.open.byte_reader import Reader

_TO_THE_END, _LENGTH_FOLLOWS = 0, 1
_MAX_BOXES: Final = 200_000
"""Side by side: a photo of 48 megapixels has a thousand."""


class Box(NamedTuple):
    """Where a box's content lies in the file."""

    kind: bytes
    start: int
    end: int


def boxes(source: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes of a part of a file.

    Raises:
        EndsTooEarlyError: The last reaches beyond the file.
        ValueError: One reaches beyond the part.
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
            raise ValueError("a box reaches beyond the one around it")
        yield Box(kind, content, max(content, stop))
    raise ValueError("there are too many boxes")


def find(source: bytes, part: Box, *path: bytes) -> Box | None:
    """Follow a path of boxes from one to those within."""
    found: Box | None = part
    for kind in path:
        found = found and next((box for box in boxes(source, found.start, found.end) if box.kind == kind), None)
    return found
