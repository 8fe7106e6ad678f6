"""Kinds of TIFF that no available decoder supports, as opposed to damaged files."""

from typing import Final

from thumbpipe.core.imaging.open.tiff.layout import Colours, SampleFormat, Tag, TiffLayout
from thumbpipe.core.imaging.open.tiff.samples import has_samples

NONE: Final = 1
WEBP: Final = 50_001
_JPEG: Final = frozenset({6, 7})
# Registered compression schemes that the libtiff in Pillow and in libvips was built without.
_COMPRESSIONS: Final = {
    9: "JBIG",
    10: "JBIG",
    34_661: "JBIG",
    34_676: "SGI LogLuv",
    34_677: "SGI LogLuv",
    34_712: "JPEG 2000",
    34_887: "LERC",
    50_002: "JPEG XL",
    52_546: "JPEG XL",
}
_COLOURS: Final = {
    4: "transparency only",
    10: "ITU-T Lab",
    32_803: "a camera's raw samples",
    32_844: "SGI LogL",
    32_845: "SGI LogLuv",
    34_892: "a camera's raw samples",
}
_COMPLEX: Final = frozenset({SampleFormat.COMPLEX_WHOLE, SampleFormat.COMPLEX})
_MOST_BITS: Final = 32
_CMYK: Final = 1
_PREDICTING: Final = frozenset({5, 8, 32_946, 34_925, 50_000})
_PREDICTED_BITS: Final = {2: {8, 16, 32}, 3: {16, 32}}
"""By predictor: the depths that it supports."""
_PILLOWS_BITS: Final = frozenset({1, 2, 4, 8, 16, 32})


def missing_kind(layout: TiffLayout) -> str | None:
    """Name a kind that no available decoder supports; None if it may be supported."""
    if layout.compression in _COMPRESSIONS:
        return f"a TIFF compressed with {_COMPRESSIONS[layout.compression]}"
    if layout.colours in _COLOURS:
        return f"a TIFF of {_COLOURS[layout.colours]}"
    if layout.format in _COMPLEX:
        return "a TIFF of complex numbers"
    if layout.colours == Colours.INKS and layout.tags.number(Tag.INK_SET, _CMYK) != _CMYK:
        return "a TIFF of inks other than CMYK"
    if layout.colours == Colours.YCBCR and layout.has_planes and layout.compression not in _JPEG:
        return "a TIFF of YCbCr in planes"
    return _missing_depth(layout)


def _missing_depth(layout: TiffLayout) -> str | None:
    if not layout.bits:
        return "a TIFF whose samples have different numbers of bits"
    kind = "floats of " if layout.format == SampleFormat.FLOAT else ""
    is_odd = layout.bits not in _PILLOWS_BITS and not has_samples(layout)
    if layout.bits > _MOST_BITS or is_odd:
        suffix = " in that compression" if is_odd and not kind else ""
        return f"a TIFF of {kind}{layout.bits} bits per sample{suffix}"
    if layout.compression in _PREDICTING and layout.bits not in _PREDICTED_BITS.get(_predictor(layout), {layout.bits}):
        return f"a TIFF with a predictor for samples of {layout.bits} bits"
    if layout.format == SampleFormat.SIGNED and layout.samples > 1:
        return "a TIFF of signed samples"
    return None


def _predictor(layout: TiffLayout) -> int:
    return layout.tags.number(Tag.PREDICTOR, 1)
