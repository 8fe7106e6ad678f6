"""The clean aperture: the part of an AVIF or HEIC that is shown.

Pillow ignores an AVIF's, and libheif 1.23 refuses images that are much larger than theirs. So both are cropped here.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction

from thumbpipe.core.imaging.errors import DamagedError

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aperture:
    """A clean aperture, as the file states it.

    Attributes:
        numbers: Numerators and denominators of its width, its height, and the offsets of its centre from the image's.
        at: Their offset in the file.
        size: The image's size by its header.
        turns: The boxes that turn the image afterwards, and their values: `irot` counts quarter turns anticlockwise,
            `imir` is 0 for top to bottom, 1 for left to right.
    """

    numbers: tuple[int, ...]
    at: int
    size: tuple[int, int]
    turns: tuple[tuple[bytes, int], ...] = ()

    def opened(self, source: bytes) -> bytes:
        """Return the file with an aperture as large as the image, so that its decoder shows all of it."""
        numbers = struct.pack(">8i", self.size[0], 1, self.size[1], 1, 0, 1, 0, 1)
        return source[: self.at] + numbers + source[self.at + len(numbers) :]

    def rectangle(self, size: tuple[int, int]) -> Rectangle:
        """Return what is shown of the image as it is stored: left, top, right, bottom.

        Args:
            size: The whole image's.

        Raises:
            DamagedError: Nothing of the image would be shown.
        """
        if not all(self.numbers[1::2]):
            raise DamagedError("its clean aperture has a denominator of 0")
        pairs = zip(self.numbers[0::2], self.numbers[1::2], strict=True)
        width, height, across, down = (Fraction(*pair) for pair in pairs)
        left, right = _span(width, across, size[0])
        top, bottom = _span(height, down, size[1])
        return left, top, right, bottom

    def turned_rectangle(self, size: tuple[int, int]) -> Rectangle:
        """Return the same for a decoder that turns the image itself.

        Args:
            size: The whole image's, turned.
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
        raise DamagedError("its clean aperture lies outside the image")
    return start, end
