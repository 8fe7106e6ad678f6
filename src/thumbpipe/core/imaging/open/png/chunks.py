"""The chunks of a PNG."""

import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from thumbpipe.core.imaging.errors import EndsTooEarlyError

SIGNATURE_BYTES: Final = 8
_HEAD: Final = 8
_CHECKSUM: Final = 4
CHUNK_BYTES: Final = _HEAD + _CHECKSUM
"""A chunk's bytes in addition to its content."""

_ANCILLARY: Final = 0x20
ANIMATION_KINDS: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})


class Chunk(NamedTuple):
    """One chunk: its kind, its content, and where it begins and ends in the file."""

    kind: bytes
    data: memoryview
    start: int
    end: int

    @property
    def is_critical(self) -> bool:
        """Whether the picture cannot be shown without it; an animation's frames count, too."""
        return not self.kind[0] & _ANCILLARY or self.kind in ANIMATION_KINDS

    def is_whole(self, source: bytes) -> bool:
        """Say whether its checksum is right."""
        return zlib.crc32(self.data, zlib.crc32(self.kind)) == int.from_bytes(source[self.end - 4 : self.end], "big")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Write a chunk."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(data, zlib.crc32(kind)).to_bytes(4, "big")


def has_end_chunk(source: bytes) -> bool:
    """Say whether a PNG ends with the chunk that marks its end."""
    end = SIGNATURE_BYTES
    for chunk in png_chunks(source, may_be_cut_off=True):
        end = chunk.end
    return source[end + 4 : end + _HEAD] == b"IEND"


def png_chunks(source: bytes, *, may_be_cut_off: bool = False) -> Iterator[Chunk]:
    """Yield each chunk. A still picture may end within one after the first pixels: all pixels may be there.

    Raises:
        EndsTooEarlyError: The file ends within an earlier chunk, and must not.
    """
    view, at = memoryview(source), SIGNATURE_BYTES
    may_end, is_animated = may_be_cut_off, False
    while at + _HEAD <= len(source):
        length, kind = int.from_bytes(view[at : at + 4], "big"), bytes(view[at + 4 : at + _HEAD])
        if kind == b"IEND":
            return
        end = at + _HEAD + length + _CHECKSUM
        may_end |= kind == b"IDAT" and not is_animated
        if end > len(source) and not may_end:
            raise EndsTooEarlyError
        yield Chunk(kind, view[at + _HEAD : at + _HEAD + length], at, min(end, len(source)))
        is_animated |= kind == b"acTL"
        at = end
