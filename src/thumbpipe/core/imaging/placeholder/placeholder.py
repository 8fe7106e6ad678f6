"""Make placeholders."""

from base64 import b64encode
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.placeholder.thumbhash import thumbhash

_MAX_EDGE_PX: Final = 100


def placeholder(image: Image.Image) -> str:
    """Return an image's ThumbHash in base64: some 25 bytes that a page shows as a blur until the thumbnail is loaded.

    Args:
        image: A small image, in mode L, RGB or RGBa.
    """
    small = image.copy()
    small.thumbnail((_MAX_EDGE_PX, _MAX_EDGE_PX), Image.Resampling.BOX)
    return b64encode(thumbhash(small.convert("RGBA"))).decode()
