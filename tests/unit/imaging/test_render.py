import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render
from thumbpipe.core.imaging.resize.scale import rendition_sizes

PngOf = Callable[..., Image.Image]


def close(seen: object, expected: tuple[int, ...], tolerance: int = 3) -> bool:
    assert isinstance(seen, tuple)
    return len(seen) == len(expected) and all(abs(a - b) <= tolerance for a, b in zip(seen, expected, strict=True))


def shows_quadrants(image: Image.Image, tolerance: int = 3) -> bool:
    """Look at the middle of each quadrant."""
    rgb, (w, h) = image.convert("RGB"), image.size
    spots = [(w // 4, h // 4), (3 * w // 4, h // 4), (w // 4, 3 * h // 4), (3 * w // 4, 3 * h // 4)]
    colours = [make.RED, make.GREEN, make.BLUE, make.WHITE]
    return all(close(rgb.getpixel(spot), colour, tolerance) for spot, colour in zip(spots, colours, strict=True))


def test_every_width_is_made_in_every_format_smallest_first() -> None:
    rendered = render(make.saved(make.quadrants(1600, 1200), "JPEG"), Recipe(), Limits())
    assert [(each.width, each.height, each.format.value) for each in rendered.renditions] == [
        (width, width * 3 // 4, output) for width in (160, 320, 640, 1280) for output in ("webp", "jpeg")
    ]


@pytest.mark.parametrize("output", OutputFormat)
def test_a_rendition_matches_its_description(output: OutputFormat) -> None:
    rendered = render(make.saved(make.quadrants(), "PNG"), Recipe(widths=(160,), formats=(output,)), Limits())
    (rendition,) = rendered.renditions
    image = Image.open(io.BytesIO(rendition.data))
    assert (image.format or "").lower() == output.value
    assert image.size == (rendition.width, rendition.height) == (160, 120)
    assert shows_quadrants(image, tolerance=8)


def test_rendering_and_probing_report_the_same_properties() -> None:
    source = make.oriented(6)
    assert render(source, Recipe(), Limits()).facts == probe(source, Limits())


@pytest.mark.parametrize(
    ("source", "widths", "expected"),
    [
        ((1280, 960), (160, 320, 640, 1280), [(1280, 960), (640, 480), (320, 240), (160, 120)]),
        ((500, 333), (160, 320, 640, 1280), [(500, 333), (320, 213), (160, 107)]),
        ((100, 50), (160, 320, 640, 1280), [(100, 50)]),
        ((160, 50), (160, 320), [(160, 50)]),
        ((1, 1), (160,), [(1, 1)]),
        ((10_000, 3), (160, 1280), [(1280, 1), (160, 1)]),
        ((3, 10_000), (160,), [(3, 10_000)]),
        ((160, 30_000), (160,), [(87, 16_313)]),
        ((1, 30_000), (160,), [(1, 16_383)]),
        ((3, 2), (1,), [(1, 1)]),
        ((4, 5), (2,), [(2, 3)]),  # 2.5 px: half goes up
    ],
)
def test_a_picture_is_never_enlarged_and_widths_are_not_repeated(
    source: tuple[int, int], widths: tuple[int, ...], expected: list[tuple[int, int]]
) -> None:
    assert list(rendition_sizes(*source, widths)) == expected


def test_a_long_strip_is_rendered(made: Path) -> None:
    rendered = render((made / "strip.png").read_bytes(), Recipe(), Limits())
    assert [(each.width, each.height) for each in rendered.renditions[::2]] == [(160, 1), (320, 1), (640, 1), (1280, 1)]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_exif_orientation_ends_upright(encoding: str, orientation: int, png_of: PngOf) -> None:
    image = png_of(make.oriented(orientation, encoding), 160)
    assert image.size == (160, 120)
    assert shows_quadrants(image, tolerance=12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_heic_orientation_ends_upright(made: Path, orientation: int, png_of: PngOf) -> None:
    image = png_of((made / f"orientation-{orientation}.heic").read_bytes())
    assert image.size == (64, 48)
    assert shows_quadrants(image, tolerance=12)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_that_is_shrunk_while_it_is_decoded_ends_upright(orientation: int, png_of: PngOf) -> None:
    image = make.stored_as(make.quadrants(64, 48), orientation).resize((1200, 1600), Image.Resampling.NEAREST)
    upright = png_of(make.saved(image, "JPEG", exif=make.exif_block(orientation)), 100)
    assert upright.size == ((133, 100)[::-1] if orientation == 1 else (100, 75))
    assert shows_quadrants(upright)


def flat(mode: str) -> Image.Image:
    """Draw a middle grey in a mode; black and white alone have none, so they are half and half."""
    if mode == "I;16":
        return Image.new(mode, (64, 48), 128 * 257)
    if mode == "F":
        return Image.new(mode, (64, 48), 128 / 255)
    if mode == "1":
        return Image.effect_noise((64, 48), 200).convert("1")
    grey = Image.new("RGB", (64, 48), (128, 128, 128))
    return grey.quantize(2) if mode == "P" else grey.convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_rendered(mode: str, png_of: PngOf) -> None:
    pixel = png_of(make.saved(flat(mode), "PNG"), 1).convert("RGB").getpixel((0, 0))
    assert close(pixel, (128, 128, 128), 1 if mode != "1" else 40)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F"])
def test_every_mode_of_tiff_is_rendered(mode: str, png_of: PngOf) -> None:
    pixel = png_of(make.saved(flat(mode), "TIFF"), 1).convert("RGB").getpixel((0, 0))
    assert close(pixel, (128, 128, 128), 1 if mode != "1" else 40)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 4}])
def test_every_kind_of_jpeg_is_rendered(options: dict[str, object], png_of: PngOf) -> None:
    assert shows_quadrants(png_of(make.saved(make.quadrants(), "JPEG", quality=95, **options)))


def test_of_several_tiff_pages_the_first_is_rendered(png_of: PngOf) -> None:
    first, *rest = make.animation_frames(3)
    image = png_of(make.saved(first, "TIFF", save_all=True, append_images=rest))
    assert close(image.getpixel((5, 5)), make.RED)


def test_data_after_a_jpeg_is_ignored(png_of: PngOf) -> None:
    image = make.saved(make.quadrants(), "JPEG", quality=95)
    assert shows_quadrants(png_of(image + make.saved(Image.new("RGB", (9, 9)), "JPEG")))


def test_the_base_image_of_an_mpo_is_rendered(png_of: PngOf) -> None:
    source = make.saved(
        make.quadrants(), "MPO", save_all=True, append_images=[Image.new("RGB", (320, 240))], quality=95
    )
    assert shows_quadrants(png_of(source))
    assert probe(source, Limits()).format == "JPEG"


def test_a_corrupt_exif_block_does_not_affect_the_picture(png_of: PngOf) -> None:
    assert shows_quadrants(png_of(make.saved(make.quadrants(), "JPEG", quality=95, exif=b"Exif\0\0MM\0*\0\0\xff\xff!")))


def test_sixteen_bits_become_eight_without_banding(made: Path, png_of: PngOf) -> None:
    image = png_of((made / "sixteen-bit.png").read_bytes(), 512)
    seen = [image.getpixel((x, 8)) for x in range(512)]
    assert all(close(pixel, (round(255 * x / 511),) * 3, 1) for x, pixel in enumerate(seen))


def test_sixteen_bits_of_grey_become_eight_without_banding(png_of: PngOf) -> None:
    image = png_of(make.grey_ramp(), 512)
    assert all(abs(image.getpixel((x, 8)) - 255 * x / 511) <= 1 for x in range(512))  # type: ignore[operator]  # mode L


def test_a_grey_picture_stays_grey() -> None:
    source = make.saved(Image.new("L", (64, 48), 128), "JPEG")
    rendered = render(source, Recipe(widths=(32,), formats=(OutputFormat.JPEG,)), Limits())
    assert Image.open(io.BytesIO(rendered.renditions[0].data)).mode == "L"


@pytest.mark.parametrize("name", ["nuthatch.heic", "autumn-hills.avif", "summer-palace.tif", "two-dogs.jpg"])
def test_a_real_photo_is_rendered(photos: Path, name: str) -> None:
    rendered = render((photos / name).read_bytes(), Recipe(widths=(160,)), Limits())
    assert [each.format for each in rendered.renditions] == [OutputFormat.WEBP, OutputFormat.JPEG]
    assert rendered.renditions[0].width == 160
    assert len(rendered.placeholder) in range(24, 40)
