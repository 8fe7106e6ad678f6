"""The sizes of renditions, and shrinking to them. Images here are in mode L, RGB or RGBa (premultiplied alpha)."""

from typing import Final

from PIL import Image

from thumbpipe.core.imaging.libvips import BANDS, from_samples, libvips, pays, resized
from thumbpipe.core.imaging.recipe import MAX_RENDITION_EDGE_PX

# Pillow shrinks by whole factors first, down to twice the target: the Lanczos pass then reads a quarter of the pixels
# or fewer, and the difference is too small for eight bits.
_REDUCING_GAP: Final = 2.0
_FACTORABLE_MODES: Final = frozenset({"L", "RGB", "RGBa", "CMYK"})


def rendition_sizes(width: int, height: int, widths: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return the size of each rendition: largest first, none enlarged, none twice.

    Args:
        width: Of the picture, upright.
        height: The same.
        widths: As the recipe states them. One that is larger than the picture is replaced by the picture's own width.

    Returns:
        Width and height of each; the height is at least 1. If it would be more than a format supports, the rendition is
        smaller as a whole.
    """
    highest = max(1, MAX_RENDITION_EDGE_PX * width // height)
    kept = {min(asked, width, highest) for asked in widths}
    return tuple((each, _height(width, height, each)) for each in sorted(kept, reverse=True))


def _height(width: int, height: int, target: int) -> int:
    rounded = (2 * height * target + width) // (2 * width)
    return min(max(1, rounded), MAX_RENDITION_EDGE_PX)


def scale(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Shrink an image to exactly a size."""
    if image.size == size:
        return image
    shrunk = _by_libvips(image, size)
    if shrunk is not None:
        return shrunk
    gap = _REDUCING_GAP if image.mode in _FACTORABLE_MODES else None
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)


def _by_libvips(image: Image.Image, size: tuple[int, int]) -> Image.Image | None:
    """Shrink an image by libvips; None if Pillow has to do it."""
    vips = libvips()
    bands = BANDS.get(image.mode)
    if vips is None or bands is None or not pays(image.size, size, bands):
        return None
    return resized(from_samples(vips, image.tobytes(), image.size, bands), size, image.mode)
