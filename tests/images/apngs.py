"""Write animated PNGs: hidden default images, interlaced frames, every depth and disposal."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from images.make import png_chunk

_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame of one colour: its samples, position and size, duration in ms, disposal and blending."""

    pixel: tuple[int, ...]
    box: tuple[int, int, int, int] | None = None
    ms: int = 100
    disposal: int = 0
    blending: int = 0


def apng(  # noqa: PLR0913 - each is a property in which animations differ
    size: tuple[int, int],
    frames: Sequence[Frame],
    *,
    hidden: tuple[int, ...] | None = None,
    depth: int = 8,
    colour_type: int = 2,
    interlaced: bool = False,
    plays: int = 0,
    chunks: tuple[bytes, ...] = (),
) -> bytes:
    """Write an animation.

    Args:
        size: Of the canvas.
        frames: The frames.
        hidden: The colour of a default image that is not a frame.
        depth: Bits per sample.
        colour_type: As PNG numbers it.
        interlaced: Whether pixels are stored in seven passes.
        plays: How often it plays; 0 is forever.
        chunks: Chunks before the pixels.
    """
    parts = [
        b"\x89PNG\r\n\x1a\n",
        png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, interlaced)),
        *chunks,
        png_chunk(b"acTL", struct.pack(">II", len(frames), plays)),
    ]
    sequence = 0
    if hidden is not None:
        parts.append(png_chunk(b"IDAT", _pixels(size, hidden, depth, interlaced=interlaced)))
    for index, frame in enumerate(frames):
        left, top, width, height = frame.box or (0, 0, *size)
        control = struct.pack(
            ">IIIIIHHBB", sequence, width, height, left, top, frame.ms, 1000, frame.disposal, frame.blending
        )
        parts.append(png_chunk(b"fcTL", control))
        sequence += 1
        data = _pixels((width, height), frame.pixel, depth, interlaced=interlaced)
        if index == 0 and hidden is None:
            parts.append(png_chunk(b"IDAT", data))
            continue
        for part in (data[: len(data) // 2], data[len(data) // 2 :]):
            parts.append(png_chunk(b"fdAT", struct.pack(">I", sequence) + part))
            sequence += 1
    return b"".join([*parts, png_chunk(b"IEND", b"")])


def _pixels(size: tuple[int, int], pixel: tuple[int, ...], depth: int, *, interlaced: bool) -> bytes:
    rows = b""
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, lines = -(-(size[0] - left) // across), -(-(size[1] - top) // down)
        if columns > 0 and lines > 0:
            rows += (b"\0" + _row(columns, pixel, depth)) * lines
    return zlib.compress(rows)


def _row(columns: int, pixel: tuple[int, ...], depth: int) -> bytes:
    bits = "".join(format(sample, f"0{depth}b") for sample in pixel) * columns
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
