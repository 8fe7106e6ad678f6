"""The tracks of an animated AVIF: where its samples are."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.isobmff.boxes import Box, boxes, find

_FULL: Final = 4
_ENTRY_HEAD: Final = 78  # of a visual sample entry, before its boxes
_SIZE_AT: Final = 24
_DEPTH_AT: Final = 2
_HIGH_DEPTH: Final = 0x40
_MAX_CHUNKS: Final = 100_000


def announced_sizes(source: bytes, movie: Box) -> Iterator[tuple[int, int]]:
    """Yield the size in each track's sample entry."""
    for entry in _entries(source, movie):
        width, height = Reader(source, entry.start + _SIZE_AT).unpack(">HH")
        yield width, height


def codecs(source: bytes, movie: Box) -> Iterator[bytes]:
    """Yield the type of each track's first sample entry, such as `av01` or `hvc1`."""
    for table in _tables(source, movie):
        description = find(source, table, b"stsd")
        if description:
            yield from (entry.kind for entry in islice(_descriptions(source, description), 1))


def is_deep(source: bytes, movie: Box) -> Iterator[bool]:
    """Yield for each AV1 sample entry whether its samples have more than eight bits."""
    for entry in _entries(source, movie):
        for box in boxes(source, entry.start + _ENTRY_HEAD, entry.end):
            if box.kind == b"av1C" and box.end - box.start > _DEPTH_AT:
                yield bool(source[box.start + _DEPTH_AT] & _HIGH_DEPTH)


def av1_streams(source: bytes, movie: Box, max_samples: int) -> Iterator[bytes]:
    """Yield the AV1 data of all tracks: configurations first, then samples.

    Args:
        source: The file.
        movie: Its `moov` box.
        max_samples: The most per track; further ones are skipped.

    Raises:
        DamagedError: It is damaged, or has more bytes than the file.
    """
    left = 2 * len(source)  # each byte may belong to one sample, and some to two
    try:
        for entry in _entries(source, movie):
            for box in boxes(source, entry.start + _ENTRY_HEAD, entry.end):
                if box.kind == b"av1C":
                    yield source[box.start + 4 : box.end]
        for table in _tables(source, movie):
            for start, length in islice(_samples(source, table), max_samples):
                left -= length
                if left < 0:
                    raise DamagedError("an animation's frames have more bytes than its file")
                yield source[start : start + length]
    except EndsTooEarlyError as error:
        raise DamagedError("an animation's table ends too early") from error


def _entries(source: bytes, movie: Box) -> Iterator[Box]:
    for table in _tables(source, movie):
        description = find(source, table, b"stsd")
        if description:
            yield from (entry for entry in _descriptions(source, description) if entry.kind == b"av01")


def _descriptions(source: bytes, description: Box) -> Iterator[Box]:
    return boxes(source, description.start + _FULL + 4, description.end)


def _tables(source: bytes, movie: Box) -> Iterator[Box]:
    for track in boxes(source, movie.start, movie.end):
        table = find(source, track, b"mdia", b"minf", b"stbl") if track.kind == b"trak" else None
        if table:
            yield table


def _samples(source: bytes, table: Box) -> Iterator[tuple[int, int]]:
    """Yield the offset and the length of each sample."""
    parts = {box.kind: box for box in boxes(source, table.start, table.end)}
    if not {b"stsz", b"stsc"} <= parts.keys():
        return
    sizes = _sizes(source, parts[b"stsz"])
    per_chunk = _per_chunk(source, parts[b"stsc"])
    for offset in islice(_offsets(source, parts), _MAX_CHUNKS):
        at = offset
        for length in islice(sizes, next(per_chunk)):
            yield at, length
            at += length


def _sizes(source: bytes, box: Box) -> Iterator[int]:
    reader = Reader(source, box.start + _FULL)
    common, count = reader.unpack(">II")
    for _ in range(count):
        yield common or reader.unpack(">I")[0]


def _offsets(source: bytes, parts: dict[bytes, Box]) -> Iterator[int]:
    wide = b"co64" in parts
    box = parts.get(b"co64" if wide else b"stco")
    if box is None:
        return
    reader = Reader(source, box.start + _FULL)
    (count,) = reader.unpack(">I")
    for _ in range(count):
        yield reader.unpack(">Q" if wide else ">I")[0]


def _per_chunk(source: bytes, box: Box) -> Iterator[int]:
    """Yield the number of samples in each chunk, endlessly."""
    reader = Reader(source, box.start + _FULL)
    (count,) = reader.unpack(">I")
    chunk, samples = 1, 0
    for _ in range(count):
        first, following, _description = reader.unpack(">III")
        while chunk < first:
            yield samples
            chunk += 1
        samples = following
    while True:
        yield samples
