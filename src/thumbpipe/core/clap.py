"""The clean aperture: the part of a stored AVIF or HEIC that is shown.

Pillow's AVIF leaves it to others; libheif 1.23 refuses pictures that are much larger than it. So it is cut out here.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any

from PIL import ImageFile

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aperture:
    """A clean aperture as a file states it.

    Args:
        numbers: Numerators and denominators of its width and height, and of how far its middle is off the picture's.
        at: Where those lie in the file.
        size: The stored picture's, as announced.
        turns: The boxes that turn the picture afterwards, and their values: `irot` by quarters against the clock,
            `imir` 0 upside down or 1 left to right.
    """

    numbers: tuple[int, ...]
    at: int
    size: tuple[int, int]
    turns: tuple[tuple[bytes, int], ...] = ()

    def opened(self, source: bytes) -> bytes:
        """Return the file with an aperture as large as the picture, so that its decoder shows all."""
        numbers = struct.pack(">8i", self.size[0], 1, self.size[1], 1, 0, 1, 0, 1)
        return source[: self.at] + numbers + source[self.at + len(numbers) :]

    def rectangle(self, size: tuple[int, int]) -> Rectangle:
        """Work out what is shown of a picture as it is stored: left, top, and the ends behind it.

        Args:
            size: The whole picture's.

        Raises:
            ValueError: Nothing of the picture would be shown.
        """
        if not all(self.numbers[1::2]):
            raise ValueError("its clean aperture is divided by nothing")
        pairs = zip(self.numbers[0::2], self.numbers[1::2], strict=True)
        width, height, across, down = (Fraction(*pair) for pair in pairs)
        left, right = _span(width, across, size[0])
        top, bottom = _span(height, down, size[1])
        return left, top, right, bottom

    def turned_rectangle(self, size: tuple[int, int]) -> Rectangle:
        """Return the same for a decoder that turns the picture itself.

        Args:
            size: The whole picture's, turned.
        """
        quarters = sum(value for kind, value in self.turns if kind == b"irot")
        width, height = size[::-1] if quarters % 2 else size
        box = self.rectangle((width, height))
        for kind, value in self.turns:
            left, top, right, bottom = box
            if kind == b"imir":
                box = (
                    (width - right, top, width - left, bottom)
                    if value
                    else (left, height - bottom, right, height - top)
                )
            for _ in range(value if kind == b"irot" else 0):
                left, top, right, bottom = box
                box = top, width - right, bottom, width - left
                width, height = height, width
        return box


def _span(length: Fraction, offset: Fraction, whole: int) -> tuple[int, int]:
    first = (offset + Fraction(whole - 1, 2) - (length - 1) / 2).__floor__()
    start, end = max(0, first), min(whole, first + length.__ceil__())
    if start >= end:
        raise ValueError("its clean aperture is outside of it")
    return start, end


class ClippedFile(ImageFile.ImageFile):
    """A part of a lazy picture, as lazy.

    Args:
        whole: The picture.
        rectangle: What is shown of it.
    """

    def __init__(self, whole: ImageFile.ImageFile, rectangle: Rectangle) -> None:
        self._whole, self._rectangle = whole, rectangle
        self._decoded: int | None = None
        super().__init__(BytesIO())

    def _open(self) -> None:
        left, top, right, bottom = self._rectangle
        self._mode, self._size = self._whole.mode, (right - left, bottom - top)
        self.info, self.format = self._whole.info, self._whole.format

    @property
    def n_frames(self) -> int:
        """How many frames it has."""
        return int(getattr(self._whole, "n_frames", 1))

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._whole.seek(frame)

    def tell(self) -> int:
        """Return the frame that it is at."""
        return self._whole.tell()

    def load(self) -> Any:  # noqa: ANN401 (as in Pillow, whose type has no public name)
        """Decode the frame whole, and cut it."""
        if self._decoded != self.tell():
            self._whole.load()
            self._decoded = self.tell()
            self.im = self._whole.im.crop(self._rectangle)
            self.info = self._whole.info
        return super().load()
