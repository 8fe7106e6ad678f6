"""Local files: finding photos, their content types, and names for new files."""

import mimetypes
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from thumbpipe.cli.errors import UserError
from thumbpipe.core.catalog.object_keys import EXTENSIONS
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.open.sniff import SourceFormat, sniff

SNIFFED_BYTES: Final = 1024
MAX_NAME_BYTES: Final = 200
"""Of a name without its extension. File systems allow 255 bytes; the rest is for numbers that make names unique."""
MAX_ENDING_BYTES: Final = 21

TYPES_BY_FORMAT: Final = {
    SourceFormat.JPEG: "image/jpeg",
    SourceFormat.PNG: "image/png",
    SourceFormat.WEBP: "image/webp",
    SourceFormat.GIF: "image/gif",
    SourceFormat.TIFF: "image/tiff",
    SourceFormat.BMP: "image/bmp",
    SourceFormat.AVIF: "image/avif",
    SourceFormat.HEIC: "image/heic",
}
# Besides the extensions of S3 keys, those that cameras and people use.
TYPES_BY_ENDING: Final = {
    **{f".{ending}": content_type for content_type, ending in EXTENSIONS.items()},
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".tiff": "image/tiff",
    ".hif": "image/heif",
}


def content_type_of(path: Path) -> str:
    """Return a file's content type: by its content, else by its name.

    Raises:
        UserError: It cannot be read.
    """
    named = TYPES_BY_ENDING.get(path.suffix.lower())
    sniffed = _sniff_file(path)
    if sniffed is SourceFormat.HEIC and named == "image/heif":
        return named
    if sniffed:
        return TYPES_BY_FORMAT[sniffed]
    return named or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def find_photos(paths: Iterable[Path], *, leave_out: Path | None = None) -> list[tuple[Path, Path]]:
    """Find photos.

    Args:
        paths: Files, taken as they are, and folders, searched for photos at any depth. `-` is taken as it is.
        leave_out: A folder to skip if it lies inside a searched one: the thumbnails' own.

    Returns:
        Each photo with its path relative to the folder that was named, or its name.

    Raises:
        UserError: A folder has no photo.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if not path.is_dir():
            found.append((path, Path(path.name)))
            continue
        photos = list(_photos_in(path, leave_out))
        if not photos:
            raise UserError(f"There are no photos in {path}.")
        found += [(photo, photo.relative_to(path)) for photo in photos]
    return found


def _photos_in(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    left_out = leave_out.resolve() if leave_out else None
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if left_out and left_out != folder.resolve() and path.resolve().is_relative_to(left_out):
            continue
        if not hidden and path.is_file() and (path.suffix.lower() in TYPES_BY_ENDING or _is_photo(path)):
            yield path


def _is_photo(path: Path) -> bool:
    """Say whether a file is a photo by its content; one that has been removed meanwhile is not."""
    try:
        return _sniff_file(path) is not None
    except UserError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return False
        raise


def _sniff_file(path: Path) -> SourceFormat | None:
    try:
        with path.open("rb") as stream:
            return sniff(stream.read(SNIFFED_BYTES))
    except InvalidImageError:
        return None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}.") from error


class Names:
    """Makes unique paths in a folder, also on file systems that ignore case or Unicode normalisation.

    Nor is any of them the folder of another.

    Args:
        root: The folder. Files that are in it already are not overwritten.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._given: set[str] = set()
        self._above: set[str] = set()

    def unique(self, path: Path) -> Path:
        """Return the path, with a number in its name, or in its folder's, if it is used already."""
        folder = Path()
        for part in path.parent.parts:
            folder = self._numbered(folder / part, self._given)
            self._above.add(_key(folder))
        free = self._numbered(folder / path.name, self._given | self._above)
        self._given.add(_key(free))
        return free

    def _numbered(self, path: Path, taken: Collection[str]) -> Path:
        candidate, number = path, 2
        while _key(candidate) in taken or (self._root and (self._root / candidate).is_file()):
            candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
            number += 1
        return candidate


def _key(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def safe_name(name: str) -> str:
    """Make a safe filename: no path, no control characters, not hidden, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if character.isprintable() and character not in '<>:"|?*')
    stem, dot, ending = shown.strip(" .").rpartition(".")
    if not stem:
        return cut_to_bytes(ending, MAX_NAME_BYTES) or "photo"
    return f"{cut_to_bytes(stem, MAX_NAME_BYTES)}{cut_to_bytes(dot + ending, MAX_ENDING_BYTES)}"


def cut_to_bytes(text: str, limit: int) -> str:
    """Shorten a text to at most `limit` bytes of UTF-8, without splitting a character."""
    return text.encode()[:limit].decode(errors="ignore")
