"""An animated WebP holds what changes: whole pictures in between would be encoded twice, and have more bytes."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.encode.animation import Animation, encode_animation
from thumbpipe.core.imaging.recipe import Recipe

SIZE: Final = (160, 120)


def frame_sizes(webp: bytes) -> Iterator[tuple[int, int]]:
    """Read the width and height of each frame's rectangle."""
    at = 12
    while at < len(webp):
        kind, length = webp[at : at + 4], struct.unpack("<I", webp[at + 4 : at + 8])[0]
        if kind == b"ANMF":
            width, height = (int.from_bytes(webp[at + 8 + skip : at + 11 + skip], "little") + 1 for skip in (6, 9))
            yield width, height
        at += 8 + length + length % 2


def test_only_the_first_frame_is_a_whole_picture() -> None:
    frames = []
    for step in range(24):
        frame = Image.radial_gradient("L").resize(SIZE).convert("RGB")
        frame.paste((255, 40, 0), (4 * step, 40, 4 * step + 16, 56))
        frames.append(frame)
    animation = Animation(frames=tuple(frames), durations_ms=(40,) * len(frames), plays=0)

    webp = encode_animation(animation, Recipe())

    first, *others = frame_sizes(webp)
    assert first == SIZE
    assert len(others) == len(frames) - 1
    assert max(width * height for width, height in others) < SIZE[0] * SIZE[1] / 8
    with Image.open(BytesIO(webp)) as shown:
        shown.seek(20)
        red, green, blue = shown.convert("RGB").getpixel((88, 48))  # type: ignore[misc]  # three bands, three values
    assert red > 2 * max(green, blue)  # the box is there by now
