"""Print the table of docs/image-engine.md: `python -m images.attention.report`, with `src` and `tests` on the path."""

import sys
from collections.abc import Iterator
from statistics import fmean
from typing import Final

from PIL import Image

from images.attention.crops import Crop, Size, by_centre, by_libvips, by_thumbpipe, smartcrop
from images.attention.photos import Photo, marked_photos

Shares = dict[str, dict[str, float]]
"""By shape and photo: the share of its subject that is kept."""

SHAPES: Final = {"square": (1, 1), "16:9": (16, 9), "9:16": (9, 16)}
_MOST: Final = 0.9


def largest(image: Image.Image, shape: Size) -> Size:
    """Return the largest size of a shape that fits into a picture."""
    factor = min(image.width / shape[0], image.height / shape[1])
    return round(shape[0] * factor), round(shape[1] * factor)


def shares(photos: list[Photo], crop: Crop) -> Shares:
    """Crop all photos to all shapes."""
    return {
        name: {photo.name: photo.share_kept(crop(photo.image, largest(photo.image, shape))) for photo in photos}
        for name, shape in SHAPES.items()
    }


def mean(measured: Shares) -> float:
    """Return the share that is kept on average."""
    return fmean(share for photos in measured.values() for share in photos.values())


def measured_by_all() -> dict[str, Shares]:
    """Measure thumbpipe, its peers, and cropping the centre."""
    photos = list(marked_photos())
    with smartcrop() as by_smartcrop:
        crops = {"thumbpipe": by_thumbpipe, "libvips": by_libvips, "smartcrop.js": by_smartcrop, "centre": by_centre}
        return {name: shares(photos, crop) for name, crop in crops.items()}


def table(measured: dict[str, Shares]) -> Iterator[str]:
    """Yield the table's lines."""
    yield "| window by | " + " | ".join(SHAPES) + " | all | crops that lose more than a tenth |"
    yield "| --- |" + " ---: |" * (len(SHAPES) + 2)
    for name, by_shape in measured.items():
        cells = [f"{100 * fmean(photos.values()):.1f} %" for photos in by_shape.values()]
        losing = [share for photos in by_shape.values() for share in photos.values() if share < _MOST]
        yield f"| {name} | " + " | ".join(cells) + f" | {100 * mean(by_shape):.1f} % | {len(losing)} |"


def main() -> None:
    """Print the table, and the crops that lose more than a tenth."""
    measured = measured_by_all()
    sys.stdout.write("\n".join(table(measured)) + "\n")
    for name, by_shape in measured.items():
        for shape, photos in by_shape.items():
            losing = ", ".join(f"{photo} {share:.2f}" for photo, share in photos.items() if share < _MOST)
            sys.stdout.write(f"{name}, {shape}: {losing or 'none'}\n")


if __name__ == "__main__":
    main()
