"""Every colour space that a picture comes in → sRGB."""

from functools import cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageFile

from thumbpipe.core.alpha import premultiplied, straight

_PERCEPTUAL: Final = ImageCms.Intent.PERCEPTUAL
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION
_SRGB_NAMES: Final = ("srgb", "c2")  # "c2" is Facebook's and Google's tiny sRGB profile


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def profile_name(icc: bytes | None) -> str | None:
    """Return the description of an ICC profile; a broken one has none."""
    if not icc:
        return None
    try:
        return ImageCms.getProfileDescription(_parse(icc)).strip() or None
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def finished(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a shrunk picture to sRGB: L, RGB or RGBa, with nothing in it but pixels."""
    # A picture as small as its rendition is Pillow's view of the file still, frames and metadata included.
    plain = image.copy() if isinstance(image, ImageFile.ImageFile) else image
    converted = to_srgb(straight(plain), profile)
    converted.info = {}
    return premultiplied(converted) if converted.mode == "RGBA" else converted


def is_srgb(icc: bytes) -> bool:
    """Say whether a profile is sRGB's, by its name."""
    return (profile_name(icc) or "").lower().startswith(_SRGB_NAMES)


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert to sRGB; a profile that is broken or of another kind than the picture is passed over.

    CMYK without a profile has no true colours: it is taken for inks that subtract exactly their complement, as
    browsers do.

    Args:
        image: In mode L, RGB, RGBA, CMYK or LAB.
        icc: The embedded profile.

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


def _parse(icc: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(BytesIO(icc))


def _through_profile(image: Image.Image, icc: bytes) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    transform = ImageCms.buildTransform(_parse(icc), _srgb(), image.mode, mode, _PERCEPTUAL, _FLAGS)
    converted = transform.apply(image)
    return converted.getchannel("G") if image.mode == "L" else converted


@cache
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _srgb(), "LAB", "RGB", _PERCEPTUAL)
