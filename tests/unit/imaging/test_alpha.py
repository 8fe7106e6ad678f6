import io
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Fit, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

PngOf = Callable[..., Image.Image]
TRANSPARENT: Final = (OutputFormat.WEBP, OutputFormat.AVIF, OutputFormat.PNG)


def half_clear(*, hidden: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    """White at the left; at the right nothing, over a hidden colour. The edge runs through a pixel of the result."""
    image = Image.new("RGBA", (330, 240), (*hidden, 0))
    image.paste((255, 255, 255, 255), (0, 0, 165, 240))
    return make.saved(image, "PNG")


def test_hidden_colours_do_not_bleed_into_what_is_visible(png_of: PngOf) -> None:
    image = png_of(half_clear(), 100)
    row = [image.getpixel((x, 36)) for x in range(100)]
    assert any(0 < pixel[3] < 255 for pixel in row if isinstance(pixel, tuple)), "the edge is soft"
    assert all(pixel[:3] == make.WHITE for pixel in row if isinstance(pixel, tuple) and pixel[3] > 16)


@pytest.mark.parametrize("output", TRANSPARENT)
def test_transparency_is_kept_where_the_format_has_it(output: OutputFormat) -> None:
    rendered = render(half_clear(), Recipe(widths=(100,), formats=(output,)), Limits())
    image = Image.open(io.BytesIO(rendered.renditions[0].data)).convert("RGBA")
    alpha = image.getchannel("A")
    assert alpha.getpixel((20, 36)) == pytest.approx(255, abs=3)
    assert alpha.getpixel((80, 36)) == pytest.approx(0, abs=3)


def test_transparency_is_flattened_on_the_recipes_background_in_jpeg() -> None:
    recipe = Recipe(widths=(100,), formats=(OutputFormat.JPEG,), background="#ff8000")
    (rendition,) = render(half_clear(), recipe, Limits()).renditions
    image = Image.open(io.BytesIO(rendition.data))
    assert image.getpixel((20, 36)) == pytest.approx(make.WHITE, abs=3)
    assert image.getpixel((80, 36)) == pytest.approx((255, 128, 0), abs=3)


def test_half_transparent_colours_are_mixed_with_the_background() -> None:
    source = make.saved(Image.new("RGBA", (64, 48), (255, 0, 0, 128)), "PNG")
    (rendition,) = render(source, Recipe(widths=(32,), formats=(OutputFormat.JPEG,)), Limits()).renditions
    assert Image.open(io.BytesIO(rendition.data)).getpixel((16, 12)) == pytest.approx((255, 127, 127), abs=3)


def test_a_palettes_transparency_is_kept(png_of: PngOf) -> None:
    image = Image.new("P", (64, 48), 1)
    image.putpalette([*make.RED, *make.GREEN])
    image.paste(0, (0, 0, 32, 48))
    png = png_of(make.saved(image, "PNG", transparency=0))
    assert png.getpixel((50, 20)) == (*make.GREEN, 255)
    assert png.getchannel("A").getpixel((5, 5)) == 0


def test_an_alpha_channel_that_hides_nothing_is_left_out(png_of: PngOf) -> None:
    assert png_of(make.saved(Image.new("RGBA", (64, 48), (1, 2, 3, 255)), "PNG")).mode == "RGB"


def test_an_alpha_channel_that_hides_nothing_of_what_is_kept_is_left_out() -> None:
    # Its edges are transparent, and cropped away.
    source = Image.new("RGBA", (400, 100), (*make.GREEN, 0))
    source.paste((*make.GREEN, 255), (100, 0, 300, 100))
    recipe = Recipe(fit=Fit.COVER, size=(50, 50), formats=(OutputFormat.PNG,))

    (rendition,) = render(make.saved(source, "PNG"), recipe, Limits()).renditions

    assert Image.open(io.BytesIO(rendition.data)).mode == "RGB"
