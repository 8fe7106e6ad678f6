import io
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageSequence

from images import make, written
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import Rendition, render

WEBP: Final = Recipe(widths=(32,), formats=(OutputFormat.WEBP,))


def play(rendition: Rendition) -> tuple[list[tuple[object, int]], int]:
    """Return each frame's middle colour with its duration, and how often it plays."""
    with Image.open(io.BytesIO(rendition.data)) as image:
        frames: list[tuple[object, int]] = []
        for frame in ImageSequence.Iterator(image):
            colour = frame.convert("RGB").getpixel((frame.width // 2, frame.height // 2))
            frames.append((colour, frame.info["duration"]))
        return frames, int(image.info["loop"])


def shows(frames: list[tuple[object, int]], *colours: tuple[int, int, int]) -> bool:
    return [frame for frame, _ in frames] == [pytest.approx(colour, abs=6) for colour in colours]


@pytest.mark.parametrize("encoding", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_keeps_its_frames_and_their_timing(encoding: str) -> None:
    frames, _ = play(render(make.animated(encoding), WEBP, Limits()).renditions[0])
    assert shows(frames, make.RED, make.GREEN, make.BLUE)
    assert [duration for _, duration in frames] == [100, 200, 300]


@pytest.mark.parametrize("encoding", ["GIF", "WEBP", "PNG"])
def test_an_endless_animation_stays_endless(encoding: str) -> None:
    assert play(render(make.animated(encoding, loop=0), WEBP, Limits()).renditions[0])[1] == 0


@pytest.mark.parametrize(("encoding", "plays"), [("GIF", 3), ("WEBP", 2), ("PNG", 2)])
def test_an_animation_plays_as_often_as_its_source(encoding: str, plays: int) -> None:
    """GIF counts how often it is repeated, the others how often it plays."""
    assert play(render(make.animated(encoding, loop=2), WEBP, Limits()).renditions[0])[1] == plays


def test_a_gif_without_a_loop_plays_once() -> None:
    first, *rest = make.animation_frames(3)
    source = make.saved(first, "GIF", save_all=True, append_images=rest, duration=100)
    assert b"NETSCAPE" not in source
    assert play(render(source, WEBP, Limits()).renditions[0])[1] == 1


def test_too_many_frames_become_fewer_over_the_same_time() -> None:
    source = make.animated("GIF", durations=(100,) * 9)
    recipe = Recipe(widths=(32,), formats=(OutputFormat.WEBP,), animation_frames=6)
    frames, _ = play(render(source, recipe, Limits()).renditions[0])
    assert shows(frames, make.RED, make.BLUE, make.GREEN, make.RED, make.BLUE)
    assert [duration for _, duration in frames] == [200, 200, 200, 200, 100]


def test_too_many_pixels_become_fewer_frames_in_every_width_alike() -> None:
    source = make.animated("GIF", durations=(100,) * 9)
    recipe = Recipe(widths=(32, 64), formats=(OutputFormat.WEBP,), animation_pixels=5 * 64 * 48)
    lengths = [len(play(each)[0]) for each in render(source, recipe, Limits()).renditions]
    assert lengths == [5, 5]


def test_other_formats_show_the_first_frame() -> None:
    recipe = Recipe(widths=(32,), formats=(OutputFormat.WEBP, OutputFormat.JPEG, OutputFormat.PNG, OutputFormat.AVIF))
    _webp, *others = render(make.animated("GIF"), recipe, Limits()).renditions
    for rendition in others:
        with Image.open(io.BytesIO(rendition.data)) as image:
            assert getattr(image, "n_frames", 1) == 1
            assert image.convert("RGB").getpixel((16, 12)) == pytest.approx(make.RED, abs=3)


def test_an_animation_without_webp_is_a_still_picture() -> None:
    recipe = Recipe(widths=(32,), formats=(OutputFormat.JPEG,))
    (rendition,) = render(make.animated("GIF"), recipe, Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        assert image.getpixel((16, 12)) == pytest.approx(make.RED, abs=3)


def test_an_animation_at_its_original_size_is_not_resized() -> None:
    (rendition,) = render(make.animated("GIF"), Recipe(formats=(OutputFormat.WEBP,)), Limits()).renditions
    assert (rendition.width, rendition.height) == (64, 48)
    assert len(play(rendition)[0]) == 3


def test_an_animation_lying_on_its_side_ends_upright() -> None:
    frames = [make.stored_as(make.quadrants(64, 48), 6), make.stored_as(make.quadrants(64, 48).rotate(180), 6)]
    source = make.saved(
        frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, exif=make.exif_block(6), duration=100
    )
    (rendition,) = render(source, WEBP, Limits()).renditions
    assert (rendition.width, rendition.height) == (32, 24)
    with Image.open(io.BytesIO(rendition.data)) as image:
        corners = [frame.convert("RGB").getpixel((5, 5)) for frame in ImageSequence.Iterator(image)]
    assert corners == [pytest.approx(make.RED, abs=12), pytest.approx(make.WHITE, abs=12)]


def test_an_animations_transparency_is_kept() -> None:
    frames = [Image.new("RGBA", (64, 48)) for _ in range(3)]
    for index, frame in enumerate(frames):
        frame.paste((255, 0, 0, 255), (20 * index, 0, 20 * index + 20, 48))
    source = make.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100, disposal=2)
    (rendition,) = render(source, Recipe(formats=(OutputFormat.WEBP,)), Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        alphas = [
            [frame.convert("RGBA").getchannel("A").getpixel((x, 24)) for x in (10, 30, 50)]
            for frame in ImageSequence.Iterator(image)
        ]
    assert alphas == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_a_frame_outside_the_canvas_is_seen_whole() -> None:
    source = bytearray(make.saved(make.quadrants(64, 48), "GIF"))
    source[6:10] = b"\x20\0\x20\0"  # the canvas claims 32 x 32
    rendered = render(bytes(source), WEBP, Limits())
    assert (rendered.facts.width, rendered.facts.height) == (64, 48)


def test_the_frames_of_a_real_animation_differ(photos: Path) -> None:
    source = (photos / "cat.gif").read_bytes()
    frames, _ = play(render(source, WEBP, Limits()).renditions[0])
    assert len(frames) == 8
    assert any(a != b for a, b in pairwise(frames))


def flat(index: int, width: int, height: int) -> list[list[int]]:
    return [[index] * width for _ in range(height)]


def pixels(source: bytes, *spots: tuple[int, int]) -> list[list[tuple[int, ...]]]:
    """Return what each frame of the rendition shows at some spots."""
    (rendition,) = render(source, Recipe(formats=(OutputFormat.WEBP,), quality=100), Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        seen = []
        for frame in ImageSequence.Iterator(image):
            rgba = frame.convert("RGBA")
            seen.append([pixel for pixel in map(rgba.getpixel, spots) if isinstance(pixel, tuple)])
        return seen


@pytest.mark.parametrize(
    ("disposal", "left_behind"),
    [(0, (*make.GREEN, 255)), (1, (*make.GREEN, 255)), (2, (0, 0, 0, 0)), (3, (*make.RED, 255))],
)
def test_a_gifs_frames_leave_behind_what_their_disposal_says(disposal: int, left_behind: tuple[int, ...]) -> None:
    source = written.gif(
        (64, 64),
        written.gif_frame((0, 0, 64, 64), flat(0, 64, 64), disposal=1, clear=3),
        written.gif_frame((16, 16, 32, 32), flat(1, 32, 32), disposal=disposal, clear=3),
        written.gif_frame((0, 0, 16, 16), flat(2, 16, 16), disposal=1),
    )
    first, second, third = pixels(source, (32, 32), (8, 8))
    assert first == [pytest.approx((*make.RED, 255), abs=10)] * 2
    assert second == [pytest.approx((*make.GREEN, 255), abs=10), pytest.approx((*make.RED, 255), abs=10)]
    assert third[1] == pytest.approx((*make.BLUE, 255), abs=10)
    assert third[0][3] == left_behind[3]
    if left_behind[3]:
        assert third[0] == pytest.approx(left_behind, abs=10)


def test_a_gif_frames_own_palette_and_transparent_index_hold_for_it_alone() -> None:
    yellow = (255, 255, 0)
    own = written.gif_frame(
        (0, 0, 64, 64),
        [[0] * 32 + [1] * 32 for _ in range(64)],
        disposal=1,
        clear=1,
        palette=(yellow, *[(0, 0, 0)] * 3),
    )
    source = written.gif((64, 64), written.gif_frame((0, 0, 64, 64), flat(1, 64, 64), disposal=1), own)
    assert pixels(source, (16, 32), (48, 32))[1] == [
        pytest.approx((*yellow, 255), abs=10),
        pytest.approx((*make.GREEN, 255), abs=10),
    ]


def test_an_interlaced_gif_has_its_rows_in_order() -> None:
    rows = [[y // 8] * 32 for y in range(32)]
    source = written.gif((32, 32), written.gif_frame((0, 0, 32, 32), rows, disposal=0, interlaced=True))
    recipe = Recipe(widths=(32,), formats=(OutputFormat.PNG,))
    (rendition,) = render(source, recipe, Limits()).renditions
    image = Image.open(io.BytesIO(rendition.data)).convert("RGB")
    assert [image.getpixel((5, y)) for y in (0, 7, 8, 15, 16, 23, 24, 31)] == [
        colour for colour in (make.RED, make.GREEN, make.BLUE, make.WHITE) for _ in range(2)
    ]


def test_the_transparency_of_a_webp_animation_is_seen_though_its_header_does_not_announce_it() -> None:
    frames = [Image.new("RGBA", (64, 48)) for _ in range(2)]
    for index, frame in enumerate(frames):
        frame.paste((255, 0, 0, 255), (20 * index, 0, 20 * index + 20, 48))
    source = make.saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    assert not source[20] & 0x10, "libwebp has cropped what is transparent, and forgotten it"
    rendered = render(source, Recipe(formats=(OutputFormat.WEBP,)), Limits())
    assert rendered.facts.has_alpha
    assert [[each[3] for each in frame] for frame in pixels(source, (10, 24), (30, 24))] == [[255, 0], [0, 255]]


def test_an_opaque_webp_animation_stays_opaque() -> None:
    (rendition,) = render(make.animated("WEBP"), WEBP, Limits()).renditions
    assert rendition.data[20] & 0x10 == 0


@pytest.mark.parametrize(("repeats", "plays"), [(0, 0), (2, 3)])
@pytest.mark.parametrize("name", [b"NETSCAPE2.0", b"ANIMEXTS1.0"])
def test_a_gif_plays_as_often_by_either_name(name: bytes, repeats: int, plays: int) -> None:
    source = make.animated("GIF", loop=repeats).replace(b"NETSCAPE2.0", name)
    assert play(render(source, WEBP, Limits()).renditions[0])[1] == plays
