"""The three facts of EXIF that thumbpipe keeps: which way is up, when, and in which zone."""

import re
from dataclasses import dataclass
from typing import Final

from PIL import ExifTags, Image

from thumbpipe.core.imaging.open.orientation import UPRIGHT, sensible_orientation

_MOMENT: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
_OFFSET: Final = re.compile(r"[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """What is read of an EXIF block.

    Args:
        orientation: 1 to 8; 1 where nothing sensible is stated.
        captured_at: `2026-11-25T08:54:17`, with the offset (`+01:00`) if one is stated, else as the camera's clock
            showed it.
    """

    orientation: int = UPRIGHT
    captured_at: str | None = None


def read_exif(block: bytes | None) -> Exif:
    """Read an EXIF block; a broken one says nothing.

    Args:
        block: TIFF structure, with or without the `Exif` marker before it; a TIFF file is one itself.
    """
    if not block:
        return Exif()
    tags, orientation = Image.Exif(), UPRIGHT
    try:
        tags.load(block)
        orientation = sensible_orientation(tags.get(ExifTags.Base.Orientation))
        photo = tags.get_ifd(ExifTags.IFD.Exif)
        captured_at = _captured_at(
            photo.get(ExifTags.Base.DateTimeOriginal), photo.get(ExifTags.Base.OffsetTimeOriginal)
        )
    except Exception:  # noqa: BLE001 (Pillow's parser documents no errors, and the picture is fine without EXIF)
        return Exif(orientation=orientation)
    return Exif(orientation=orientation, captured_at=captured_at)


def _captured_at(moment: object, offset: object) -> str | None:
    match = _MOMENT.match(moment) if isinstance(moment, str) else None
    if match is None:
        return None
    year, month, day, time = match.groups()
    zone = offset.strip("\0 ") if isinstance(offset, str) else ""
    return f"{year}-{month}-{day}T{time}{zone if _OFFSET.fullmatch(zone) else ''}"
