"""Animated PNGs: which picture is a frame, when, and what is below it."""

import io
import struct
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image, ImageSequence

from images import apngs, make
from images.apngs import Frame
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

PngOf = Callable[..., Image.Image]
SIZE: Final = (40, 30)
RED: Final = (220, 0, 0)
GREEN: Final = (0, 220, 0)
BLUE: Final = (0, 0, 220)
YELLOW: Final = (220, 220, 0)
THREE: Final = (Frame(pixel=GREEN, ms=100), Frame(pixel=BLUE, ms=200), Frame(pixel=YELLOW, ms=300))


def play(source: bytes) -> list[tuple[Image.Image, int]]:
    """Return the frames of the WebP that is made of it, with their durations."""
    recipe = Recipe(widths=(SIZE[0],), formats=(OutputFormat.WEBP,), quality=100)
    (rendition,) = render(source, recipe, Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        return [(frame.convert("RGBA"), frame.info.get("duration", 0)) for frame in ImageSequence.Iterator(image)]


def shown(source: bytes, at: tuple[int, int] = (20, 15)) -> list[object]:
    return [frame.getpixel(at) for frame, _ in play(source)]


def near(*colours: tuple[int, ...]) -> list[object]:
    return [pytest.approx((*colour, 255)[:4], abs=8) for colour in colours]


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("hidden", [None, RED])
def test_a_hidden_default_picture_is_no_frame(hidden: tuple[int, ...] | None, interlaced: bool) -> None:  # noqa: FBT001 - what is expected
    source = apngs.apng(SIZE, THREE, hidden=hidden, interlaced=interlaced)
    assert shown(source) == near(GREEN, BLUE, YELLOW)
    assert [duration for _, duration in play(source)] == [100, 200, 300]


@pytest.mark.parametrize("frames", [THREE, THREE[:1]])
def test_stills_show_the_first_frame_of_the_animation(png_of: PngOf, frames: tuple[Frame, ...]) -> None:
    source = apngs.apng(SIZE, frames, hidden=RED)
    assert png_of(source).convert("RGBA").getpixel((20, 15)) == near(GREEN)[0]
    large = apngs.apng((600, 480), frames, hidden=RED)
    assert png_of(large, 100).convert("RGBA").getpixel((50, 40)) == near(GREEN)[0]


def test_one_frame_beside_a_hidden_picture_is_what_the_still_webp_shows() -> None:
    assert shown(apngs.apng(SIZE, THREE[:1], hidden=RED)) == near(GREEN)


KINDS: Final = {
    (0, 1): ((0,), (1,), ()),
    (0, 8): ((0,), (255,), ()),
    (0, 16): ((0,), (65535,), ()),
    (2, 8): ((0, 0, 0), (255, 255, 255), ()),
    (2, 16): ((0, 0, 0), (65535,) * 3, ()),
    (3, 1): ((0,), (1,), (make.png_chunk(b"PLTE", b"\0\0\0\xff\xff\xff"),)),
    (3, 4): ((0,), (1,), (make.png_chunk(b"PLTE", b"\0\0\0\xff\xff\xff"),)),
    (4, 8): ((0, 255), (255, 255), ()),
    (4, 16): ((0, 65535), (65535, 65535), ()),
    (6, 8): ((0, 0, 0, 255), (255,) * 4, ()),
    (6, 16): ((0, 0, 0, 65535), (65535,) * 4, ()),
}


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_frames_of_every_kind(kind: tuple[int, int], interlaced: bool) -> None:  # noqa: FBT001
    black, white, chunks = KINDS[kind]
    frames = (Frame(pixel=black), Frame(pixel=white))
    for hidden in (None, white):
        source = apngs.apng(
            SIZE, frames, hidden=hidden, depth=kind[1], colour_type=kind[0], interlaced=interlaced, chunks=chunks
        )
        assert shown(source) == near((0, 0, 0), (255, 255, 255))


@pytest.mark.parametrize("interlaced", [False, True])
def test_a_frame_of_a_part_lies_on_those_before_and_on_nothing_else(interlaced: bool) -> None:  # noqa: FBT001
    part = (10, 5, 20, 20)
    frames = (Frame(pixel=(*GREEN, 255), box=part), Frame(pixel=(*BLUE, 255), box=(14, 8, 14, 14)))
    source = apngs.apng(SIZE, frames, hidden=(*RED, 255), colour_type=6, interlaced=interlaced)
    assert shown(source, (20, 15)) == near(GREEN, BLUE)
    assert shown(source, (11, 23)) == near(GREEN, GREEN)
    assert [pixel[3] for pixel in shown(source, (2, 2)) if isinstance(pixel, tuple)] == [0, 0]


def test_disposal_and_blending_are_as_the_specification_has_them() -> None:
    clear, half = (0, 0, 0, 0), (10, 5, 20, 20)
    whole = Frame(pixel=(*GREEN, 255))
    cleared = apngs.apng(
        SIZE,
        (whole, Frame(pixel=(*BLUE, 255), box=half, disposal=1), Frame(pixel=clear, box=(0, 0, 1, 1))),
        colour_type=6,
    )
    assert [pixel[3] for pixel in shown(cleared) if isinstance(pixel, tuple)] == [255, 255, 0]
    restored = apngs.apng(
        SIZE,
        (whole, Frame(pixel=(*BLUE, 255), box=half, disposal=2), Frame(pixel=clear, box=(0, 0, 1, 1))),
        colour_type=6,
    )
    assert shown(restored) == near(GREEN, BLUE, GREEN)
    over = apngs.apng(SIZE, (whole, Frame(pixel=(*BLUE, 0), box=half, blending=1)), colour_type=6)
    assert shown(over)[-1:] == near(GREEN)  # two equal frames become one
    replaced = apngs.apng(SIZE, (whole, Frame(pixel=(*BLUE, 0), box=half, blending=0)), colour_type=6)
    assert [pixel[3] for pixel in shown(replaced) if isinstance(pixel, tuple)] == [255, 0]


@pytest.mark.parametrize("plays", [0, 3])
def test_it_plays_as_often_as_it_says(plays: int) -> None:
    source = apngs.apng(SIZE, THREE, hidden=RED, plays=plays)
    (rendition,) = render(source, Recipe(widths=(40,), formats=(OutputFormat.WEBP,)), Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        assert image.info["loop"] == plays


def out_of_order(source: bytes) -> bytes:
    """Take out the frame in the middle."""
    _, second, third = (at - 4 for at in places(source, b"fcTL"))
    return source[:second] + source[third:]


def places(source: bytes, kind: bytes) -> list[int]:
    return [at for at in range(len(source)) if source.startswith(kind, at)]


def damaged(source: bytes, kind: bytes) -> bytes:
    """Break the checksum of the last chunk of a kind."""
    at = source.rindex(kind) + 9
    return source[:at] + bytes([source[at] ^ 1]) + source[at + 1 :]


def without(source: bytes, kind: bytes) -> bytes:
    """Take out all chunks of a kind."""
    for at in reversed(places(source, kind)):
        end = at + 8 + int.from_bytes(source[at - 4 : at], "big")
        source = source[: at - 4] + source[end:]
    return source


UNSOUND: Final[dict[str, Callable[[bytes], bytes]]] = {
    "a broken fcTL": lambda source: damaged(source, b"fcTL"),
    "a broken fdAT": lambda source: damaged(source, b"fdAT"),
    "a broken acTL": lambda source: damaged(source, b"acTL"),
    "out of order": out_of_order,
    "no fcTL": lambda source: without(source, b"fcTL"),
    "no fdAT": lambda source: without(source, b"fdAT"),
    "no acTL": lambda source: without(source, b"acTL"),
}


@pytest.mark.parametrize("hidden", [None, RED])
@pytest.mark.parametrize("fault", UNSOUND)
def test_an_animation_with_a_fault_shows_its_default_image_alone(hidden: tuple[int, ...] | None, fault: str) -> None:
    """Its chunks are ancillary: what is damaged or out of order is passed over with all that it says."""
    source = UNSOUND[fault](apngs.apng(SIZE, THREE, hidden=hidden))
    assert shown(source) == near(hidden or GREEN)


@pytest.mark.parametrize("box", [(30, 20, 11, 5), (0, 0, 0, 5), (1 << 31, 0, 5, 5)])
def test_a_frame_beyond_the_canvas_leaves_the_default_image(box: tuple[int, int, int, int]) -> None:
    assert shown(apngs.apng(SIZE, (*THREE, Frame(pixel=RED, box=box)), hidden=RED)) == near(RED)


def test_a_first_frame_smaller_than_its_own_pixels_leaves_the_default_image() -> None:
    source = apngs.apng(SIZE, (Frame(pixel=GREEN), Frame(pixel=BLUE)))
    at = source.index(b"fcTL")
    control = source[at + 4 : at + 8] + struct.pack(">II", 20, 15) + source[at + 16 : at + 30]
    assert shown(source[: at - 4] + make.png_chunk(b"fcTL", control) + source[at + 34 :]) == near(GREEN)


def test_fewer_frames_than_announced_are_those_that_are_there() -> None:
    source = apngs.apng(SIZE, THREE)
    last = source.rindex(b"fcTL") - 4
    assert shown(source[:last] + make.png_chunk(b"IEND", b"")) == near(GREEN, BLUE)


@pytest.mark.parametrize("cut", [b"fcTL", b"fdAT", b"IEND"])
def test_a_file_that_ends_before_its_last_frame_is_truncated(cut: bytes) -> None:
    source = apngs.apng(SIZE, THREE)
    with pytest.raises(InvalidImageError) as refused:
        play(source[: source.rindex(cut) - (4 if cut == b"fcTL" else 6)])
    assert refused.value.code is ErrorCode.TRUNCATED
