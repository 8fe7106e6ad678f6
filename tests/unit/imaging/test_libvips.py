"""libvips and Pillow are two ways to the same pixels."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image, ImageChops, ImageStat

from thumbpipe.core.imaging.decode import pixels, streaming
from thumbpipe.core.imaging.encode import avif
from thumbpipe.core.imaging.encode.still import encode_still
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render
from thumbpipe.core.imaging.resize import scale

PHOTOS: Final = Path(__file__).resolve().parents[2] / "images" / "photos"
LOSSLESS: Final = Recipe(widths=(320,), formats=(OutputFormat.PNG,))


def soft(mode: str) -> Image.Image:
    """A picture large enough for libvips, with gradients across and down."""
    across, down = Image.linear_gradient("L").resize((900, 700)), Image.radial_gradient("L").resize((900, 700))
    bands = [
        across,
        down,
        across.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        down.transpose(Image.Transpose.ROTATE_180),
    ]
    return Image.merge(mode, bands[: len(mode)]) if mode != "L" else across


def file(image: Image.Image, output: str, **options: object) -> bytes:
    content = BytesIO()
    image.save(content, output, **options)
    return content.getvalue()


def shown(source: bytes, recipe: Recipe = LOSSLESS) -> Image.Image:
    return Image.open(BytesIO(render(source, recipe, Limits()).renditions[0].data))


def without_libvips(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (avif, scale, streaming):
        monkeypatch.setattr(module, "libvips", lambda: None)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The largest, as far as it can be seen: nearly transparent pixels have no colour to speak of."""
    assert one.mode == other.mode
    assert one.size == other.size
    seen = [image.convert("RGBa") if image.mode == "RGBA" else image for image in (one, other)]
    bands = zip(*(image.split() for image in seen), strict=True)
    return max(ImageStat.Stat(ImageChops.difference(*pair)).extrema[0][1] for pair in bands)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize(
    ("output", "options"),
    [
        ("PNG", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {}),
        ("BMP", {}),
        ("AVIF", {"quality": 90, "subsampling": "4:4:4", "speed": 9}),
    ],
)
def test_pictures_look_alike_with_and_without_libvips(
    monkeypatch: pytest.MonkeyPatch, mode: str, output: str, options: dict[str, object]
) -> None:
    source = file(soft(mode), output, **options)
    by_libvips = shown(source)

    without_libvips(monkeypatch)

    assert difference(by_libvips, shown(source)) <= 4


def test_a_large_png_is_decoded_by_libvips(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("Pillow decoded it")

    monkeypatch.setattr(pixels, "reduced", never)
    monkeypatch.setattr(Image.Image, "reduce", never)

    assert shown(file(soft("RGB"), "PNG")).size == (320, 249)


@pytest.mark.parametrize("name", ["nuthatch.heic", "autumn-hills.avif"])
def test_a_photo_is_never_copied_at_its_full_size(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    source = (PHOTOS / name).read_bytes()
    filled: list[tuple[int, int]] = []
    fill = Image.Image.frombytes

    def noting(image: Image.Image, data: bytes, *decoding: Any) -> None:  # noqa: ANN401 - Pillow's arguments
        filled.append(image.size)
        fill(image, data, *decoding)

    monkeypatch.setattr(Image.Image, "frombytes", noting)
    by_libvips = shown(source)
    assert filled
    assert max(filled) <= by_libvips.size

    monkeypatch.undo()
    without_libvips(monkeypatch)
    assert difference(by_libvips, shown(source)) <= 6


def test_an_avif_that_libvips_leaves_is_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    source = file(soft("RGB"), "AVIF", quality=90, speed=9)
    by_libvips = shown(source)

    monkeypatch.setattr(streaming, "resized", lambda *_: None)

    assert difference(by_libvips, shown(source)) <= 4


@pytest.mark.parametrize("output", ["PNG", "TIFF"])
def test_a_cut_off_file_counts_as_truncated(output: str) -> None:
    source = file(Image.effect_noise((900, 700), 90).convert("RGB"), output)

    with pytest.raises(InvalidImageError) as refusal:
        render(source[: len(source) // 2], Recipe(), Limits())

    assert refusal.value.code in {ErrorCode.TRUNCATED, ErrorCode.CORRUPT}


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_avif_keeps_its_bands_with_and_without_libvips(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    image = soft(mode).resize((90, 70))
    premultiplied = image.convert("RGBa") if mode == "RGBA" else image
    recipe = Recipe()
    by_libvips = Image.open(BytesIO(encode_still(premultiplied, OutputFormat.AVIF, recipe)))

    without_libvips(monkeypatch)
    by_pillow = Image.open(BytesIO(encode_still(premultiplied, OutputFormat.AVIF, recipe)))

    assert by_libvips.mode == by_pillow.mode == ("RGBA" if mode == "RGBA" else "RGB")
    assert by_libvips.size == by_pillow.size == (90, 70)


def test_jpeg_has_fewer_bytes_than_with_the_tables_of_the_standard() -> None:
    image = Image.effect_noise((320, 240), 30).convert("RGB")

    assert len(encode_still(image, OutputFormat.JPEG, Recipe())) < len(file(image, "JPEG", quality=80, optimize=True))
