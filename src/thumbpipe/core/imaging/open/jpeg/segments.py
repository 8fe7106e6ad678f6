"""The segments of a JPEG before its pixels."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

START: Final = b"\xff\xd8"
END: Final = b"\xff\xd9"
_SCAN: Final = 0xDA
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_LS_FRAME: Final = 0xF7
_FRAME_BYTES: Final = 6


class Segment(NamedTuple):
    """One segment: its marker's second byte, its content, and where it begins and ends in the file."""

    marker: int
    data: bytes
    start: int
    end: int


class Frame(NamedTuple):
    """What a frame's header says: its marker's second byte, where it begins, and the picture's sizes."""

    marker: int
    start: int
    bits: int
    height: int
    width: int
    channels: int
    rows_a_block: int


def segments(source: bytes) -> Iterator[Segment]:
    """Yield the segments up to and including the first scan's header, without a truncated one."""
    at = len(START)
    while 0 <= (at := source.find(b"\xff", at)) < len(source) - 3:
        marker = source[at + 1]
        if marker == 0xFF or marker == 0 or marker in _STANDALONE:  # noqa: PLR1714, PLR2004 - padding; a byte; no length
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004 - the same
            continue
        end = at + 2 + int.from_bytes(source[at + 2 : at + 4], "big")
        if end > len(source):
            return
        yield Segment(marker, source[at + 4 : end], at, end)
        if marker == _SCAN:
            return
        at = end


def frame_of(parts: Iterable[Segment]) -> Frame | None:
    """Read the first frame's header among segments."""
    for part in parts:
        if part.marker == _JPEG_LS_FRAME or (part.marker in _FRAMES and len(part.data) >= _FRAME_BYTES):
            height, width = int.from_bytes(part.data[1:3], "big"), int.from_bytes(part.data[3:5], "big")
            sampling = [factors & 15 for factors in part.data[7::3]]
            return Frame(
                part.marker, part.start, part.data[0], height, width, part.data[5], 8 * max(sampling, default=1)
            )
    return None
