"""What a GIF shows where no frame has painted, beside Chromium."""

import io
import struct
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from images import make, written
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import OnTruncated, Recipe
from thumbpipe.core.imaging.render import render

PngOf = Callable[..., Image.Image]
RED: Final = "red"
GREEN: Final = "green"
BLUE: Final = "blue"
NOTHING: Final = "nothing"
COLOURS: Final = {RED: (*make.RED, 255), GREEN: (*make.GREEN, 255), BLUE: (*make.BLUE, 255)}
SPOTS: Final = ((1, 1), (6, 1), (6, 6))
WHOLE: Final = (0, 0, 8, 8)
LEFT: Final = (0, 0, 4, 8)
CORNER: Final = (4, 0, 4, 4)


def frame(place: tuple[int, int, int, int], index: int, disposal: int, clear: int | None = None) -> bytes:
    return written.gif_frame(place, [[index] * place[2]] * place[3], disposal=disposal, clear=clear)


# Frames, and what Chromium 156 shows of each at the spots (its ImageDecoder, drawn on an empty canvas).
CHROMIUM: Final = {
    "a part is cleared": (
        [frame(WHOLE, 0, 1), frame(LEFT, 1, 2), frame(CORNER, 2, 1)],
        [(RED, RED, RED), (GREEN, RED, RED), (NOTHING, BLUE, RED)],
    ),
    "all is cleared": ([frame(WHOLE, 0, 2), frame(CORNER, 2, 1)], [(RED, RED, RED), (NOTHING, BLUE, NOTHING)]),
    "all is cleared, with a transparent index": (
        [frame(WHOLE, 0, 2, clear=3), frame(CORNER, 2, 1)],
        [(RED, RED, RED), (NOTHING, BLUE, NOTHING)],
    ),
    "a frame that does not fill the canvas": ([frame(CORNER, 2, 1)], [(NOTHING, BLUE, NOTHING)]),
}


@pytest.mark.parametrize("name", CHROMIUM)
def test_unpainted_pixels_are_transparent_as_in_chromium(name: str) -> None:
    frames, expected = CHROMIUM[name]
    rendered = render(written.gif((8, 8), *frames), Recipe(widths=(8,)), Limits())
    assert rendered.facts.has_alpha
    with Image.open(io.BytesIO(rendered.renditions[0].data)) as image:
        for index, colours in enumerate(expected):
            image.seek(index)
            for spot, colour in zip(SPOTS, colours, strict=True):
                pixel = image.convert("RGBA").getpixel(spot)
                assert isinstance(pixel, tuple)
                if colour == NOTHING:
                    assert pixel[3] == 0
                else:
                    assert pixel == pytest.approx(COLOURS[colour], abs=8)


def test_frames_that_keep_what_is_below_are_opaque() -> None:
    source = written.gif((8, 8), frame(WHOLE, 0, 1), frame(LEFT, 1, 1), frame(CORNER, 2, 2))
    assert not probe(source, Limits()).has_alpha


def test_a_place_that_is_cleared_and_painted_at_once_is_opaque() -> None:
    covered = written.gif((8, 8), frame(WHOLE, 0, 2), frame(WHOLE, 1, 2), frame(WHOLE, 2, 2))
    assert not probe(covered, Limits()).has_alpha
    pierced = written.gif((8, 8), frame(WHOLE, 0, 2), frame(WHOLE, 1, 2, clear=1))
    assert probe(pierced, Limits()).has_alpha


@pytest.mark.parametrize("colours", [255, 256])
def test_a_frame_of_all_indices_has_none_to_spare(colours: int, png_of: PngOf) -> None:
    """One of 255 colours shows nothing around it; one of all 256 cannot be told from its background."""
    grey = Image.new("L", (16, 16))
    grey.putdata([index % colours for index in range(256)])
    whole = make.saved(grey.convert("P"), "GIF")
    at = whole.index(b"\x2c\0\0\0\0")
    placed = whole[:6] + struct.pack("<HH", 32, 32) + whole[10 : at + 1] + struct.pack("<HH", 16, 16) + whole[at + 5 :]
    image = png_of(placed).convert("RGBA")
    assert image.size == (32, 32)
    assert image.getpixel((20, 20)) == pytest.approx((68, 68, 68, 255), abs=1)
    corner = image.getpixel((4, 4))
    assert isinstance(corner, tuple)
    assert corner[3] == (0 if colours == 255 else 255)


def test_a_frame_without_a_graphic_control_gets_one(png_of: PngOf) -> None:
    source = written.gif((8, 8), frame(CORNER, 2, 0)[8:])
    image = png_of(source).convert("RGBA")
    assert [image.getchannel("A").getpixel(spot) for spot in SPOTS] == [0, 255, 0]


def test_a_truncated_frame_on_an_empty_canvas_is_shown_if_the_recipe_allows_it() -> None:
    whole = make.saved(Image.effect_noise((64, 64), 60), "GIF")
    placed = whole[:6] + struct.pack("<HH", 80, 80) + whole[10:]
    recipe = Recipe(widths=(80,), on_truncated=OnTruncated.RENDER)
    rendered = render(placed[: len(placed) // 2], recipe, Limits())
    assert (rendered.facts.width, rendered.facts.height) == (80, 80)
