"""Every colour space that a picture comes in → sRGB."""

from functools import cache
from typing import Final

from PIL import Image, ImageCms, ImageFile

from thumbpipe.core.imaging.alpha import premultiplied, straight
from thumbpipe.core.imaging.colour.to_srgb_16bit import high_depth_to_srgb
from thumbpipe.core.imaging.decode.pixels import EightBitPixels, Pixels
from thumbpipe.core.imaging.open.icc import is_srgb, parse_profile

_PERCEPTUAL: Final = ImageCms.Intent.PERCEPTUAL
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION


def to_srgb(pixels: Pixels, profile: bytes | None) -> Image.Image:
    """Convert a shrunk picture to sRGB; a profile that is broken or of another kind than the picture is passed over.

    Args:
        pixels: The picture.
        profile: The ICC profile of its colours.

    Returns:
        In mode L, RGB or RGBa, with nothing in it but pixels.
    """
    if isinstance(pixels, EightBitPixels):
        return _eight_bits_to_srgb(pixels.image, profile)
    if profile is None or is_srgb(profile):
        return pixels.eight_bits()
    # A transform of eight bits would spread their steps to visible bands.
    return high_depth_to_srgb(pixels, profile) or _eight_bits_to_srgb(pixels.eight_bits(dithers=True), profile)


def _eight_bits_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    # A picture as small as its rendition is Pillow's view of the file still, frames and metadata included.
    plain = image.copy() if isinstance(image, ImageFile.ImageFile) else image
    converted = _converted(straight(plain), profile)
    converted.info = {}
    return premultiplied(converted) if converted.mode == "RGBA" else converted


def _converted(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert to sRGB.

    CMYK without a profile has no true colours: it is taken for inks that subtract exactly their complement, as
    browsers do.

    Args:
        image: In mode L, RGB, RGBA, CMYK or LAB.
        icc: The profile.

    Returns:
        In mode L, RGB or RGBA.
    """
    if image.mode == "LAB":
        return _lab_transform().apply(image)
    if icc and not is_srgb(icc):
        try:
            return _through_profile(image, icc)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image.convert("RGB") if image.mode == "CMYK" else image


def _through_profile(image: Image.Image, icc: bytes) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    transform = ImageCms.buildTransform(parse_profile(icc), _srgb(), image.mode, mode, _PERCEPTUAL, _FLAGS)
    converted = transform.apply(image)
    return converted.getchannel("G") if image.mode == "L" else converted


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB", _PERCEPTUAL)
