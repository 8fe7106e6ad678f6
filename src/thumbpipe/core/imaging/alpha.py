"""Premultiplied alpha: while pictures are shrunk, colours are weighted by their opacity.

Otherwise the colours of transparent pixels would bleed into their neighbours as dark or white fringes.
"""

from typing import Final

from PIL import Image

_OPAQUE: Final = 255


def premultiplied(image: Image.Image) -> Image.Image:
    """Convert RGBA to RGBa, or to RGB if all pixels are opaque."""
    return without_idle_alpha(image.convert("RGBa"))


def without_idle_alpha(image: Image.Image) -> Image.Image:
    """Convert RGBa to RGB if all pixels are opaque; other modes are returned as they are."""
    if image.mode != "RGBa" or image.getchannel("a").getextrema() != (_OPAQUE, _OPAQUE):
        return image
    return image.convert("RGB")


def straight(image: Image.Image) -> Image.Image:
    """Convert RGBa to RGBA, which files and colour transforms use; other modes are returned as they are."""
    return image.convert("RGBA") if image.mode == "RGBa" else image


def with_alpha(image: Image.Image, alpha: Image.Image) -> Image.Image:
    """Add alpha to an RGB picture that is not multiplied by it yet, and return RGBa."""
    whole = image.copy()
    whole.putalpha(alpha)
    return premultiplied(whole)
