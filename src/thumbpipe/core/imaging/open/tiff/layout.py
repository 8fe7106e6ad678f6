"""How the samples of a TIFF's first page are laid out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

from thumbpipe.core.imaging.open.tiff.tags import Numbers, Tags, read_tags


class Tag(IntEnum):
    """The tags that describe the layout, by their numbers."""

    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES = 277
    STRIP_ROWS = 278
    STRIP_BYTES = 279
    PLANAR = 284
    PREDICTOR = 317
    COLOUR_MAP = 320
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILE_OFFSETS = 324
    TILE_BYTES = 325
    INK_SET = 332
    EXTRA_SAMPLES = 338
    SAMPLE_FORMAT = 339
    SUBSAMPLING = 530
    PROFILE = 34_675


class Colours(IntEnum):
    """Photometric interpretations, as TIFF numbers them."""

    WHITE_IS_ZERO = 0
    BLACK_IS_ZERO = 1
    RGB = 2
    PALETTE = 3
    INKS = 5
    YCBCR = 6
    LAB = 8
    LAB_OF_ICC = 9


class SampleFormat(IntEnum):
    """Sample formats, as TIFF numbers them."""

    UNSIGNED = 1
    SIGNED = 2
    FLOAT = 3
    UNDEFINED = 4
    COMPLEX_WHOLE = 5
    COMPLEX = 6


COLOUR_COUNTS: Final[dict[int, int]] = {
    Colours.WHITE_IS_ZERO: 1,
    Colours.BLACK_IS_ZERO: 1,
    Colours.RGB: 3,
    Colours.PALETTE: 1,
    Colours.INKS: 4,
    Colours.YCBCR: 3,
    Colours.LAB: 3,
    Colours.LAB_OF_ICC: 3,
}
"""The number of samples per colour; further ones are alpha, or not shown."""

_NO_COMPRESSION: Final = 1
_USUAL_SUBSAMPLING: Final = (2, 2)
_FAX: Final = frozenset({2, 3, 4, 32_771})
_ASSOCIATED: Final = 1
_UNSPECIFIED: Final = 0
_PLANES: Final = 2
_MAX_SAMPLES: Final = 64
_WHOLE: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffLayout:
    """How samples are laid out.

    Attributes:
        tags: All tags of the page.
        size: Width and height, as it is stored.
        bits: Per sample; 0 if samples differ.
        samples: The number of samples per pixel.
        colours: The photometric interpretation, as TIFF numbers it (`Colours` has those that are known).
        format: The sample format.
        has_planes: Whether the samples are stored in a plane each, rather than pixel by pixel.
        alpha_at: Which sample is alpha; None if there is no alpha.
        is_multiplied: Whether colours are multiplied by alpha already.
        block: Width and height of a tile, or of a strip.
        is_tiled: Whether blocks are tiles.
    """

    tags: Tags
    size: tuple[int, int]
    bits: int
    samples: int
    colours: int
    format: int
    has_planes: bool
    alpha_at: int | None
    is_multiplied: bool
    block: tuple[int, int]
    is_tiled: bool

    @property
    def compression(self) -> int:
        """As TIFF numbers it."""
        return self.tags.number(Tag.COMPRESSION, 1)

    @property
    def blocks_a_plane(self) -> int:
        """The number of strips or tiles in the picture, or in each of its planes."""
        (width, height), (block_width, block_height) = self.size, self.block
        return -(-width // block_width) * -(-height // block_height)

    @property
    def piece(self) -> tuple[int, int]:
        """Width and height of what a decoder may hold at once: tiles count wherever they are stated."""
        return self.tags.number(Tag.TILE_WIDTH, 1), self.tags.number(Tag.TILE_HEIGHT, 1)

    @property
    def offsets(self) -> Numbers:
        """Where each strip or tile begins."""
        return self.tags.numbers(Tag.TILE_OFFSETS if self.is_tiled else Tag.STRIP_OFFSETS)

    @property
    def lengths(self) -> Numbers:
        """The bytes of each strip or tile; if none are stated, each extends to the next one."""
        stated = self.stated_lengths
        if any(stated):
            return stated
        starts = sorted({*self.offsets, len(self.tags.source)})
        ends = dict(pairwise(starts))
        return tuple(ends.get(at, at) - at for at in self.offsets)

    @property
    def stated_lengths(self) -> Numbers:
        """The stated bytes of each strip or tile."""
        return self.tags.numbers(Tag.TILE_BYTES if self.is_tiled else Tag.STRIP_BYTES)

    @property
    def ends_too_early(self) -> bool:
        """Whether a strip or tile that the picture needs begins or ends beyond the end of the file."""
        end, needed = len(self.tags.source), self.blocks_a_plane * (self.samples if self.has_planes else 1)
        lengths = self.lengths if self.compression != _NO_COMPRESSION else self._bytes_of_blocks()
        blocks = zip(self.offsets[:needed], lengths, strict=False)
        return any(offset > end for offset in self.offsets[:needed]) or any(at + size > end for at, size in blocks)

    @property
    def is_subsampled(self) -> bool:
        """Whether several pixels share their chroma."""
        stated = self.tags.numbers(Tag.SUBSAMPLING) or _USUAL_SUBSAMPLING
        return self.colours == Colours.YCBCR and stated != (1, 1)

    @property
    def blocks_overlap(self) -> bool:
        """Whether uncompressed strips or tiles would extend into the next one: rows per strip, or a size, is wrong."""
        if self.compression != _NO_COMPRESSION or self.colours == Colours.YCBCR:  # whose samples may be fewer
            return False
        starts = sorted(set(self.offsets))
        following = dict(pairwise(starts))
        return any(
            stated and at + needed > following.get(at, at + needed)
            for at, stated, needed in zip(self.offsets, self.lengths, self._needed_bytes(), strict=False)
        )

    def _bytes_of_blocks(self) -> Iterator[int]:
        """Yield the bytes that each uncompressed strip or tile needs; writers may state more."""
        yield from map(min, self.lengths, self._needed_bytes())

    def _needed_bytes(self) -> Iterator[int]:
        """Yield the bytes of each uncompressed strip or tile, by its rows."""
        width, rows = self.block
        samples = 1 if self.has_planes else self.samples
        row_bytes = -(-width * samples * self.bits // 8)
        for at in range(self.blocks_a_plane * (self.samples if self.has_planes else 1)):
            left = self.size[1] - at % self.blocks_a_plane * rows
            yield row_bytes * (rows if self.is_tiled else min(rows, left))


def read_layout(source: bytes) -> TiffLayout | None:
    """Read the layout of a TIFF's first page; None if it is not plausible.

    Raises:
        EndsTooEarlyError: Its directory of tags is truncated.
    """
    tags = read_tags(source)
    size = tags.number(Tag.WIDTH, 0), tags.number(Tag.HEIGHT, 0)
    samples = tags.number(Tag.SAMPLES, 1)
    depths = tags.numbers(Tag.BITS) or (1,)
    if not all(size) or not 0 < samples <= _MAX_SAMPLES or not all(depths):
        return None
    is_tiled = Tag.TILE_OFFSETS in tags.at and Tag.STRIP_OFFSETS not in tags.at
    colours = tags.number(Tag.PHOTOMETRIC, _usual_colours(tags, samples))
    alpha_at, is_multiplied = _alpha(tags, colours, samples)
    return TiffLayout(
        tags=tags,
        size=size,
        bits=depths[0] if len(set(depths[:samples])) == 1 else 0,
        samples=samples,
        colours=colours,
        format=_format(tags),
        has_planes=samples > 1 and tags.number(Tag.PLANAR, 1) == _PLANES,
        alpha_at=alpha_at,
        is_multiplied=is_multiplied,
        block=_block(tags, size, is_tiled=is_tiled),
        is_tiled=is_tiled,
    )


def _format(tags: Tags) -> int:
    """Return the sample format; undefined samples are taken as unsigned."""
    stated = tags.number(Tag.SAMPLE_FORMAT, SampleFormat.UNSIGNED)
    return SampleFormat.UNSIGNED if stated == SampleFormat.UNDEFINED else stated


def _usual_colours(tags: Tags, samples: int) -> Colours:
    """Return the photometric interpretation that libtiff assumes if no tag states it."""
    if samples - len(tags.numbers(Tag.EXTRA_SAMPLES)) >= COLOUR_COUNTS[Colours.RGB]:
        return Colours.RGB
    is_fax = tags.number(Tag.COMPRESSION, _NO_COMPRESSION) in _FAX
    return Colours.WHITE_IS_ZERO if is_fax else Colours.BLACK_IS_ZERO


def _block(tags: Tags, size: tuple[int, int], *, is_tiled: bool) -> tuple[int, int]:
    if is_tiled:
        return max(1, tags.number(Tag.TILE_WIDTH, size[0])), max(1, tags.number(Tag.TILE_HEIGHT, size[1]))
    return size[0], max(1, min(size[1], tags.number(Tag.STRIP_ROWS, _WHOLE) or size[1]))


def _alpha(tags: Tags, colours: int, samples: int) -> tuple[int | None, bool]:
    """Find alpha after the colours; a single sample without a description is alpha, as writers mean it."""
    first = COLOUR_COUNTS.get(Colours(colours), 0) if colours in list(Colours) else 0
    extra = tags.numbers(Tag.EXTRA_SAMPLES)
    if not first or samples <= first:
        return None, False
    if not extra:
        return (first, False) if samples == first + 1 else (None, False)
    for at, kind in enumerate(extra, samples - len(extra)):
        if kind != _UNSPECIFIED and first <= at < samples:
            return at, kind == _ASSOCIATED
    return None, False
