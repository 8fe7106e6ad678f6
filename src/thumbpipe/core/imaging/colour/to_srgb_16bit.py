"""Convert colours of more than eight bits to sRGB, in sixteen bits, by libvips: they are rounded once, at the end."""

from collections.abc import Sequence
from typing import Any, Final

from PIL import Image

from thumbpipe.core.imaging.alpha import without_idle_alpha
from thumbpipe.core.imaging.decode.high_depth import HighDepthPixels
from thumbpipe.core.imaging.libvips import libvips
from thumbpipe.core.imaging.machine_faults import reraise_machine_fault

_WHITE: Final = 65_535.0
_SPACE: Final = slice(16, 20)  # the place of a profile's colour space
_BANDS: Final = {b"GRAY": 1, b"RGB ": 3}


def high_depth_to_srgb(pixels: HighDepthPixels, profile: bytes) -> Image.Image | None:
    """Convert a picture to sRGB of eight bits.

    Args:
        pixels: The picture.
        profile: The ICC profile of its colours.

    Returns:
        In mode L, RGB or RGBa; None if libvips is missing, or the profile is malformed or does not match the picture.
    """
    vips, channels, white, has_alpha = libvips(), pixels.channels, pixels.white, pixels.has_alpha
    needed = _BANDS.get(profile[_SPACE])
    if vips is None or needed is None or len(channels) - has_alpha not in {1, needed}:
        return None
    try:
        bands = [vips.Image.new_from_memory(each.tobytes(), each.width, each.height, 1, "float") for each in channels]
        colours, alpha = (bands[:-1], bands[-1] / white) if has_alpha else (bands, None)
        joined = _joined(colours) / white
        if alpha is not None:
            joined = (alpha > 0).ifthenelse(joined / alpha, 0)
        converted = _converted(vips, _joined([joined] * (needed // joined.bands)), profile)
        if alpha is not None:
            converted = (converted * alpha).bandjoin(alpha)
        elif len(colours) == 1:
            converted = converted[1]
        data = (converted * 255).rint().cast("uchar").write_to_memory()
    except vips.Error as error:
        reraise_machine_fault(error)
        return None
    mode = {1: "L", 3: "RGB", 4: "RGBa"}[converted.bands]
    return without_idle_alpha(Image.frombytes(mode, channels[0].size, data))


def _joined(bands: Sequence[Any]) -> Any:  # noqa: ANN401 - pyvips has no types
    first, *rest = bands
    return first.bandjoin(rest) if rest else first


def _converted(vips: Any, colours: Any, profile: bytes) -> Any:  # noqa: ANN401 - the same
    """Convert colours; samples are from 0 to 1."""
    samples = (colours * _WHITE).rint().cast("ushort")
    marked = samples.copy(interpretation="grey16" if colours.bands == 1 else "rgb16")
    marked.set_type(vips.GValue.blob_type, "icc-profile-data", profile)
    options = {"embedded": True, "intent": "perceptual", "black_point_compensation": True, "depth": 16}
    return marked.icc_transform("srgb", **options) / _WHITE
