"""Transparency, premultiplied: while pictures are shrunk, colours are weighed by how visible they are.

Otherwise the colour of what cannot be seen bleeds into its neighbours as a dark or white fringe.
"""

from typing import Final

from PIL import Image

_OPAQUE: Final = 255


def premultiplied(image: Image.Image) -> Image.Image:
    """Convert RGBA to RGBa, or to RGB where nothing is transparent in fact."""
    opaque = image.getchannel("A").getextrema() == (_OPAQUE, _OPAQUE)
    return image.convert("RGB" if opaque else "RGBa")


def straight(image: Image.Image) -> Image.Image:
    """Convert RGBa to RGBA, the only kind that files and colour transforms know; other modes stay as they are."""
    return image.convert("RGBA") if image.mode == "RGBa" else image
