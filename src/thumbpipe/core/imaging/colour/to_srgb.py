"""Convert the colours of a picture to sRGB."""

from functools import cache
from typing import Final

from PIL import Image, ImageChops, ImageCms, ImageFile

from thumbpipe.core.imaging.alpha import premultiplied, straight, with_alpha
from thumbpipe.core.imaging.colour.to_srgb_16bit import high_depth_to_srgb
from thumbpipe.core.imaging.decode.eight_bit import EightBitPixels
from thumbpipe.core.imaging.decode.pixels import Pixels
from thumbpipe.core.imaging.machine_faults import reraise_machine_fault
from thumbpipe.core.imaging.open.icc import is_for_greys, is_srgb, parse_profile

_PERCEPTUAL: Final = ImageCms.Intent.PERCEPTUAL
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION


def to_srgb(pixels: Pixels, profile: bytes | None) -> Image.Image:
    """Convert a picture to sRGB; a profile that is malformed or does not match the picture is ignored.

    Args:
        pixels: The picture.
        profile: The ICC profile of its colours.

    Returns:
        In mode L, RGB or RGBa, without metadata.
    """
    if isinstance(pixels, EightBitPixels):
        converted = _eight_bits_to_srgb(pixels.image, profile)
        return with_alpha(converted, pixels.alpha) if pixels.alpha else converted
    if profile is None or is_srgb(profile):
        return pixels.eight_bits()
    # A transform of eight bits would turn their steps into visible bands.
    return high_depth_to_srgb(pixels, profile) or _eight_bits_to_srgb(pixels.eight_bits(dithers=True), profile)


def _eight_bits_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    # A picture that was not resized is still Pillow's lazy image of the file, with its frames and metadata.
    plain = image.copy() if isinstance(image, ImageFile.ImageFile) else image
    converted = _converted(straight(plain), profile)
    converted.info = {}
    return premultiplied(converted) if converted.mode == "RGBA" else converted


def _converted(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert an image to sRGB.

    CMYK without a profile has no defined colours: as in browsers, each ink subtracts exactly its complement.

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
        except (ImageCms.PyCMSError, OSError, ValueError) as error:
            reraise_machine_fault(error)
    return image.convert("RGB") if image.mode == "CMYK" else image


def _through_profile(image: Image.Image, icc: bytes) -> Image.Image:
    if image.mode in {"RGB", "RGBA"} and is_for_greys(icc) and _is_grey(image):
        # Grey with alpha, which was decoded as RGB.
        converted = _through_profile(image.getchannel("R"), icc).convert("RGB")
        if image.mode == "RGBA":
            converted.putalpha(image.getchannel("A"))
        return converted
    if image.mode == "L" and not is_for_greys(icc):
        return _through_profile(image.convert("RGB"), icc).getchannel("G")
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    transform = ImageCms.buildTransform(parse_profile(icc), _srgb(), image.mode, mode, _PERCEPTUAL, _FLAGS)
    converted = transform.apply(image)
    return converted.getchannel("G") if image.mode == "L" else converted


def _is_grey(image: Image.Image) -> bool:
    red, green, blue, *_ = image.split()
    return all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))


@cache
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB", _PERCEPTUAL)


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
