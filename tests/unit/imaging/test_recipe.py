import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Fit, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render


def test_the_default_recipe_is_the_designs() -> None:
    assert Recipe().widths == (160, 320, 640, 1280)
    assert Recipe().formats == (OutputFormat.WEBP, OutputFormat.JPEG)
    assert Recipe().background == "#ffffff"


def test_the_default_limits_are_the_designs() -> None:
    assert Limits() == Limits(max_bytes=26_214_400, max_pixels=100_000_000, max_edge_px=30_000, max_frames=500)


@pytest.mark.parametrize("widths", [(), (0,), (-1,), (16_384,), (160, 160)])
def test_a_recipe_refuses_widths_that_cannot_be_made(widths: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="width"):
        Recipe(widths=widths)


@pytest.mark.parametrize("formats", [(), (OutputFormat.JPEG, OutputFormat.JPEG)])
def test_a_recipe_refuses_no_format_and_the_same_twice(formats: tuple[OutputFormat, ...]) -> None:
    with pytest.raises(ValueError, match="format"):
        Recipe(formats=formats)


@pytest.mark.parametrize("background", ["white", "#fff", "#gggggg", "#ffffff00", "", "#ffffff\n"])
def test_a_recipe_refuses_a_background_that_is_not_a_colour(background: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Recipe(background=background)


def test_a_recipe_refuses_an_animation_without_frames_or_pixels() -> None:
    with pytest.raises(ValueError, match="frame"):
        Recipe(animation_frames=0)
    with pytest.raises(ValueError, match="pixel"):
        Recipe(animation_pixels=0)


@pytest.mark.parametrize("limit", ["max_bytes", "max_pixels", "max_edge_px", "max_frames", "max_animation_pixels"])
def test_limits_refuse_what_would_let_nothing_in(limit: str) -> None:
    with pytest.raises(ValueError, match=limit):
        Limits(**{limit: 0})


def test_an_output_format_knows_its_file_ending_and_media_type() -> None:
    assert [(each.extension, each.content_type) for each in OutputFormat] == [
        ("webp", "image/webp"),
        ("jpg", "image/jpeg"),
        ("avif", "image/avif"),
        ("png", "image/png"),
    ]


def test_a_size_is_named_for_cover_and_only_then() -> None:
    with pytest.raises(ValueError, match="cover"):
        Recipe(fit=Fit.COVER)
    with pytest.raises(ValueError, match="cover"):
        Recipe(size=(100, 100))


@pytest.mark.parametrize("size", [(0, 5), (5, -1), (16_384, 1), (16_000, 16_000)])
def test_a_recipe_refuses_a_size_that_cannot_be_made(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="size"):
        Recipe(fit=Fit.COVER, size=size)


@pytest.mark.parametrize("quality", [0, 101, {OutputFormat.JPEG: 0}, {OutputFormat.WEBP: 80, OutputFormat.JPEG: 101}])
def test_a_recipe_refuses_a_quality_that_does_not_exist(quality: int | dict[OutputFormat, int]) -> None:
    with pytest.raises(ValueError, match="quality"):
        Recipe(quality=quality)


def test_quality_is_one_figure_or_one_for_each_format() -> None:
    assert Recipe().quality_of(OutputFormat.JPEG) is None
    assert Recipe(quality=70).quality_of(OutputFormat.AVIF) == 70
    assert Recipe(quality={OutputFormat.JPEG: 70}).quality_of(OutputFormat.JPEG) == 70
    assert Recipe(quality={OutputFormat.JPEG: 70}).quality_of(OutputFormat.WEBP) is None


@pytest.mark.parametrize("output", [OutputFormat.WEBP, OutputFormat.JPEG, OutputFormat.AVIF])
def test_less_quality_takes_fewer_bytes(output: OutputFormat) -> None:
    source = make.saved(Image.effect_noise((128, 96), 60), "PNG")
    sizes = []
    for quality in (20, 60, 95):
        recipe = Recipe(widths=(128,), formats=(output,), quality=quality)
        sizes.append(len(render(source, recipe, Limits()).renditions[0].data))
    assert sizes == sorted(set(sizes))
