"""What is read from EXIF: the orientation, and when the photo was taken."""

import re
from dataclasses import dataclass, replace
from typing import Final

from PIL import ExifTags, Image, ImageFile, TiffImagePlugin

from thumbpipe.core.imaging.machine_faults import reraise_machine_fault
from thumbpipe.core.imaging.open.orientation import UPRIGHT, valid_orientation
from thumbpipe.core.imaging.open.tiff.sampled_file import SampledTiff

_MOMENT: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
_OFFSET: Final = re.compile(r"[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """What is read from an EXIF block.

    Attributes:
        orientation: 1 to 8; 1 if nothing valid is stated.
        captured_at: `2026-11-25T08:54:17`, with the offset (`+01:00`) if one is stated, else in the camera's local
            time.
    """

    orientation: int = UPRIGHT
    captured_at: str | None = None


def exif_of(image: ImageFile.ImageFile, source: bytes, block: bytes | None) -> Exif:
    """Read a picture's EXIF; a TIFF's own tags are EXIF.

    Args:
        image: The picture, not decoded yet.
        source: The file.
        block: The EXIF block that the container's walk found; None to use the one that Pillow found.
    """
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return _read(source)
    if isinstance(image, SampledTiff):
        block = source
    exif = _read(block or image.info.get("exif"))
    # HEIC: what EXIF said before pi-heif overwrote it.
    stated = image.info.get("original_orientation")
    return replace(exif, orientation=valid_orientation(stated)) if stated else exif


def _read(block: bytes | None) -> Exif:
    """Read an EXIF block; a malformed one says nothing.

    Args:
        block: A TIFF structure, with or without the `Exif` marker before it; a TIFF file is one itself.
    """
    if not block:
        return Exif()
    tags = Image.Exif()
    orientation = captured_at = None
    try:
        tags.load(block)
        orientation = tags.get(ExifTags.Base.Orientation)
        photo = tags.get_ifd(ExifTags.IFD.Exif)
        captured_at = _captured_at(
            photo.get(ExifTags.Base.DateTimeOriginal), photo.get(ExifTags.Base.OffsetTimeOriginal)
        )
    except Exception as error:  # noqa: BLE001 - Pillow's parser documents no errors; the picture is fine without EXIF
        reraise_machine_fault(error)
    return Exif(orientation=valid_orientation(orientation), captured_at=captured_at)


def _captured_at(moment: object, offset: object) -> str | None:
    match = _MOMENT.match(moment) if isinstance(moment, str) else None
    if match is None:
        return None
    year, month, day, time = match.groups()
    zone = offset.strip("\0 ") if isinstance(offset, str) else ""
    return f"{year}-{month}-{day}T{time}{zone if _OFFSET.fullmatch(zone) else ''}"
