"""Pictures with more than eight bits per sample, which are shrunk as floats and rounded once, at the end.

Pillow has no mode for several channels of 16 bits: it reads their upper bytes. With another raw mode it reads the lower
bytes, and both together are the picture.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, TypeAlias, cast

from PIL import Image, ImageFile, ImageMath, TiffImagePlugin

from thumbpipe.core.imaging.alpha import without_idle_alpha
from thumbpipe.core.imaging.decode.box_reduce import reduced
from thumbpipe.core.imaging.decode.high_depth_streaming import streamed_in_high_depth
from thumbpipe.core.imaging.open.picture import Picture

Resize: TypeAlias = Callable[[Image.Image, tuple[float, float]], Image.Image]
"""Resizes an image; the second argument is the extent of the picture in it, in pixels."""

HIGH_DEPTH_MODES: Final = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})

_WHITE: Final = 65_535.0
_TWELVE_BITS: Final = 4_095.0
_NATIVE: Final = sys.byteorder[0].upper()
_SWAPPED: Final = {"B": "L", "L": "B", "N": "B" if _NATIVE == "L" else "L"}
_MODES: Final = frozenset({"RGB", "RGBA"})
_LUMINANCE_ALPHA: Final = "LA;16B"
_GAP: Final = 1.5  # floats are four times as large, so fewer of them are left for the last pass
# The two halves have 8 bytes a pixel. Larger pictures in colour that libvips does not support (such as interlaced ones)
# are read with eight bits.
_MAX_PIXELS: Final = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HighDepthPixels:
    """A decoded picture with more than eight bits per sample, as floats.

    Attributes:
        channels: L, RGB, or either with alpha, by which the others are multiplied; each in mode F.
        extent: How far the picture extends in them, in pixels.
        white: The value of white.
        has_alpha: Whether the last channel is alpha.
    """

    channels: tuple[Image.Image, ...]
    extent: tuple[float, float]
    white: float
    has_alpha: bool

    def eight_bits(self, *, dithers: bool = False) -> Image.Image:
        """Return it rounded to L, RGB or RGBa.

        Args:
            dithers: Whether rounding errors become noise, so that a later transform does not make bands of them.
        """
        bands = [self._eight_bits(channel, dithers=dithers) for channel in self.channels]
        if len(bands) == 1:
            return bands[0]
        if not self.has_alpha:
            return Image.merge("RGB", bands)
        *colours, alpha = bands
        return without_idle_alpha(Image.merge("RGBa", [*(colours * 3)[:3], alpha]))

    def resized(self, resize: Resize) -> "HighDepthPixels":
        """Return it resized."""
        channels = tuple(resize(channel, self.extent) for channel in self.channels)
        return replace(self, channels=channels, extent=channels[0].size)

    def _eight_bits(self, channel: Image.Image, *, dithers: bool) -> Image.Image:
        gain = 255.0 / self.white
        if dithers:
            return _sum(channel.point(lambda value: value * gain + 0.0), _noise(channel.size)).convert("L")
        return channel.point(lambda value: value * gain + 0.5).convert("L")


def read_high_depth(picture: Picture, size: tuple[int, int]) -> HighDepthPixels | None:
    """Decode a picture whose channels have 16 bits; None for others, and for very large ones."""
    image = picture.image
    if picture.is_animation or not image.tile:
        return None
    raw_mode, rest = _raw_mode(image.tile[0])
    channels = streamed_in_high_depth(picture, size, raw_mode)
    if channels is not None:
        return HighDepthPixels(channels=channels, extent=size, white=_WHITE, has_alpha=len(channels) in {2, 4})
    if len(image.tile) != 1 or image.width * image.height > _MAX_PIXELS:
        return None
    if raw_mode == _LUMINANCE_ALPHA:
        # Two channels of 16 bits are four of eight.
        _retile(image, "RGBA", rest)
        picture.load()
        return _read(picture, size, lambda band, _top: _multiplied(_joined(band, (0, 2), band, (1, 3))))
    name, _, order = raw_mode.partition(";16")
    if name not in _MODES or order not in _SWAPPED or image.mode != name:
        return None
    lower = picture.reopened()
    _retile(lower.image, f"{name};16{_SWAPPED[order]}", rest)
    picture.load()
    lower.load()

    def convert(band: Image.Image, top: int) -> Sequence[Image.Image]:
        low = lower.image.crop((0, top, band.width, top + band.height))
        bands = range(len(name))
        channels = _joined(band, bands, low, bands)
        clear = band.info.get("transparency")
        if name == "RGB" and isinstance(clear, tuple):
            return _multiplied([*channels, _all_but(channels, clear)])
        return _multiplied(channels) if name == "RGBA" else channels

    return _read(picture, size, convert)


def read_high_depth_grey(picture: Picture, size: tuple[int, int]) -> HighDepthPixels:
    """Make floats of a decoded picture in one of `HIGH_DEPTH_MODES`."""

    def convert(band: Image.Image, _top: int) -> Sequence[Image.Image]:
        grey, clear = band.convert("F"), band.info.get("transparency")
        return _multiplied([grey, _all_but([grey], (clear,))]) if isinstance(clear, int) else (grey,)

    return _read(picture, size, convert)


def _read(
    picture: Picture, size: tuple[int, int], convert: Callable[[Image.Image, int], Sequence[Image.Image]]
) -> HighDepthPixels:
    channels, extent = reduced(picture.image, size, convert, gap=_GAP)
    alone = picture.image.mode in HIGH_DEPTH_MODES and len(channels) == 1
    return HighDepthPixels(
        channels=channels,
        extent=extent,
        white=_white(channels[0], picture.image) if alone else _WHITE,
        has_alpha=len(channels) in {2, 4},
    )


def _raw_mode(tile: ImageFile._Tile) -> tuple[str, tuple[object, ...]]:
    """Split the arguments of a tile: for PNG they are the raw mode, for TIFF it is the first."""
    arguments = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    return str(arguments[0]) if arguments else "", arguments[1:]


def _retile(image: ImageFile.ImageFile, raw_mode: str, rest: tuple[object, ...]) -> None:
    image.tile = [image.tile[0]._replace(args=(raw_mode, *rest) if rest else raw_mode)]


def _joined(
    upper: Image.Image, upper_bands: Sequence[int], lower: Image.Image, lower_bands: Sequence[int]
) -> list[Image.Image]:
    """Join upper and lower bytes to floats."""
    channels = []
    for high, low in zip(upper_bands, lower_bands, strict=True):
        samples = bytearray(2 * upper.width * upper.height)
        samples[0::2] = lower.getchannel(low).tobytes()
        samples[1::2] = upper.getchannel(high).tobytes()
        channels.append(Image.frombytes("I;16", upper.size, bytes(samples)).convert("F"))
    return channels


def _multiplied(channels: Sequence[Image.Image]) -> list[Image.Image]:
    """Multiply colours by the alpha that follows them."""
    *colours, alpha = channels
    return [_evaluated(lambda x: x["a"] * x["b"] / _WHITE, colour, alpha) for colour in colours] + [alpha]


def _all_but(channels: Sequence[Image.Image], clear: tuple[int, ...]) -> Image.Image:
    """Return an alpha channel: transparent where every channel has its value, opaque elsewhere."""
    hidden = None
    for channel, value in zip(channels, clear, strict=True):
        same = _equal(channel, value)
        hidden = same if hidden is None else _evaluated(lambda x: x["a"] * x["b"], hidden, same)
    return cast("Image.Image", hidden).point(lambda value: value * -_WHITE + _WHITE)


def _equal(channel: Image.Image, value: int) -> Image.Image:
    return _evaluated(lambda x: x["a"] == value, channel, channel).convert("F")


def _sum(one: Image.Image, other: Image.Image) -> Image.Image:
    return _evaluated(lambda x: x["a"] + x["b"], one, other)


def _evaluated(formula: Callable[[dict[str, Any]], Any], a: Image.Image, b: Image.Image) -> Image.Image:
    return cast("Image.Image", ImageMath.lambda_eval(formula, a=a, b=b))


def _noise(size: tuple[int, int]) -> Image.Image:
    """Return noise from 0 to 1, the same at each call."""
    noise = Random(0).randbytes(size[0] * size[1])  # noqa: S311 - it is not a secret
    return Image.frombytes("L", size, noise).convert("F").point(lambda value: value / 256 + 0.0)


def _white(grey: Image.Image, stored: Image.Image) -> float:
    """Return the smallest usual value of white that no grey exceeds."""
    _low, high = cast("tuple[float, float]", grey.getextrema())  # one channel, so one pair
    customary = (1.0, 255.0, _WHITE) if stored.mode == "F" else (_TWELVE_BITS if _is_12_bits(stored) else _WHITE,)
    return next((each for each in customary if not high > each), high)


def _is_12_bits(image: Image.Image) -> bool:
    return isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(258) == (12,)
