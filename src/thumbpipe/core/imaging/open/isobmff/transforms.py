"""Clean apertures, rotations and mirrorings in an order that decoders do not follow: they are applied here."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.open.isobmff.clean_aperture import Aperture

Size = tuple[int, int]
Step = tuple[bytes, tuple[int, ...]]

_ROTATED: Final = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
_MIRRORED: Final = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transforms:
    """What is done to a stored picture, in order.

    Attributes:
        steps: `clap` with its eight numbers, `irot` with its anticlockwise quarter turns, `imir` with its axis.
        stated_at: The offset and length of each one's association, in bytes.
    """

    steps: tuple[Step, ...]
    stated_at: tuple[tuple[int, int], ...]

    def without(self, source: bytes) -> bytes:
        """Return the file without these steps, so that its decoder shows the picture as it is stored."""
        copy = bytearray(source)
        for at, width in self.stated_at:
            copy[at : at + width] = bytes(width)
        return bytes(copy)

    def shown_size(self, size: Size) -> Size:
        """Return the size of the picture after these steps.

        Args:
            size: As it is stored.

        Raises:
            DamagedError: Nothing of it would be shown.
        """
        for kind, values in self.steps:
            if kind == b"clap":
                left, top, right, bottom = _rectangle(values, size)
                size = right - left, bottom - top
            elif kind == b"irot" and values[0] % 2:
                size = size[::-1]
        return size

    def apply(self, image: Image.Image) -> Image.Image:
        """Apply the steps to a picture."""
        for kind, values in self.steps:
            image = _APPLIED[kind](image, values)
        return image


def _rectangle(numbers: tuple[int, ...], size: Size) -> tuple[int, int, int, int]:
    return Aperture(numbers=numbers, at=0, size=size).rectangle(size)


def _turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


_APPLIED: Final[dict[bytes, Callable[[Image.Image, tuple[int, ...]], Image.Image]]] = {
    b"clap": lambda image, values: image.crop(_rectangle(values, image.size)),
    b"irot": lambda image, values: _turned(image, _ROTATED[values[0]]),
    b"imir": lambda image, values: _turned(image, _MIRRORED[values[0]]),
}


def read_step(kind: bytes, content: bytes) -> Step | None:
    """Read a step from its box; None if it is another kind of box, or too short."""
    if kind == b"clap" and len(content) >= struct.calcsize(">8i"):
        return kind, struct.unpack_from(">8i", content)
    if kind in {b"irot", b"imir"} and content:
        return kind, (content[0] & (3 if kind == b"irot" else 1),)
    return None
