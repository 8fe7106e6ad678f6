"""Draw placeholders: ThumbHashes, as the reference implementation draws them."""

import math
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

_EDGE_PX: Final = 32
_SATURATION: Final = 1.25  # compensates for quantisation

Waves = list[tuple[int, int, float]]


def blur(placeholder: str) -> Image.Image:
    """Draw a placeholder: RGBA, 32 pixels at its longer edge.

    Args:
        placeholder: A ThumbHash in base64.
    """
    code = _Code(b64decode(placeholder))
    width, height = code.size
    image = Image.new("RGBA", (width, height))
    image.putdata([code.colour((x + 0.5) / width, (y + 0.5) / height) for y in range(height) for x in range(width)])
    return image


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel: its mean, and cosines over it."""

    mean: float
    waves: Waves

    def at(self, x: float, y: float) -> float:
        return self.mean + sum(
            weight * math.cos(math.pi * x * across) * math.cos(math.pi * y * down) * 2
            for across, down, weight in self.waves
        )


class _Code:
    """The fields of a ThumbHash."""

    def __init__(self, code: bytes) -> None:
        head, tail = int.from_bytes(code[:3], "little"), int.from_bytes(code[3:5], "little")
        has_alpha, landscape = bool(head >> 23), bool(tail >> 15)
        longest, shortest = (5 if has_alpha else 7), tail & 7
        self._across, self._down = (longest, shortest) if landscape else (shortest, longest)
        nibbles = _nibbles(code[6 if has_alpha else 5 :])
        self._light = _channel(
            (head & 63) / 63, (head >> 18 & 31) / 31, (max(3, self._across), max(3, self._down)), nibbles
        )
        self._yellow = _channel((head >> 6 & 63) / 31.5 - 1, (tail >> 3 & 63) / 63 * _SATURATION, (3, 3), nibbles)
        self._red = _channel((head >> 12 & 63) / 31.5 - 1, (tail >> 9 & 63) / 63 * _SATURATION, (3, 3), nibbles)
        self._alpha = (
            _channel((code[5] & 15) / 15, (code[5] >> 4) / 15, (5, 5), nibbles) if has_alpha else _Channel(1.0, [])
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height; the aspect ratio is approximately the picture's."""
        ratio = self._across / self._down
        return (
            (_EDGE_PX, math.floor(_EDGE_PX / ratio + 0.5))
            if ratio > 1
            else (math.floor(_EDGE_PX * ratio + 0.5), _EDGE_PX)
        )

    def colour(self, x: float, y: float) -> tuple[int, int, int, int]:
        """Return the colour at a position; 0 to 1 from edge to edge."""
        light, yellow, red = self._light.at(x, y), self._yellow.at(x, y), self._red.at(x, y)
        blue = light - 2 / 3 * yellow
        warm = (3 * light - blue + red) / 2
        return _byte(warm), _byte(warm - red), _byte(blue), _byte(self._alpha.at(x, y))


def _nibbles(code: bytes) -> Iterator[int]:
    for byte in code:
        yield byte & 15
        yield byte >> 4


def _channel(mean: float, scale: float, size: tuple[int, int], nibbles: Iterator[int]) -> _Channel:
    across, down = size
    places = [(x, y) for y in range(down) for x in range(across) if (x or y) and x * down < across * (down - y)]
    return _Channel(mean, [(x, y, (next(nibbles) / 7.5 - 1) * scale) for x, y in places])


def _byte(value: float) -> int:
    return max(0, int(255 * min(1.0, value)))
