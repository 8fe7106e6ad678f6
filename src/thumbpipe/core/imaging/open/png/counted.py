"""Which chunks of a PNG count: damaged, misplaced, repeated or oversized ones are ignored, as in libpng."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from thumbpipe.core.imaging.open.icc import MAX_PROFILE_BYTES
from thumbpipe.core.imaging.open.png.chunks import ANIMATION_KINDS, CHUNK_BYTES, Chunk, png_chunks

_PILLOWS_MOST: Final = 1 << 20
"""The most that Pillow unpacks of a profile: larger ones are unpacked here, and left out of the file that it sees."""

_GREY: Final = 0
_RGB: Final = 2
_PALETTE: Final = 3
_COLOUR_BIT: Final = 2
_SPACE: Final = slice(16, 20)
_FOR_COLOURS: Final = b"RGB "
_MOST_INTENT: Final = 3
_MAX_KEYWORD: Final = 79
_TEXTS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_BEFORE_PALETTE: Final = frozenset({b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"cICP"})
_LENGTHS: Final = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"acTL": 8}
_ONCE: Final = _BEFORE_PALETTE | {b"tRNS", b"acTL", b"eXIf"}
_PILLOWS_LENGTHS: Final = {b"pHYs": 9}


@dataclass(slots=True, kw_only=True)
class CountedChunks:
    """The chunks of a PNG that count.

    Attributes:
        source: The file.
        colour_type: As its header states it.
        by_kind: The content of the first chunk of each kind that is read here.
        icc: The profile.
        has_pixels: Whether there is a chunk of pixels.
        lacks_pixels: Whether the last of them is truncated.
        left_out: Chunks that Pillow must not see.
        of_animation: The chunks of the animation.
    """

    source: bytes
    colour_type: int
    by_kind: dict[bytes, bytes] = field(default_factory=dict)
    icc: bytes | None = None
    has_pixels: bool = False
    lacks_pixels: bool = False
    left_out: list[Chunk] = field(default_factory=list)
    of_animation: list[Chunk] = field(default_factory=list)
    _palette_entries: int = 0

    def add(self, chunk: Chunk) -> None:
        """Add the next chunk."""
        if chunk.kind in ANIMATION_KINDS - {b"acTL"}:
            self.of_animation.append(chunk)
        if chunk.kind == b"IDAT":
            self.has_pixels = True
            self.lacks_pixels = chunk.end - chunk.start < len(chunk.data) + CHUNK_BYTES
        elif chunk.kind == b"PLTE":
            self._palette_entries = self._palette_entries or len(chunk.data) // 3
        elif chunk.is_critical and chunk.kind != b"acTL":
            pass
        elif not self._counts(chunk):
            self.left_out.append(chunk)
        elif chunk.kind == b"iCCP":
            self._add_profile(chunk)
        elif chunk.kind in _ONCE:
            self.by_kind[chunk.kind] = bytes(chunk.data)
            if chunk.kind == b"acTL":
                self.of_animation.append(chunk)

    def _counts(self, chunk: Chunk) -> bool:
        kind, length = chunk.kind, len(chunk.data)
        if kind in _TEXTS or length < _PILLOWS_LENGTHS.get(kind, 0) or not chunk.is_whole(self.source):
            return False
        if kind not in _ONCE:
            return True
        if kind in self.by_kind or length != _LENGTHS.get(kind, length):
            return False
        is_late = self.has_pixels or (kind in _BEFORE_PALETTE and bool(self._palette_entries))
        return (kind == b"eXIf" or not is_late) and _MAKES_SENSE.get(kind, _always)(self, chunk.data)

    def _add_profile(self, chunk: Chunk) -> None:
        """Unpack a profile; one that is malformed, too large, or for another kind of picture is ignored."""
        name, _, packed = bytes(chunk.data[: _MAX_KEYWORD + 2]).partition(b"\0")
        self.by_kind[b"iCCP"] = name
        inflate = zlib.decompressobj()
        try:
            icc = inflate.decompress(chunk.data[len(name) + 2 :], MAX_PROFILE_BYTES + 1)
        except zlib.error:
            icc = b""
        # As in libpng: no RGB profile for greys. A grey profile may fit colours: all may be grey, as in palettes.
        fits = icc[_SPACE] != _FOR_COLOURS or bool(self.colour_type & _COLOUR_BIT)
        is_good = fits and bool(name) and packed[:1] == b"\0" and inflate.eof and len(icc) <= MAX_PROFILE_BYTES
        self.icc = icc if is_good else None
        if not is_good or len(icc) > _PILLOWS_MOST:
            self.left_out.append(chunk)

    def transparency_makes_sense(self, data: memoryview) -> bool:
        """Say whether a tRNS has the length that the colour type requires."""
        if self.colour_type == _PALETTE:
            return 0 < len(data) <= self._palette_entries
        return len(data) == {_GREY: 2, _RGB: 6}.get(self.colour_type, -1)

    def leave_out_animation(self) -> None:
        """Leave the animation out, so that only the default image remains."""
        self.left_out = sorted([*self.left_out, *self.of_animation], key=lambda chunk: chunk.start)

    def repaired(self) -> bytes | None:
        """Return the file without what is left out; None if nothing is."""
        if not self.left_out:
            return None
        parts, at = [], 0
        for chunk in self.left_out:
            parts.append(self.source[at : chunk.start])
            at = chunk.end
        return b"".join([*parts, self.source[at:]])


def _always(_chunks: CountedChunks, _data: memoryview) -> bool:
    return True


_MAKES_SENSE: Final[dict[bytes, Callable[[CountedChunks, memoryview], bool]]] = {
    b"gAMA": lambda _, data: 0 < int.from_bytes(data, "big") < 1 << 31,
    b"cHRM": lambda _, data: max(data[0::4]) < 1 << 7,
    b"sRGB": lambda _, data: data[0] <= _MOST_INTENT,
    b"tRNS": CountedChunks.transparency_makes_sense,
}


def counted_chunks(source: bytes, colour_type: int, *, may_be_cut_off: bool) -> CountedChunks:
    """Read the chunks of a PNG.

    Args:
        source: The whole file.
        colour_type: As its header states it.
        may_be_cut_off: Whether it may be truncated.

    Raises:
        EndsTooEarlyError: It is truncated.
    """
    counted = CountedChunks(source=source, colour_type=colour_type)
    for chunk in png_chunks(source, may_be_cut_off=may_be_cut_off):
        counted.add(chunk)
    return counted
