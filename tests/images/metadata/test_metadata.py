"""Renditions contain only pixels: exiftool, which is independent of Pillow, finds no metadata in any of them."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from images.corpora.fetch import CORPORA, UnreachableError
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

Pictures = Callable[[], Iterator[tuple[str, bytes]]]

IMAGES: Final = Path(__file__).parents[1]
RECIPE: Final = Recipe(widths=(40, 320), formats=tuple(OutputFormat))
SAMPLED: Final = ("Pillow", "pillow-heif", "piexif", "thumbor", "Wand", "imagesize")
SAMPLE_STEP: Final = 7
CARRIERS: Final = (b"Exif\0\0", b"http://ns.adobe.com/xap", b"Photoshop 3.0", b"ICC_PROFILE", b"iCCP", b"ICCP", b"XMP ")

# exiftool's groups of tags about a file's own pixels, and about its location on this disk.
OF_THE_PIXELS: Final = {"ExifTool", "System", "File", "Composite", "JFIF", "RIFF", "PNG", "QuickTime", "Meta"}
TELLING: Final = {
    "Comment",
    "Copyright",
    "Artist",
    "Software",
    "Make",
    "Model",
    "Title",
    "Description",
    "ImageDescription",
    "ThumbnailImage",
    "ThumbnailOffset",
    "PreviewImage",
    "MPImage2",
    "ProfileDescription",
    "ModifyDate",
    "CreateDate",
    "Warning",
}


pytestmark = pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")


def sources() -> Iterator[tuple[str, bytes]]:
    for folder in ("photos", "made"):
        for path in sorted((IMAGES / folder).iterdir()):
            if path.suffix not in {".md", ".json", ".py"}:
                yield f"{folder}/{path.name}", path.read_bytes()


def sampled() -> Iterator[tuple[str, bytes]]:
    """Return every seventh of the corpora's pictures that have any metadata."""
    for corpus in CORPORA:
        if corpus.name in SAMPLED:
            try:
                pictures = corpus.pictures()
            except UnreachableError as error:
                pytest.skip(f"{corpus.package} cannot be fetched: {error}")
            carrying = [name for name, content in pictures.items() if any(each in content for each in CARRIERS)]
            for name in carrying[::SAMPLE_STEP]:
                yield name, pictures[name]


def write_outputs(pictures: Iterator[tuple[str, bytes]], folder: Path) -> int:
    """Write every rendition of every picture that can be rendered; return the number of pictures."""
    rendered = 0
    for number, (_, source) in enumerate(pictures):
        try:
            renditions = render(source, RECIPE, Limits()).renditions
        except InvalidImageError:
            continue
        rendered += 1
        for each in renditions:
            (folder / f"{number}-{each.width}.{each.format.extension}").write_bytes(each.data)
    return rendered


def found_by_exiftool(folder: Path) -> list[dict[str, object]]:
    """Return what exiftool finds in each file, including unknown tags, embedded files and duplicates."""
    command = ["exiftool", "-json", "-G1", "-a", "-u", "-ee", str(folder)]
    found = subprocess.run(command, capture_output=True, check=False, timeout=120)
    return list(json.loads(found.stdout))


def metadata(found: dict[str, object]) -> dict[str, object]:
    """Keep only what is not about pixels."""
    tags = {key: key.partition(":")[0::2] for key in found if ":" in key}
    return {
        key: found[key]
        for key, (group, tag) in tags.items()
        if group not in OF_THE_PIXELS or tag in TELLING or "GPS" in tag or "Thumbnail" in tag
    }


def test_exiftool_finds_metadata_that_is_there(tmp_path: Path) -> None:
    shutil.copy(IMAGES / "made" / "orientation-6.jpg", tmp_path)
    (found,) = found_by_exiftool(tmp_path)
    assert {"IFD0:Make", "GPS:GPSLatitude"} <= set(metadata(found))


@pytest.mark.parametrize(("pictures", "at_least"), [(sources, 30), (sampled, 20)], ids=["ours", "corpora"])
def test_no_output_carries_metadata(pictures: Pictures, at_least: int, tmp_path: Path) -> None:
    rendered = write_outputs(pictures(), tmp_path)

    results = found_by_exiftool(tmp_path)

    assert rendered >= at_least
    assert len(results) == len(list(tmp_path.iterdir()))
    assert {str(found["SourceFile"]): metadata(found) for found in results if metadata(found)} == {}
