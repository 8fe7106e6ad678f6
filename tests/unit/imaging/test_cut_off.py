"""Truncated files, and recipes that show them."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OnTruncated, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

SHOWN: Final = Recipe(widths=(160,), formats=(OutputFormat.PNG,), on_truncated=OnTruncated.RENDER)


def noisy(encoding: str, **options: object) -> bytes:
    """Encode noise of red and green: its bytes are spread evenly over the rows."""
    noise = Image.effect_noise((320, 240), 90)
    return make.saved(Image.merge("RGB", (noise.point(lambda v: v // 2 + 120), noise, noise)), encoding, **options)


KINDS: Final[dict[str, Callable[[], bytes]]] = {
    "JPEG": lambda: noisy("JPEG"),
    "JPEG progressive": lambda: noisy("JPEG", progressive=True),
    "PNG": lambda: noisy("PNG"),
    "WebP": lambda: noisy("WEBP", quality=90),
    "WebP lossless": lambda: noisy("WEBP", lossless=True),
    "GIF": lambda: noisy("GIF"),
    "BMP": lambda: noisy("BMP"),
    "GIF animated": lambda: make.animated("GIF", durations=(100,) * 9),
    "PNG animated": lambda: make.animated("PNG", durations=(100,) * 9),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_there_is_shown_where_the_recipe_allows_it(kind: str) -> None:
    source = KINDS[kind]()
    cut = source[: len(source) * 2 // 3]
    with pytest.raises(InvalidImageError) as refused:
        render(cut, Recipe(widths=(160,)), Limits())
    assert refused.value.code is ErrorCode.TRUNCATED

    (rendition,) = render(cut, SHOWN, Limits()).renditions
    image = Image.open(io.BytesIO(rendition.data)).convert("RGB")
    whole = Image.open(io.BytesIO(source)).convert("RGB").resize(image.size, Image.Resampling.BOX)
    top = image.height * 2 // 3 if kind == "BMP" else 0  # a BMP's first row is the lowest
    box = (0, top, image.width, top + image.height // 3)
    seen, expected = (each.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for each in (image, whole))
    assert seen == pytest.approx(expected, abs=8), "a third is there"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_even_a_header_is_refused_all_the_same(kind: str) -> None:
    with pytest.raises(InvalidImageError) as refused:
        render(KINDS[kind]()[:20], SHOWN, Limits())
    assert refused.value.code in {ErrorCode.TRUNCATED, ErrorCode.CORRUPT}


def test_limits_hold_for_a_file_that_is_cut_off() -> None:
    source = make.bomb(20_000, 10_000)
    with pytest.raises(InvalidImageError) as refused:
        render(source[:60], SHOWN, Limits())
    assert refused.value.code is ErrorCode.TOO_MANY_PIXELS


def png_rows(count: int, *, interlaced: bool = False, colour_type: int = 2) -> bytes:
    """Write a PNG of 64 x 48 whose pixels end cleanly after some bytes of its 48 rows."""
    # Zeros are rows of every length.
    row = b"\0" + (b"\0" if interlaced else b"\x80") * 64 * (3 if colour_type == 2 else 1)
    head = make.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, colour_type, 0, 0, interlaced))
    pixels = make.png_chunk(b"IDAT", zlib.compress(row * count))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + make.png_chunk(b"IEND", b"")


@pytest.mark.parametrize("colour_type", [0, 2])
@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("rows", [1, 24, 47])
def test_a_png_whose_pixels_end_cleanly_but_too_early_is_truncated(
    rows: int, *, interlaced: bool, colour_type: int
) -> None:
    with pytest.raises(InvalidImageError) as refused:
        render(png_rows(rows, interlaced=interlaced, colour_type=colour_type), Recipe(), Limits())
    assert refused.value.code is ErrorCode.TRUNCATED


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(64, 48), (1, 1), (3, 5), (9, 2)])
def test_a_png_that_ends_in_black_or_nothing_is_whole(mode: str, size: tuple[int, int]) -> None:
    rendered = render(make.saved(Image.new(mode, size), "PNG"), Recipe(widths=(9,)), Limits())
    assert rendered.facts.width == size[0]


def test_a_large_black_png_is_counted_without_holding_its_pixels() -> None:
    source = make.png((20_000, 2_500), depth=1, colour_type=0, rows=bytes(2_501 * 2_500))
    assert render(source, Recipe(widths=(160,)), Limits()).facts.width == 20_000


@pytest.mark.parametrize("missing", range(1, 13))
def test_a_png_whose_end_chunk_alone_is_cut_is_whole(missing: int) -> None:
    source = make.saved(make.quadrants(64, 48), "PNG")
    recipe = Recipe(widths=(64,))
    whole = render(source, recipe, Limits())
    assert render(source[:-missing], recipe, Limits()).renditions == whole.renditions


def test_a_png_that_announces_further_pixels_behind_its_last_row_is_whole() -> None:
    source = make.saved(make.quadrants(64, 48), "PNG")
    announced = source[:-12] + struct.pack(">I", 5_000) + b"IDAT"
    recipe = Recipe(widths=(64,))
    assert render(announced, recipe, Limits()).renditions == render(source, recipe, Limits()).renditions


@pytest.mark.parametrize("interlace", [0, 1])
def test_a_png_of_many_pixel_chunks_that_lacks_a_row_is_truncated(interlace: int) -> None:
    rows = b"".join(b"\0" + bytes([5 * y]) * 64 for y in range(48))
    packed = zlib.compress(rows, 0)
    pieces = [make.png_chunk(b"IDAT", packed[at : at + 500]) for at in range(0, len(packed), 500)]
    head = make.png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, interlace))
    source = b"\x89PNG\r\n\x1a\n" + head + b"".join(pieces)
    for cut in (source[:-200], source[: -len(pieces[-1]) - 300]):
        with pytest.raises(InvalidImageError) as caught:
            render(cut, Recipe(widths=(64,)), Limits())
        assert caught.value.code == ErrorCode.TRUNCATED
