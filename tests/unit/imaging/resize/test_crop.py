import io

import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Fit, Gravity, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render


def cover(source: bytes, size: tuple[int, int], gravity: Gravity = Gravity.CENTRE) -> Image.Image:
    recipe = Recipe(fit=Fit.COVER, size=size, gravity=gravity, formats=(OutputFormat.PNG,))
    (rendition,) = render(source, recipe, Limits()).renditions
    image = Image.open(io.BytesIO(rendition.data))
    assert image.size == (rendition.width, rendition.height) == size
    return image.convert("RGB")


def stripes(width: int, height: int) -> Image.Image:
    """Draw a red edge, a green middle and a blue edge along the longer side."""
    image = Image.new("RGB", (width, height), make.GREEN)
    if width > height:
        image.paste(make.RED, (0, 0, (width - height) // 2, height))
        image.paste(make.BLUE, ((width + height) // 2, 0, width, height))
    else:
        image.paste(make.RED, (0, 0, width, (height - width) // 2))
        image.paste(make.BLUE, (0, (height + width) // 2, width, height))
    return image


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("source_size", [(1600, 600), (600, 1600), (330, 100)])
def test_the_middle_is_kept(encoding: str, source_size: tuple[int, int]) -> None:
    options: dict[str, dict[str, object]] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95, "subsampling": 0}}
    image = cover(make.saved(stripes(*source_size), encoding, **options.get(encoding, {})), (50, 50))
    assert {image.getpixel(spot) for spot in ((4, 4), (45, 4), (4, 45), (45, 45), (25, 25))} <= {
        (red, green, blue) for red in range(4) for green in range(250, 256) for blue in range(4)
    }


@pytest.mark.parametrize("size", [(256, 256), (300, 20), (20, 300), (1, 1)])
@pytest.mark.parametrize("source_size", [(10_000, 3), (3, 3000), (8, 8), (256, 256), (257, 1000)])
def test_the_size_is_exact_whatever_the_source(source_size: tuple[int, int], size: tuple[int, int]) -> None:
    assert cover(make.saved(Image.new("RGB", source_size, make.RED), "PNG"), size).getpixel((0, 0)) == make.RED


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright_before_it_is_cropped(orientation: int) -> None:
    source = make.stored_as(stripes(160, 60), orientation).resize(
        (640, 240) if orientation < 5 else (240, 640), Image.Resampling.NEAREST
    )
    exif = make.exif_block(orientation)
    image = cover(make.saved(source, "PNG", exif=exif), (160, 60))
    assert (image.getpixel((10, 30)), image.getpixel((150, 30))) == (make.RED, make.BLUE)


@pytest.mark.parametrize("place", [(40, 60), (500, 60), (260, 60)])
@pytest.mark.parametrize("colour", [(224, 172, 140), (255, 40, 0), (255, 255, 255)])
def test_attention_finds_skin_colour_and_contrast(place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    source = Image.new("RGB", (600, 200), (60, 62, 64))
    source.paste(colour, (place[0], place[1], place[0] + 60, place[1] + 70))
    image = cover(make.saved(source, "PNG"), (200, 200), Gravity.ATTENTION)
    assert image.getcolors(1 << 16) is not None
    shown = sum(count for count, seen in image.getcolors(1 << 16) or [] if seen == colour)
    assert shown > 0.9 * 60 * 70, "the whole of what stands out is inside"


@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_attention_works_on_a_rotated_picture(orientation: int) -> None:
    upright = Image.new("RGB", (300, 100), (60, 62, 64))
    upright.paste((224, 172, 140), (240, 30, 280, 70))
    source = make.saved(make.stored_as(upright, orientation), "PNG", exif=make.exif_block(orientation))
    image = cover(source, (100, 100), Gravity.ATTENTION)
    shown = sum(count for count, seen in image.getcolors(1 << 16) or [] if seen == (224, 172, 140))
    assert shown > 0.9 * 40 * 40


def test_attention_to_nothing_keeps_the_middle() -> None:
    grey = make.saved(Image.new("RGB", (600, 200), (90, 90, 90)), "PNG")
    assert cover(grey, (200, 200), Gravity.ATTENTION).getpixel((5, 5)) == (90, 90, 90)


def test_an_animation_shows_the_same_part_in_every_frame() -> None:
    frames = [Image.new("RGB", (300, 100), (60, 62, 64)) for _ in range(3)]
    for at, frame in zip((20, 200, 120), frames, strict=True):
        frame.paste((255, 40, 0), (at, 20, at + 60, 80))
    source = make.saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100, lossless=True)
    recipe = Recipe(fit=Fit.COVER, size=(100, 100), gravity=Gravity.ATTENTION, formats=(OutputFormat.WEBP,))
    (rendition,) = render(source, recipe, Limits()).renditions
    with Image.open(io.BytesIO(rendition.data)) as image:
        seen = []
        for index in range(2):  # the others are alike in this part, and become one
            image.seek(index)
            seen.append(image.convert("RGB").getpixel((50, 50)))
    assert seen == [pytest.approx((255, 40, 0), abs=12), pytest.approx((60, 62, 64), abs=12)]
