"""Decode TIFFs sample by sample: interpret the samples, and shrink them as floats, rounded once."""

import struct
from types import ModuleType
from typing import Any, Final

from PIL import Image

from thumbpipe.core.imaging.decode.eight_bit import EightBitPixels
from thumbpipe.core.imaging.decode.high_depth import HighDepthPixels
from thumbpipe.core.imaging.libvips import libvips
from thumbpipe.core.imaging.open.picture import Picture
from thumbpipe.core.imaging.open.tiff.layout import COLOUR_COUNTS, Colours, SampleFormat, Tag, TiffLayout
from thumbpipe.core.imaging.open.tiff.sampled_file import SampledTiff, has_map_of_eight_bits
from thumbpipe.core.imaging.open.tiff.samples import read_samples
from thumbpipe.core.imaging.recipe import OnTruncated

_WHITE: Final = 65_535.0
_CUSTOMARY_WHITES: Final = (1.0, 255.0, _WHITE)
_GREYS: Final = frozenset({Colours.WHITE_IS_ZERO, Colours.BLACK_IS_ZERO})
_MIDDLE: Final = 128 / 255


def read_tiff_samples(picture: Picture, size: tuple[int, int]) -> HighDepthPixels | EightBitPixels | None:
    """Decode a TIFF whose samples are read one by one, and shrink it to exactly a size; None for other pictures.

    Args:
        picture: The picture.
        size: Of the result, as the picture is stored.
    """
    file, vips = picture.image, libvips()
    if not isinstance(file, SampledTiff) or vips is None:
        return None
    samples = file.samples
    if picture.on_truncated is OnTruncated.RENDER:
        samples = read_samples(vips, file.layout, fail_on="none")
    colours, alpha = _in_parts(vips, file.layout, samples)
    done = _shrunk(colours.bandjoin(alpha) if alpha is not None else colours, size)
    if file.mode in {"CMYK", "LAB"}:
        return _of_eight_bits(done, file.mode, has_alpha=alpha is not None)
    channels = tuple(_as_floats(done[band] * _WHITE) for band in range(done.bands))
    return HighDepthPixels(channels=channels, extent=size, white=_WHITE, has_alpha=alpha is not None)


def _in_parts(vips: ModuleType, layout: TiffLayout, samples: Any) -> tuple[Any, Any]:  # noqa: ANN401 - it has no types
    """Return colours from 0 to 1, multiplied by alpha if there is one, and alpha."""
    white, count = _white(vips, layout), COLOUR_COUNTS[Colours(layout.colours)]
    alpha = None if layout.alpha_at is None else samples[layout.alpha_at] / white
    stored = samples[0] if count == 1 else samples.extract_band(0, n=count)
    colours = _colours(vips, layout, stored, white)
    if layout.colours == Colours.WHITE_IS_ZERO:
        colours = (alpha if alpha is not None and layout.is_multiplied else 1) - colours
    if alpha is not None and not layout.is_multiplied:
        colours *= alpha
    return colours, alpha


def _colours(vips: ModuleType, layout: TiffLayout, stored: Any, white: float) -> Any:  # noqa: ANN401 - the same
    match layout.colours:
        case Colours.PALETTE:
            indices = stored.cast("uchar" if layout.bits <= 8 else "ushort")  # noqa: PLR2004 - an uchar's
            return indices.maplut(_palette(vips, layout))
        case Colours.LAB:
            # Two's complement: values from the middle up are negative.
            step, half = 1 << (layout.bits - 8), 1 << (layout.bits - 1)
            light, *others = stored.bandsplit()
            signed = [(each - (each >= half) / 255 * (2 * half)) / step for each in others]
            return (light / white).bandjoin([each / 255 for each in signed])
        case Colours.LAB_OF_ICC:
            step = 1 if layout.bits == 8 else 256  # noqa: PLR2004 - the upper byte is the whole number
            return stored / step / 255 - [0.0, _MIDDLE, _MIDDLE]
        case _:
            return stored / white


def _palette(vips: ModuleType, layout: TiffLayout) -> Any:  # noqa: ANN401 - the same
    """Return a palette as a table of colours from 0 to 1."""
    levels, entries = layout.tags.numbers(Tag.COLOUR_MAP), 1 << layout.bits
    white = 255.0 if has_map_of_eight_bits(layout) else _WHITE
    colours = (levels[band * entries + at] / white for at in range(entries) for band in range(3))
    return vips.Image.new_from_memory(struct.pack(f"{3 * entries}f", *colours), entries, 1, 3, "float")


def _white(vips: ModuleType, layout: TiffLayout) -> float:
    """Return the value of white; for floating-point or signed greys, the smallest usual one that none exceeds."""
    if layout.format == SampleFormat.UNSIGNED or layout.bits == 8:  # noqa: PLR2004 - the sign of 8-bit samples is ignored
        return 2.0**layout.bits - 1
    if layout.colours not in _GREYS:
        return 1.0
    highest = read_samples(vips, layout)[0].max()
    customary = _CUSTOMARY_WHITES if layout.format == SampleFormat.FLOAT else (_WHITE,)
    return next((each for each in customary if highest <= each), highest)


def _shrunk(pixels: Any, size: tuple[int, int]) -> Any:  # noqa: ANN401 - the same
    if (pixels.width, pixels.height) != size:
        pixels = pixels.resize(size[0] / pixels.width, vscale=size[1] / pixels.height)
    if (pixels.width, pixels.height) != size:  # an edge was rounded to another length
        pixels = pixels.embed(0, 0, *size, extend="copy")
    return pixels.cast("float").copy_memory()


def _as_floats(band: Any) -> Image.Image:  # noqa: ANN401 - the same
    # The Lanczos pass of floats overshoots at edges.
    clipped = (band < 0).ifthenelse(0, (band > _WHITE).ifthenelse(_WHITE, band)).cast("float")
    return Image.frombytes("F", (band.width, band.height), clipped.write_to_memory())


def _of_eight_bits(done: Any, mode: str, *, has_alpha: bool) -> EightBitPixels:  # noqa: ANN401 - the same
    """Make a CMYK or Lab picture, whose colours are divided by alpha again."""
    size, alpha = (done.width, done.height), None
    if has_alpha:
        transparency = done[done.bands - 1]
        alpha = _as_bytes(transparency, "L")
        done = (transparency > 0).ifthenelse(done.extract_band(0, n=done.bands - 1) / transparency, 0)
    # Pillow flips the sign bit of a and b when it unpacks Lab: their zero is 128 here, and 0 in files.
    if mode == "LAB":
        light, *others = _as_bytes(done.linear(1, [0.0, _MIDDLE, _MIDDLE]), "RGB").split()
        turned = [band.point([level ^ 128 for level in range(256)]) for band in others]
        image = Image.frombytes("LAB", size, Image.merge("RGB", [light, *turned]).tobytes())
    else:
        image = _as_bytes(done, mode)
    return EightBitPixels(image=image, extent=size, alpha=alpha)


def _as_bytes(bands: Any, mode: str) -> Image.Image:  # noqa: ANN401 - the same
    return Image.frombytes(mode, (bands.width, bands.height), (bands * 255).rint().cast("uchar").write_to_memory())
