"""ThumbHash (Evan Wallace, MIT): the coarsest cosine waves of a small picture, in some 25 bytes.

A cosine transform is separable. Pillow multiplies each row by the waves that run across it and takes the means, which
are multiplied by the waves that run down. The result is that of the reference implementation, except where a
value lies in the middle between two steps of the format: there, the last bit of each of its sums decides.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, floor, fsum, pi
from operator import mul
from typing import Any, Final, cast

from PIL import Image, ImageMath

_FLAT: Final = 1e-4
"""Waves that are all smaller are rounding errors, or too small for the smallest step of the format."""

_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class _Transform:
    """The cosine transform of a channel.

    Attributes:
        mean: Of the channel.
        scale: The height of its highest wave.
        waves: The others' heights, from 0 to 1, where 0.5 is none.
    """

    mean: float
    scale: float
    waves: tuple[float, ...]


def thumbhash(image: Image.Image) -> bytes:
    """Hash a picture.

    Args:
        image: In mode RGBA, no edge longer than 100 px.
    """
    width, height = image.size
    *colours, alpha = (band.convert("F").point(lambda value: value / 255 + 0.0) for band in image.split())
    has_alpha = image.getchannel("A").getextrema() != (255, 255)
    longest, finest = max(width, height), 5 if has_alpha else 7
    columns, rows = max(1, _round(finest * width / longest)), max(1, _round(finest * height / longest))
    red, green, blue = _on_their_mean(colours, alpha) if has_alpha else colours

    light = _transformed(_calculated(lambda x: (x["r"] + x["g"] + x["b"]) / 3, r=red, g=green, b=blue), columns, rows)
    yellow_blue = _transformed(_calculated(lambda x: (x["r"] + x["g"]) / 2 - x["b"], r=red, g=green, b=blue))
    red_green = _transformed(_calculated(lambda x: x["r"] - x["g"], r=red, g=green))
    channels = [light, yellow_blue, red_green]
    landscape = width > height
    head = (
        _round(63 * light.mean)
        | _round(31.5 + 31.5 * yellow_blue.mean) << 6
        | _round(31.5 + 31.5 * red_green.mean) << 12
        | _round(31 * light.scale) << 18
        | has_alpha << 23
    ).to_bytes(3, "little") + (
        (rows if landscape else columns)
        | _round(63 * yellow_blue.scale) << 3
        | _round(63 * red_green.scale) << 9
        | landscape << 15
    ).to_bytes(2, "little")
    if has_alpha:
        opacity = _transformed(alpha, 5, 5)
        channels.append(opacity)
        head += bytes([_round(15 * opacity.mean) | _round(15 * opacity.scale) << 4])
    return head + _packed([_round(15 * wave) for channel in channels for wave in channel.waves])


def _on_their_mean(colours: Sequence[Image.Image], alpha: Image.Image) -> list[Image.Image]:
    """Lay a picture on its own mean colour."""
    opacity = _mean(alpha)
    laid = []
    for colour in colours:
        visible = _calculated(lambda x: x["c"] * x["a"], c=colour, a=alpha)
        behind = _mean(visible) / opacity if opacity else 0.0
        laid.append(_calculated(lambda x, behind=behind: x["v"] + (1 - x["a"]) * behind, v=visible, a=alpha))
    return laid


def _transformed(channel: Image.Image, columns: int = 3, rows: int = 3) -> _Transform:
    """Transform a channel.

    Args:
        channel: In mode F.
        columns: How many waves across at most, the mean included; 3 at least.
        rows: How many waves down at most.
    """
    columns, rows = max(3, columns), max(3, rows)
    means = [_means_of_rows(channel, wave) for wave in range(columns)]
    down = [_cosines(wave, channel.height) for wave in range(rows)]
    mean, *waves = (
        fsum(map(mul, means[x], down[y])) / channel.height
        for y in range(rows)
        for x in range(columns)
        if x * rows < columns * (rows - y)
    )
    scale = max(map(abs, waves))
    if scale < _FLAT:
        return _Transform(mean, 0.0, (0.0,) * len(waves))
    return _Transform(mean, scale, tuple(0.5 + 0.5 / scale * wave for wave in waves))


def _means_of_rows(channel: Image.Image, wave: int) -> tuple[float, ...]:
    """Multiply each row by a wave, and take its mean."""
    row = struct.pack(f"{channel.width}f", *_cosines(wave, channel.width))
    product = _calculated(
        lambda x: x["c"] * x["w"], c=channel, w=Image.frombytes("F", channel.size, row * channel.height)
    )
    means = product.resize((1, channel.height), Image.Resampling.BOX)
    return struct.unpack(f"{channel.height}f", means.tobytes())


def _cosines(wave: int, length: int) -> list[float]:
    return [cos(pi / length * wave * (at + 0.5)) for at in range(length)]


def _mean(channel: Image.Image) -> float:
    return cast("float", channel.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)))


def _calculated(formula: Callable[..., Any], **channels: Image.Image) -> Image.Image:
    return cast("Image.Image", ImageMath.lambda_eval(formula, **channels))


def _round(value: float) -> int:
    """Round halves up, as JavaScript does; a half that only rounding errors hide counts as one on every platform."""
    return floor(round(value, _DECIMALS) + 0.5)


def _packed(nibbles: list[int]) -> bytes:
    if len(nibbles) % 2:
        nibbles.append(0)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
