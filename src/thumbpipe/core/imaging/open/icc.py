"""Embedded ICC profiles."""

from functools import lru_cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageChops, ImageCms

from thumbpipe.core.imaging.machine_faults import reraise_machine_fault

MAX_PROFILE_BYTES: Final = 4 << 20
"""Larger profiles are ignored: printers' have half a megabyte, and those with fine tables two."""

_SPACE: Final = slice(16, 20)
_GREY: Final = b"GRAY"
_RGB: Final = b"RGB "
_APART: Final = 2
"""Of 255: sRGB profiles differ by one because of rounding."""

_LEVELS: Final = (0, 64, 128, 192, 255)
_COLOURS: Final = [(r, g, b) for r in _LEVELS for g in _LEVELS for b in _LEVELS] + [(v, v, v) for v in range(0, 256, 5)]


def profile_name(icc: bytes | None) -> str | None:
    """Return the description of a profile; a malformed one has none."""
    if not icc:
        return None
    try:
        return ImageCms.getProfileDescription(parse_profile(icc)).strip() or None
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        reraise_machine_fault(error)
        return None


def honoured(icc: bytes | None) -> bytes | None:
    """Return a profile that is not too large."""
    return icc if icc and len(icc) <= MAX_PROFILE_BYTES else None


def is_for_greys(icc: bytes) -> bool:
    """Say whether a profile is for pictures without colour."""
    return icc[_SPACE] == _GREY


@lru_cache(maxsize=4)
def is_srgb(icc: bytes) -> bool:
    """Say whether a profile is sRGB: judged by how it converts colours, not by its name."""
    if icc[_SPACE] != _RGB:
        return False
    colours = Image.frombytes("RGB", (len(_COLOURS), 1), bytes(level for colour in _COLOURS for level in colour))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE
    try:
        profile = parse_profile(icc)
        transform = ImageCms.buildTransform(profile, srgb, "RGB", "RGB", ImageCms.Intent.PERCEPTUAL, flags)
        apart = ImageChops.difference(transform.apply(colours), colours)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        reraise_machine_fault(error)
        return False
    return apart.point(lambda level: 255 * (level > _APART)).getbbox() is None


def parse_profile(icc: bytes) -> ImageCms.ImageCmsProfile:
    """Parse a profile.

    Raises:
        OSError: It is malformed. Other malformed profiles fail when they are used.
    """
    return ImageCms.ImageCmsProfile(BytesIO(icc))
