"""Make the photos of this folder from the packages that they come from, and CREDITS.md from credits.json.

    python prepare.py FOLDER    FOLDER holds the packages of credits.json, each unpacked into a folder of any name
    python prepare.py           writes CREDITS.md only

Needs Pillow, and pillow-heif for the encoder that pi-heif lacks.
"""

import importlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image

HERE: Final = Path(__file__).parent
# A pixel buffer turned this way is shown upright with that EXIF orientation.
TURNED_BY: Final = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
PICOS_DE_EUROPA: Final = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (43.0, 11.0, 51.0),
    ExifTags.GPS.GPSLongitudeRef: "W",
    ExifTags.GPS.GPSLongitude: (4.0, 51.0, 6.0),
}


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _encode(**options: str | int) -> Callable[[Path, Path], None]:
    def write(source: Path, target: Path) -> None:
        with Image.open(source) as photo:
            photo.convert("RGB").save(target, format=None, **options)

    return write


def _turn(orientation: int) -> Callable[[Path, Path], None]:
    def write(source: Path, target: Path) -> None:
        with Image.open(source) as photo:
            exif = Image.Exif()
            exif[ExifTags.Base.Orientation] = orientation
            photo.transpose(TURNED_BY[orientation]).save(target, quality=86, optimize=True, exif=exif)

    return write


def _place(source: Path, target: Path) -> None:
    with Image.open(source) as photo:
        exif = Image.Exif()
        exif[ExifTags.Base.Artist] = "Aitzol Berasategi"
        exif[ExifTags.Base.Copyright] = "Aitzol Berasategi, CC BY 4.0"
        exif[ExifTags.IFD.GPSInfo] = PICOS_DE_EUROPA
        photo.save(target, quality=82, optimize=True, exif=exif)


def _crop_to_heic(source: Path, target: Path) -> None:
    importlib.import_module("pillow_heif").register_heif_opener()
    with Image.open(source) as photo:
        photo.crop((1100, 300, 5132, 3324)).save(target, quality=42)


def _animate(source: Path, target: Path) -> None:
    with Image.open(source) as photo:
        steps = [0, 18, 36, 54, 72, 54, 36, 18]
        frames = [photo.convert("RGB").crop((x, 30, x + 340, 285)).quantize(96) for x in steps]
    frames[0].save(target, save_all=True, append_images=frames[1:], duration=150, loop=0)


MAKERS: Final[dict[str, Callable[[Path, Path], None]]] = {
    "autumn-hills.avif": _encode(quality=60, speed=6),
    "cat.gif": _animate,
    "drum-and-wine.jpg": _turn(8),
    "fig.webp": _encode(quality=86, method=6),
    "mountain-trail.jpg": _place,
    "nuthatch.heic": _crop_to_heic,
    "summer-palace.tif": _encode(compression="tiff_lzw"),
    "sunset.jpg": _turn(3),
    "two-dogs.jpg": _turn(6),
}


def _credits(photos: list[dict[str, str]]) -> str:
    rows = [
        f"| `{p['file']}` | {p['title']} | {p['author']} | [{p['license']}]({p['license_url']}) "
        f"| {p['source']}, `{p['source_path']}` | {p['changes']} |"
        for p in photos
    ]
    head = (
        "# Credits\n\nReal photographs, each under a licence that permits redistribution. Written by `prepare.py` from "
        "`credits.json`.\n\n| file | title | author | licence | source | changes |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def main(arguments: list[str]) -> None:
    """Write every photo whose package is in the given folder, then CREDITS.md."""
    photos: list[dict[str, str]] = json.loads((HERE / "credits.json").read_text("utf-8"))
    for photo in photos if arguments else ():
        (source,) = Path(arguments[0]).glob(f"*/{photo['source_path']}")
        MAKERS.get(photo["file"], _copy)(source, HERE / photo["file"])
    (HERE / "CREDITS.md").write_text(_credits(photos), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
