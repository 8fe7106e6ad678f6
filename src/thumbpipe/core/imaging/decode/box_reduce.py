"""Shrink by whole factors, averaging boxes of pixels."""

from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image

GAP: Final = 2
"""Whole factors shrink no further than to this many times the target; the Lanczos pass does the rest."""

_BAND_PIXELS: Final = 250_000


def reduced(
    image: Image.Image,
    size: tuple[int, int],
    convert: Callable[[Image.Image, int], Sequence[Image.Image]],
    reach: tuple[float, float] | None = None,
    gap: float = GAP,
) -> tuple[tuple[Image.Image, ...], tuple[float, float]]:
    """Convert a picture and shrink it by whole factors, a band of rows at a time.

    Args:
        image: A decoded image.
        size: The minimum size of the result.
        convert: Converts a band, which starts at the given row, to one or several images of its size, in modes that can
            be reduced.
        reach: How far the picture extends in the image, in pixels; to its end by default.
        gap: The result is at least this many times the size.

    Returns:
        The images, and how far the picture extends in them: their last column and row may be partly filled.
    """
    across, down = (max(1, int(have / (gap * want))) for have, want in zip(image.size, size, strict=True))
    reach = reach or image.size
    extent = reach[0] / across, reach[1] / down
    rows = down * max(1, _BAND_PIXELS // (image.width * down))
    if rows >= image.height:
        return tuple(_reduced(each, across, down) for each in convert(image, 0)), extent
    wholes: list[Image.Image] = []
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        parts = [_reduced(each, across, down) for each in convert(band, top)]
        if not wholes:
            whole = -(-image.width // across), -(-image.height // down)
            wholes = [Image.new(each.mode, whole) for each in parts]
        for each, part in zip(wholes, parts, strict=True):
            each.paste(part, (0, top // down))
    return tuple(wholes), extent


def _reduced(image: Image.Image, across: int, down: int) -> Image.Image:
    return image if across == down == 1 else image.reduce((across, down))
