"""Embedded ICC profiles."""

from io import BytesIO
from typing import Final

from PIL import ImageCms

from thumbpipe.core.imaging.machine_faults import reraise_machine_fault

_SRGB_NAMES: Final = ("srgb", "c2")  # "c2" is Facebook's and Google's tiny sRGB profile


def is_srgb(icc: bytes) -> bool:
    """Say whether a profile is sRGB's, by its name."""
    return (profile_name(icc) or "").lower().startswith(_SRGB_NAMES)


def profile_name(icc: bytes | None) -> str | None:
    """Return the description of a profile; a malformed one has none."""
    if not icc:
        return None
    try:
        return ImageCms.getProfileDescription(parse_profile(icc)).strip() or None
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        reraise_machine_fault(error)
        return None


def parse_profile(icc: bytes) -> ImageCms.ImageCmsProfile:
    """Parse a profile.

    Raises:
        OSError: It is malformed. Other malformed profiles fail when they are used.
    """
    return ImageCms.ImageCmsProfile(BytesIO(icc))
