"""Which part of a picture a rendition shows, and cropping to it."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import mul
from typing import Final

from PIL import Image, ImageChops, ImageFilter

from thumbpipe.core.imaging.recipe import Gravity
from thumbpipe.core.imaging.resize.scale import scale

_CENTRE: Final = (0.5, 0.5)
_MAP_EDGE_PX: Final = 128
"""The longer edge of the map in which the part that draws the eye is found."""

_OFF_CENTRE_LOSS: Final = 0.2
"""What a window at the picture's edge loses of its score."""

_SURROUNDINGS_PX: Final = 24
"""How far the surroundings extend that a subject stands out from, in pixels of the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a picture is resized to.

    Attributes:
        size: The exact size, in pixels.
        gravity: Which part is shown; None for the whole picture.
        focus: The centre of that part once it is found, as fractions of the picture's width and height.
    """

    size: tuple[int, int]
    gravity: Gravity | None = None
    focus: tuple[float, float] | None = None

    def transposed(self) -> "Target":
        """Return the same target for the picture turned by a quarter."""
        return replace(self, size=self.size[::-1], focus=self.focus and self.focus[::-1])

    def decoded_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the minimum size that a picture of this size has to be decoded to."""
        if self.gravity is None:
            return self.size
        factor = min(1.0, max(self.size[0] / width, self.size[1] / height))
        return -int(-width * factor // 1), -int(-height * factor // 1)

    def focused(self, image: Callable[[], Image.Image]) -> "Target":
        """Find the part of a picture that is shown, unless it has been found.

        Args:
            image: Returns the picture in mode L, RGB, RGBa or CMYK, as it is cropped later.
        """
        if self.gravity is None or self.focus is not None:
            return self
        found = _focus(image(), self.size) if self.gravity is Gravity.ATTENTION else _CENTRE
        return replace(self, focus=found)

    def apply(self, image: Image.Image, extent: tuple[float, float]) -> Image.Image:
        """Resize a picture to the target, cropping it if there is a focus.

        Args:
            image: The picture, reduced to no less than twice the size of what is cropped.
            extent: How far it extends in the image, in pixels: the last column and row may be partly filled.
        """
        if self.focus is None and extent == image.size:
            return scale(image, self.size)
        box = _box(extent, self.size, self.focus) if self.focus else (0, 0, *extent)
        return image.resize(self.size, Image.Resampling.LANCZOS, box=box)


def _box(
    picture: tuple[float, float], size: tuple[int, int], focus: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Place the window around the focus, within the picture, starting at a whole pixel so that 1:1 stays sharp."""
    window = _window(picture, size)
    left, top = (
        min(max(0, round(whole * at - part / 2)), whole - part)
        for whole, at, part in zip(picture, focus, window, strict=True)
    )
    return left, top, min(picture[0], left + window[0]), min(picture[1], top + window[1])


def _focus(image: Image.Image, size: tuple[int, int]) -> tuple[float, float]:
    """Find the centre of the window that draws the eye most; of equals, the most central one."""
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
    """Return the centre of the window with the largest weighted sum, as a fraction of the length.

    Scores near a window's edge count less, so that subjects are not cut through. So do windows far from the middle,
    because photographers point at their subject.
    """
    window = max(1, round(part * len(scores)))
    if window >= len(scores):
        return 0.5
    weights = [1 - (2 * (at + 0.5) / window - 1) ** 2 for at in range(window)]
    middle = (len(scores) - window) / 2

    def worth(start: int) -> tuple[float, float]:
        total = sum(map(mul, scores[start : start + window], weights))
        apart = (start - middle) / middle
        return round(total * (1 - _OFF_CENTRE_LOSS * apart**2), 3), -abs(apart)

    best = max(range(len(scores) - window + 1), key=worth)
    return (best + window / 2) / len(scores)


def _window(picture: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    """Return the largest window with a size's aspect ratio that fits into a picture."""
    factor = min(picture[0] / size[0], picture[1] / size[1])
    return min(picture[0], size[0] * factor), min(picture[1], size[1] * factor)


def _attraction(image: Image.Image) -> Image.Image:
    """Score each pixel by local contrast, saturation, skin tones, and how far it differs from its surroundings."""
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
    return ImageChops.add(ImageChops.add(ImageChops.add(parts[0], parts[1], 2), parts[2], 2), _distinctness(rgb), 2)


def _distinctness(rgb: Image.Image) -> Image.Image:
    """Say how far each pixel's light and colour differ from the average around it."""
    fine = rgb.filter(ImageFilter.GaussianBlur(1)).convert("YCbCr")
    coarse = rgb.filter(ImageFilter.GaussianBlur(_SURROUNDINGS_PX)).convert("YCbCr")
    light, blue, red = ImageChops.difference(fine, coarse).split()
    return ImageChops.add(light, ImageChops.add(blue, red))


def _visible(image: Image.Image) -> Image.Image:
    """Convert an image to RGB; what is transparent becomes black, and does not draw the eye."""
    return Image.merge("RGB", image.split()[:3]) if image.mode == "RGBa" else image.convert("RGB")


def _tent(middle: int, reach: int) -> Callable[[int], float]:
    return lambda level: max(0.0, 255 * (1 - abs(level - middle) / reach))
