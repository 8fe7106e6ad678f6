"""BMPs whose channels lie anywhere in a pixel."""

from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from images import bmps
from images.tiffs import CARD
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import OnTruncated, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

PngOf = Callable[..., Image.Image]
LAYOUTS: Final = {
    "565": (16, (0xF800, 0x7E0, 0x1F, 0)),
    "555": (16, (0x7C00, 0x3E0, 0x1F, 0)),
    "1555": (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    "444": (16, (0xF00, 0xF0, 0xF, 0)),
    "4444": (16, (0xF00, 0xF0, 0xF, 0xF000)),
    "bgr 565": (16, (0x1F, 0x7E0, 0xF800, 0)),
    "332": (16, (0xE0, 0x1C, 0x3, 0)),
    "8888": (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    "888x": (32, (0xFF0000, 0xFF00, 0xFF, 0)),
    "abgr": (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    "rgba": (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)),
    "bgra from above": (32, (0xFF00, 0xFF0000, 0xFF000000, 0xFF)),
    "1010102": (32, (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000)),
    "101010": (32, (0x3FF, 0xFFC00, 0x3FF00000, 0)),
    "11 11 10": (32, (0xFFE00000, 0x1FFC00, 0x3FF, 0)),
    "565 in 32": (32, (0xF800, 0x7E0, 0x1F, 0)),
}


def quadrants(alpha: float) -> list[list[float]]:
    return [[level / 255 for level in colour] + [alpha] for colour in CARD]


def tolerance(masks: tuple[int, int, int, int]) -> float:
    """Half a step of the coarsest channel, and one of rounding."""
    return 1 + max(255 / ((1 << mask.bit_count()) - 1) / 2 for mask in masks[:3])


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize("header", [40, 52, 56, 108, 124])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_bit_fields_of_every_layout(png_of: PngOf, layout: str, header: int, top_down: bool) -> None:  # noqa: FBT001 - what is expected
    bits, masks = LAYOUTS[layout]
    if header == 52:  # it has no place for alpha
        masks = (*masks[:3], 0)
    alpha = 1.0 if not masks[3] or masks[3].bit_count() < 4 else 0.4
    source = bmps.bit_fields(quadrants(alpha), masks, bits=bits, header=header, top_down=top_down)
    image = png_of(source, 65).convert("RGBA")
    found = [image.getpixel(spot) for spot in ((9, 9), (50, 9), (9, 40), (50, 40))]
    expected = [(*colour, round(255 * alpha)) for colour in CARD]
    assert found == [pytest.approx(pixel, abs=max(tolerance(masks), 2 if alpha < 1 else 1)) for pixel in expected]


@pytest.mark.parametrize("layout", ["4444", "1010102"])
def test_alpha_that_is_empty_everywhere_says_nothing(png_of: PngOf, layout: str) -> None:
    bits, masks = LAYOUTS[layout]
    image = png_of(bmps.bit_fields(quadrants(0.0), masks, bits=bits, header=108), 65).convert("RGBA")
    assert image.getchannel("A").getextrema() == (255, 255)


def test_a_large_one_is_decoded_band_by_band(png_of: PngOf) -> None:
    bits, masks = LAYOUTS["444"]
    for top_down in (False, True):
        source = bmps.bit_fields(quadrants(1), masks, bits=bits, size=(900, 700), top_down=top_down)
        image = png_of(source, 90).convert("RGB")
        found = [image.getpixel(spot) for spot in ((9, 9), (80, 9), (9, 60), (80, 60))]
        assert found == [pytest.approx(colour, abs=10) for colour in CARD]


def test_one_that_is_cut_off_is_truncated_or_shown_as_far_as_it_goes() -> None:
    bits, masks = LAYOUTS["444"]
    source = bmps.bit_fields(quadrants(1), masks, bits=bits)
    assert probe(source, Limits()).width == 65
    with pytest.raises(InvalidImageError) as refused:
        render(source[:-200], Recipe(), Limits())
    assert refused.value.code is ErrorCode.TRUNCATED
    shown = Recipe(widths=(65,), formats=(OutputFormat.PNG,), on_truncated=OnTruncated.RENDER)
    assert render(source[:-200], shown, Limits()).renditions


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"header": 40, "compression": 4}, "contains a JPEG"),
        ({"header": 124, "compression": 5}, "contains a PNG"),
        ({"header": 108, "compression": 11}, "CMYK"),
        ({"header": 64, "compression": 3}, "Huffman"),
        ({"header": 64, "compression": 4}, "run-length encoding of 24 bits"),
        ({"header": 40, "bits": 2}, "2 bits per pixel"),
        ({"header": 40, "bits": 64}, "64 bits per pixel"),
    ],
)
def test_an_unsupported_kind_is_named(options: dict[str, int], kind: str) -> None:
    with pytest.raises(InvalidImageError) as refused:
        probe(bmps.indexed(CARD, **options), Limits())
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    assert kind in refused.value.message


@pytest.mark.parametrize("header", [12, 16, 40, 52, 56, 64, 108, 124])
@pytest.mark.parametrize("bits", [4, 8])
def test_palettes_behind_every_header(png_of: PngOf, bits: int, header: int) -> None:
    image = png_of(bmps.indexed(CARD, header=header, bits=bits), 64).convert("RGB")
    assert [image.getpixel(spot) for spot in ((9, 9), (50, 9), (9, 40), (50, 40))] == list(CARD)
