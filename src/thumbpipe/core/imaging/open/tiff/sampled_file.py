"""TIFFs in layouts that Pillow does not read, or reads wrongly: their samples are read one by one."""

from io import BytesIO
from typing import Any, Final

from PIL import ImageFile

from thumbpipe.core.imaging.libvips import libvips
from thumbpipe.core.imaging.machine_faults import reraise_machine_fault
from thumbpipe.core.imaging.open.tiff.layout import COLOUR_COUNTS, Colours, SampleFormat, Tag, TiffLayout
from thumbpipe.core.imaging.open.tiff.samples import has_samples, read_samples

_MODES: Final[dict[int, tuple[str, str]]] = {
    Colours.WHITE_IS_ZERO: ("L", "LA"),
    Colours.BLACK_IS_ZERO: ("L", "LA"),
    Colours.RGB: ("RGB", "RGBA"),
    Colours.PALETTE: ("RGB", "RGBA"),
    Colours.INKS: ("CMYK", "CMYK"),
    Colours.LAB: ("LAB", "LAB"),
    Colours.LAB_OF_ICC: ("LAB", "LAB"),
}
"""Pillow's modes, without and with alpha; it has no mode for CMYK or Lab with alpha."""

_CMYK: Final = 1
_NONE: Final = 1
_WEBP: Final = 50_001
_INDEX_BITS: Final = 16
_LAB_BITS: Final = frozenset({8, 16})


def is_readable(layout: TiffLayout) -> bool:
    """Say whether a layout can be read sample by sample."""
    if not has_samples(layout) or layout.colours not in _MODES or layout.samples < COLOUR_COUNTS[layout.colours]:
        return False
    match layout.colours:
        case Colours.PALETTE:
            whole = layout.bits <= _INDEX_BITS and layout.format == SampleFormat.UNSIGNED
            return whole and len(layout.tags.numbers(Tag.COLOUR_MAP)) == 3 << layout.bits
        case Colours.INKS:
            return layout.tags.number(Tag.INK_SET, _CMYK) == _CMYK
        case Colours.LAB | Colours.LAB_OF_ICC:
            return layout.bits in _LAB_BITS and layout.format == SampleFormat.UNSIGNED
        case _:
            return True


def has_map_of_eight_bits(layout: TiffLayout) -> bool:
    """Say whether a colour map has 8 bits rather than 16: if no value exceeds them, as libtiff assumes, too."""
    return max(layout.tags.numbers(Tag.COLOUR_MAP), default=0) < 256  # noqa: PLR2004 - 2 to the 8 bits


def is_read_by_pillow(layout: TiffLayout) -> bool:
    """Say whether Pillow reads a layout correctly."""
    has_plain_order = layout.tags.number(Tag.FILL_ORDER, 1) == 1
    if layout.compression == _WEBP or layout.has_planes or layout.colours == Colours.YCBCR:
        return layout.colours == Colours.YCBCR
    if Tag.PHOTOMETRIC not in layout.tags.at:
        return False  # Pillow would take white for zero
    if not any(layout.stated_lengths):
        return False
    if layout.format != SampleFormat.UNSIGNED and layout.tags.order == ">" and layout.compression != _NONE:
        return False  # libtiff has swapped their bytes, and Pillow would swap them again
    if layout.colours == Colours.PALETTE:
        return layout.samples == 1 and layout.bits <= 8 and not has_map_of_eight_bits(layout)  # noqa: PLR2004 - the same
    kind = (layout.format, layout.bits, layout.colours, layout.samples)
    return kind in _PILLOWS_IN_ANY_ORDER or (has_plain_order and _is_pillows_in_plain_order(layout, kind))


def _is_pillows_in_plain_order(layout: TiffLayout, kind: tuple[int, ...]) -> bool:
    if kind == (SampleFormat.UNSIGNED, 8, Colours.BLACK_IS_ZERO, 2):
        return layout.tags.numbers(Tag.EXTRA_SAMPLES) in {(0,), (2,)}
    return kind in _PILLOWS_IN_PLAIN_ORDER or (layout.format == SampleFormat.SIGNED and layout.samples == 1)


_UNSIGNED: Final = SampleFormat.UNSIGNED
_PILLOWS_IN_ANY_ORDER: Final = frozenset(
    {(_UNSIGNED, bits, colours, 1) for bits in (1, 2, 4) for colours in (0, 1)}
    | {(_UNSIGNED, 8, Colours.BLACK_IS_ZERO, 1), (_UNSIGNED, 8, Colours.RGB, 3)}
)
_PILLOWS_IN_PLAIN_ORDER: Final = frozenset(
    {(_UNSIGNED, bits, colours, 4) for bits in (8, 16) for colours in (Colours.RGB, Colours.INKS)}
    | {(_UNSIGNED, 16, Colours.BLACK_IS_ZERO, 1), (_UNSIGNED, 16, Colours.RGB, 3), (_UNSIGNED, 8, Colours.LAB, 3)}
    | {(_UNSIGNED, 8, Colours.WHITE_IS_ZERO, 1)}
    | {(SampleFormat.FLOAT, 32, Colours.BLACK_IS_ZERO, 1)}
)
"""Sample format, bits, colours and samples a pixel."""


class SampledTiff(ImageFile.ImageFile):
    """A TIFF as a Pillow image: size and profile are read at once, its samples by `decode.tiff_samples`.

    Args:
        layout: One for which `is_readable` is true.

    Raises:
        SyntaxError: libvips cannot read it either, or is not installed.
    """

    format = "TIFF"
    format_description = "TIFF, sample by sample"

    def __init__(self, layout: TiffLayout) -> None:
        self.layout = layout
        super().__init__(BytesIO())

    def _open(self) -> None:
        vips = libvips()
        if vips is None:
            raise SyntaxError("libvips is not installed")
        try:
            self.samples: Any = read_samples(vips, self.layout)
        except vips.Error as error:
            reraise_machine_fault(error)
            raise SyntaxError(str(error)) from error
        self._size = self.layout.size
        self._mode = _MODES[self.layout.colours][self.has_transparency_data]
        self.info["original_orientation"] = self.layout.tags.number(Tag.ORIENTATION, 1)
        profile = self.layout.tags.data(Tag.PROFILE)
        if profile:
            self.info["icc_profile"] = profile

    @property
    def has_transparency_data(self) -> bool:
        """Whether a sample is alpha."""
        return self.layout.alpha_at is not None
