"""The photos that the demo sends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thumbpipe_devkit.errors import NoPhotosError
from thumbpipe_devkit.paths import CHECKOUT

SAMPLES: Final = CHECKOUT / "tests" / "images" / "photos"
CONTENT_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A file and its content type, as a browser would state it."""

    path: Path
    content_type: str


def collect(named: Sequence[Path]) -> list[Photo]:
    """Return the photos in the named files and folders, or the samples if none are named.

    Raises:
        NoPhotosError: A file or folder does not exist, or there is no photo in them.
    """
    photos = [photo for path in named or [SAMPLES] for photo in _photos_of(path)]
    if not photos:
        raise NoPhotosError(f"there are none in {', '.join(map(str, named or [SAMPLES]))}")
    return photos


def _photos_of(path: Path) -> Iterator[Photo]:
    if not path.exists():
        raise NoPhotosError(f"{path} does not exist")
    if path.is_file():
        # Named by the user: if it is not an image, the API says so.
        yield Photo(path=path, content_type=CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream"))
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.suffix.lower() in CONTENT_TYPES:
            yield Photo(path=file, content_type=CONTENT_TYPES[file.suffix.lower()])
