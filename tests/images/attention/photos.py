"""Twenty photos whose subjects are marked by hand."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from images.corpora.fetch import CORPORA
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

Box = tuple[float, float, float, float]

SUBJECTS: Final = Path(__file__).with_name("subjects.toml")
SAMPLES: Final = Path(__file__).parents[1] / "photos"
DECODED_PX: Final = 640
"""All crop the same picture, decoded by us: some photos are HEIC, which no peer reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo and the position of its subject.

    Attributes:
        name: Of its file.
        image: Upright, in sRGB, at most 640 px wide.
        subject: Left, top, right and bottom, in its pixels.
    """

    name: str
    image: Image.Image
    subject: Box

    def share_kept(self, window: Box) -> float:
        """Return the share of the subject's area in a window, relative to what a window of its size could hold."""
        left, top, right, bottom = self.subject
        width = max(0.0, min(right, window[2]) - max(left, window[0]))
        height = max(0.0, min(bottom, window[3]) - max(top, window[1]))
        most = min(right - left, window[2] - window[0]) * min(bottom - top, window[3] - window[1])
        return width * height / most


def marked_photos() -> Iterator[Photo]:
    """Yield the photos; those in packages are fetched once.

    Raises:
        UnreachableError: They cannot be fetched.
    """
    corpora = {corpus.name: corpus for corpus in CORPORA}
    for origin, subjects in tomllib.loads(SUBJECTS.read_text(encoding="utf-8")).items():
        pictures = corpora[origin].pictures() if origin in corpora else {}
        for name, percent in subjects.items():
            inside = (source for path, source in pictures.items() if path.endswith(f"/{name}"))
            yield _photo(name, next(inside) if pictures else (SAMPLES / name).read_bytes(), percent)


def _photo(name: str, source: bytes, percent: list[int]) -> Photo:
    recipe = Recipe(widths=(DECODED_PX,), formats=(OutputFormat.PNG,))
    image = Image.open(BytesIO(render(source, recipe, Limits()).renditions[0].data)).convert("RGB")
    left, top, right, bottom = (each / 100 for each in percent)
    width, height = image.size
    subject = (left * width, top * height, right * width, bottom * height)
    return Photo(name=name.rpartition("/")[2], image=image, subject=subject)
