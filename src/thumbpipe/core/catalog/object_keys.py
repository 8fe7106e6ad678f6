"""S3 keys of photos and renditions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RAW_PREFIX: Final = "raw/"
THUMBS_PREFIX: Final = "thumbs/"
MAX_FILENAME_CHARACTERS: Final = 255

EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/webp": "webp",
        "image/gif": "gif",
        "image/tiff": "tif",
        "image/bmp": "bmp",
        "image/avif": "avif",
        "image/heic": "heic",
        "image/heif": "heif",
    }
)
"""The content types that may be uploaded, and the extensions of their keys."""

_VERSION_LENGTH: Final = 8


def raw_key(image_id: str, content_type: str) -> str:
    """Return the key that a reserved upload goes to.

    Args:
        image_id: The upload's ULID.
        content_type: One of `EXTENSIONS`.
    """
    return f"{RAW_PREFIX}{image_id}.{EXTENSIONS[content_type]}"


def filename_of(key: str) -> str:
    """Return the filename of a photo that was put under `raw/` without the API: the last part of its key."""
    name = key.rstrip("/").rpartition("/")[2]
    return name[-MAX_FILENAME_CHARACTERS:]


def version_of(etag: str) -> str:
    """Return the part of a rendition's key that changes with its source's content."""
    return etag.strip('"')[:_VERSION_LENGTH]


def rendition_key(image_id: str, version: str, width: int, extension: str) -> str:
    """Return the key of one rendition."""
    return f"{renditions_prefix(image_id)}{version}/{width}.{extension}"


def renditions_prefix(image_id: str) -> str:
    """Return the folder of all renditions of an image, those of replaced sources included."""
    return f"{THUMBS_PREFIX}{image_id}/"


def version_in(rendition_key: str) -> str:
    """Return the version that a rendition's key names."""
    return rendition_key.split("/")[2]
