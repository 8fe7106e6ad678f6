import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from images import make

PngOf = Callable[..., Image.Image]


def lab_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def test_cmyk_without_a_profile_is_taken_for_ideal_inks(png_of: PngOf) -> None:
    patches = {
        (0, 0, 0, 0): make.WHITE,
        (0, 255, 255, 0): make.RED,
        (255, 255, 0, 0): make.BLUE,
        (0, 0, 0, 255): (0, 0, 0),
    }
    for inks, expected in patches.items():
        source = make.saved(Image.new("CMYK", (64, 48), inks), "JPEG", quality=100)
        assert png_of(source).getpixel((32, 24)) == pytest.approx(expected, abs=2)


@pytest.fixture
def adobe_rgb(photos: Path) -> bytes:
    with Image.open(photos / "rocket.jpg") as photo:
        return bytes(photo.info["icc_profile"])


def test_adobe_rgb_is_converted_to_srgb(adobe_rgb: bytes, png_of: PngOf) -> None:
    image = png_of(make.saved(Image.new("RGB", (64, 48), (100, 150, 120)), "PNG", icc_profile=adobe_rgb))
    assert image.getpixel((32, 24)) == pytest.approx(adobe_to_srgb((100, 150, 120)), abs=2)


def adobe_to_srgb(colour: tuple[int, int, int]) -> list[float]:
    """Convert by the published formulas: gamma 563/256, XYZ (D65) by the primaries, the sRGB curve."""
    r, g, b = ((value / 255) ** (563 / 256) for value in colour)
    x = 0.57667 * r + 0.18556 * g + 0.18823 * b
    y = 0.29734 * r + 0.62736 * g + 0.07529 * b
    z = 0.02703 * r + 0.07069 * g + 0.99134 * b
    linear = (
        3.24045 * x - 1.53714 * y - 0.49853 * z,
        -0.96927 * x + 1.87601 * y + 0.04156 * z,
        0.05564 * x - 0.20403 * y + 1.05723 * z,
    )
    return [255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055) for v in linear]


def test_alpha_passes_a_colour_conversion_unchanged(adobe_rgb: bytes, png_of: PngOf) -> None:
    source = make.saved(Image.new("RGBA", (64, 48), (100, 150, 120, 128)), "PNG", icc_profile=adobe_rgb)
    assert png_of(source).getpixel((32, 24)) == pytest.approx([*adobe_to_srgb((100, 150, 120)), 128], abs=3)


@pytest.mark.parametrize("profile", [b"nonsense", bytes(200), lab_profile()])
def test_a_profile_that_does_not_fit_is_passed_over(profile: bytes, png_of: PngOf) -> None:
    source = make.saved(Image.new("RGB", (64, 48), (10, 200, 30)), "PNG", icc_profile=profile)
    assert png_of(source).getpixel((32, 24)) == (10, 200, 30)


def test_lab_is_converted_to_srgb(png_of: PngOf) -> None:
    file = io.BytesIO()
    Image.new("LAB", (64, 48), (255, 128, 128)).save(file, "TIFF")  # L* 100, a* and b* 0: white
    assert png_of(file.getvalue()).getpixel((32, 24)) == pytest.approx(make.WHITE, abs=2)
