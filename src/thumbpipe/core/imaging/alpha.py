"""Transparency, premultiplied: while pictures are shrunk, colours are weighed by how visible they are.

Otherwise the colour of what cannot be seen bleeds into its neighbours as a dark or white fringe.
"""

from typing import Final

from PIL import Image

_OPAQUE: Final = 255


def premultiplied(image: Image.Image) -> Image.Image:
    """Convert RGBA to RGBa, or to RGB where nothing is transparent in fact."""
    return without_idle_alpha(image.convert("RGBa"))


def without_idle_alpha(image: Image.Image) -> Image.Image:
    """Convert RGBa to RGB where nothing is transparent in fact; other modes stay as they are."""
    if image.mode != "RGBa" or image.getchannel("a").getextrema() != (_OPAQUE, _OPAQUE):
        return image
    return image.convert("RGB")


def straight(image: Image.Image) -> Image.Image:
    """Convert RGBa to RGBA, the only kind that files and colour transforms know; other modes stay as they are."""
    return image.convert("RGBA") if image.mode == "RGBa" else image
