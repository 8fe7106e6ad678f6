"""Which part of a picture a rendition shows, and how it gets there."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from thumbpipe.core.imaging.recipe import Gravity
from thumbpipe.core.imaging.resize.scale import scale

_CENTRE: Final = (0.5, 0.5)
_MAP_EDGE_PX: Final = 128
"""The longer edge of the map on which eye-catching parts are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a picture is brought to.

    Args:
        size: Exactly, in pixels.
        gravity: Which part is shown; None shows the whole picture.
        focus: The middle of that part once it is found, in parts of the picture's width and height.
    """

    size: tuple[int, int]
    gravity: Gravity | None = None
    focus: tuple[float, float] | None = None

    def transposed(self) -> "Target":
        """Return the same for the picture lying on its side."""
        return replace(self, size=self.size[::-1], focus=self.focus and self.focus[::-1])

    def decoded_size(self, width: int, height: int) -> tuple[int, int]:
        """Return how large a picture of a size has to be decoded at least."""
        if self.gravity is None:
            return self.size
        factor = min(1.0, max(self.size[0] / width, self.size[1] / height))
        return -int(-width * factor // 1), -int(-height * factor // 1)

    def focused(self, image: Callable[[], Image.Image]) -> "Target":
        """Find the part of a picture, unless it is found already.

        Args:
            image: Returns it in mode L, RGB, RGBa or CMYK, as it is cropped later.
        """
        if self.gravity is None or self.focus is not None:
            return self
        found = _focus(image(), self.size) if self.gravity is Gravity.ATTENTION else _CENTRE
        return replace(self, focus=found)

    def apply(self, image: Image.Image, extent: tuple[float, float]) -> Image.Image:
        """Shrink a picture to the target, cropping it where there is a focus.

        Args:
            image: Reduced at most to twice the size that is cropped and shrunk here.
            extent: How far it reaches: reducing by whole factors fills its last row and column but in part.
        """
        if self.focus is None and extent == image.size:
            return scale(image, self.size)
        box = _box(extent, self.size, self.focus) if self.focus else (0, 0, *extent)
        return image.resize(self.size, Image.Resampling.LANCZOS, box=box)


def _window(picture: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    """Return the largest window of a size's aspect that fits into a picture."""
    factor = min(picture[0] / size[0], picture[1] / size[1])
    return min(picture[0], size[0] * factor), min(picture[1], size[1] * factor)


def _box(
    picture: tuple[float, float], size: tuple[int, int], focus: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Lay the window around the focus, within the picture; it starts at a whole pixel, so that 1:1 stays sharp."""
    window = _window(picture, size)
    left, top = (
        min(max(0, round(whole * at - part / 2)), whole - part)
        for whole, at, part in zip(picture, focus, window, strict=True)
    )
    return left, top, min(picture[0], left + window[0]), min(picture[1], top + window[1])


def _focus(image: Image.Image, size: tuple[int, int]) -> tuple[float, float]:
    """Find the window that draws the eye most; of equals, the one nearest to the middle."""
    longest = max(image.size)
    small = tuple(max(1, round(edge * _MAP_EDGE_PX / longest)) for edge in image.size)
    scores = _attraction(image.resize((small[0], small[1]), Image.Resampling.BOX)).convert("F")
    width, height = _window(image.size, size)
    across = _floats(scores.resize((small[0], 1), Image.Resampling.BOX))
    down = _floats(scores.resize((1, small[1]), Image.Resampling.BOX))
    return _best(across, width / image.width), _best(down, height / image.height)


def _floats(line: Image.Image) -> list[float]:
    return list(struct.unpack(f"{line.width * line.height}f", line.tobytes()))


def _best(scores: list[float], part: float) -> float:
    """Return the middle of the window with the largest sum, in parts of the whole length."""
    window = max(1, round(part * len(scores)))
    sums = list(accumulate(scores, initial=0))
    middle = (len(scores) - window) / 2
    starts = range(len(scores) - window + 1)
    best = max(starts, key=lambda start: (round(sums[start + window] - sums[start], 3), -abs(start - middle)))
    return 0.5 if window == len(scores) else (best + window / 2) / len(scores)


def _attraction(image: Image.Image) -> Image.Image:
    """Score each pixel: local contrast, saturation, and the tones of skin."""
    rgb = _visible(image)
    grey = rgb.convert("L")
    contrast = ImageChops.difference(grey, grey.filter(ImageFilter.GaussianBlur(2)))
    _hue, saturation, value = rgb.convert("HSV").split()
    _light, blue, red = rgb.convert("YCbCr").split()
    skin = ImageChops.multiply(blue.point(_tent(102, 25)), red.point(_tent(153, 20)))
    parts = (
        contrast.point([min(255, 4 * level) for level in range(256)]),
        ImageChops.multiply(saturation, value).point([level // 2 for level in range(256)]),
        ImageChops.multiply(skin, value),
    )
    return ImageChops.add(ImageChops.add(parts[0], parts[1], 2), parts[2], 2)


def _visible(image: Image.Image) -> Image.Image:
    """Show a picture as RGB; what is transparent is black, and draws no eye."""
    return Image.merge("RGB", image.split()[:3]) if image.mode == "RGBa" else image.convert("RGB")


def _tent(middle: int, reach: int) -> Callable[[int], float]:
    return lambda level: max(0.0, 255 * (1 - abs(level - middle) / reach))
