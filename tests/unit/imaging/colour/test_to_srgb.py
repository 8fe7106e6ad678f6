import io
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageCms

from images import make, written

PngOf = Callable[..., Image.Image]


def lab_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def test_cmyk_without_a_profile_is_converted_as_ideal_inks(png_of: PngOf) -> None:
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
def test_an_unsuitable_profile_is_ignored(profile: bytes, png_of: PngOf) -> None:
    source = make.saved(Image.new("RGB", (64, 48), (10, 200, 30)), "PNG", icc_profile=profile)
    assert png_of(source).getpixel((32, 24)) == (10, 200, 30)


def test_lab_is_converted_to_srgb(png_of: PngOf) -> None:
    file = io.BytesIO()
    Image.new("LAB", (64, 48), (255, 128, 128)).save(file, "TIFF")  # L* 100, a* and b* 0: white
    assert png_of(file.getvalue()).getpixel((32, 24)) == pytest.approx(make.WHITE, abs=2)


# From XYZ (D50) to linear sRGB, Bradford: Bruce Lindbloom's published matrix.
TO_SRGB: Final = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)


def expected_srgb(name: str, colour: tuple[int, int, int]) -> list[float]:
    """Convert by the published curves and matrices, in floats; beyond sRGB a channel stops at its end."""
    gamma = written.GAMMAS[name]
    light = [decoded(value / 255) if gamma is None else (value / 255) ** gamma for value in colour]
    xyz = [sum(c[row] * v for c, v in zip(written.COLORANTS[name], light, strict=True)) for row in range(3)]
    linear = [sum(a * b for a, b in zip(row, xyz, strict=True)) for row in TO_SRGB]
    return [255 * encoded(min(1.0, max(0.0, value))) for value in linear]


def encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * float(value ** (1 / 2.4)) - 0.055


def decoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


PATCHES: Final = [(r, g, b) for r in (0, 40, 128, 200, 255) for g in (0, 60, 140, 255) for b in (0, 100, 180, 255)]


@pytest.mark.parametrize("name", written.COLORANTS)
@pytest.mark.parametrize("encoding", ["PNG", "TIFF", "WEBP"])
def test_a_wide_colour_space_is_shown_as_its_formulas_say(name: str, encoding: str, png_of: PngOf) -> None:
    patches = Image.new("RGB", (8 * len(PATCHES), 8))
    for index, colour in enumerate(PATCHES):
        patches.paste(colour, (8 * index, 0, 8 * index + 8, 8))
    options = {"lossless": True, "quality": 100} if encoding == "WEBP" else {}
    image = png_of(make.saved(patches, encoding, icc_profile=written.icc(name), **options), patches.width)
    for index, colour in enumerate(PATCHES):
        expected = expected_srgb(name, colour)
        assert image.getpixel((8 * index + 4, 4)) == pytest.approx(expected, abs=2), (name, colour)


@pytest.mark.parametrize("name", written.COLORANTS)
def test_sixteen_bits_of_a_wide_colour_space_are_shown_as_its_formulas_say(name: str, png_of: PngOf) -> None:
    chunk = make.png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(written.icc(name)))
    colours = PATCHES[5::9]
    row = b"\0" + b"".join(struct.pack(">3H", *(257 * value for value in colour)) * 8 for colour in colours)
    source = make.png((8 * len(colours), 8), depth=16, colour_type=2, rows=row * 8, chunks=(chunk,))
    image = png_of(source, 8 * len(colours))
    for index, colour in enumerate(colours):
        assert image.getpixel((8 * index + 4, 4)) == pytest.approx(expected_srgb(name, colour), abs=2), colour


@pytest.mark.skipif(shutil.which("vips") is None, reason="vips, another colour engine's client, is not installed")
@pytest.mark.parametrize("name", written.COLORANTS)
def test_libvips_shows_a_wide_colour_space_alike(name: str, png_of: PngOf, tmp_path: Path) -> None:
    source = make.saved(Image.new("RGB", (16, 16), (200, 120, 60)), "PNG", icc_profile=written.icc(name))
    (tmp_path / "source.png").write_bytes(source)
    command = [
        "vips",
        "icc_transform",
        "source.png",
        "srgb.png",
        "srgb",
        "--intent",
        "perceptual",
        "--black-point-compensation",
        "--embedded",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    with Image.open(tmp_path / "srgb.png") as other:
        assert png_of(source, 16).getpixel((8, 8)) == pytest.approx(other.convert("RGB").getpixel((8, 8)), abs=2)


def described(value: int, gamma: float, *chunks: bytes, grey: bool = False) -> bytes:
    gama = make.png_chunk(b"gAMA", struct.pack(">I", round(100_000 * gamma)))
    row = b"\0" + bytes([value]) * 16 * (1 if grey else 3)
    return make.png((16, 16), depth=8, colour_type=0 if grey else 2, rows=row * 16, chunks=(*chunks, gama))


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("gamma", [1.0, 0.35, 0.55, 1 / 1.8, 1 / 2.2])
@pytest.mark.parametrize("value", [30, 128, 250])
def test_the_gamma_that_a_png_states_is_honoured(value: int, gamma: float, png_of: PngOf, *, grey: bool) -> None:
    expected = 255 * encoded((value / 255) ** (1 / gamma)) if gamma != 1 / 2.2 else value
    seen = png_of(described(value, gamma, grey=grey), 16).convert("L").getpixel((8, 8))
    assert seen == pytest.approx(expected, abs=2)


def test_an_srgb_chunk_overrules_the_gamma(png_of: PngOf) -> None:
    source = described(100, 1.0, make.png_chunk(b"sRGB", b"\0"))
    assert png_of(source, 16).getpixel((8, 8)) == (100, 100, 100)


def test_the_primaries_that_a_png_states_are_honoured(png_of: PngOf) -> None:
    adobe = struct.pack(">8I", *(round(100_000 * v) for v in (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)))
    gama = make.png_chunk(b"gAMA", struct.pack(">I", 45_470))
    row = b"\0" + bytes((100, 150, 120)) * 16
    source = make.png((16, 16), depth=8, colour_type=2, rows=row * 16, chunks=(gama, make.png_chunk(b"cHRM", adobe)))
    assert png_of(source, 16).getpixel((8, 8)) == pytest.approx(adobe_to_srgb((100, 150, 120)), abs=2)


@pytest.mark.parametrize("points", [bytes(32), b"\xff" * 32, struct.pack(">8I", *[33_000] * 8)])
def test_degenerate_primaries_are_ignored(points: bytes, png_of: PngOf) -> None:
    row = b"\0" + bytes((100, 150, 120)) * 16
    source = make.png((16, 16), depth=8, colour_type=2, rows=row * 16, chunks=(make.png_chunk(b"cHRM", points),))
    assert png_of(source, 16).getpixel((8, 8)) == (100, 150, 120)


def _imagemagick() -> bool:
    """Whether `convert` is ImageMagick's, and not another program of that name."""
    program = shutil.which("convert")
    if program is None:
        return False
    return b"ImageMagick" in subprocess.run([program, "-version"], capture_output=True, check=False).stdout


@pytest.mark.skipif(not _imagemagick(), reason="ImageMagick, another colour engine's client, is not installed")
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", written.COLORANTS)
def test_imagemagick_shows_a_wide_colour_space_alike(name: str, depth: int, png_of: PngOf, tmp_path: Path) -> None:
    chunk = make.png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(written.icc(name)))
    code, gain = ("B", 1) if depth == 8 else ("H", 257)
    row = b"\0" + b"".join(struct.pack(f">3{code}", *(gain * value for value in colour)) * 8 for colour in PATCHES)
    source = make.png((8 * len(PATCHES), 8), depth=depth, colour_type=2, rows=row * 8, chunks=(chunk,))
    (tmp_path / "source.png").write_bytes(source)
    (tmp_path / "srgb.icc").write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    options = ["-intent", "perceptual", "-black-point-compensation", "-profile", "srgb.icc", "-depth", "8"]
    command = ["convert", "source.png", *options, "PNG24:srgb.png"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    shown = png_of(source, 8 * len(PATCHES))
    with Image.open(tmp_path / "srgb.png") as other:
        for index, colour in enumerate(PATCHES):
            spot = (8 * index + 4, 4)
            assert shown.getpixel(spot) == pytest.approx(other.convert("RGB").getpixel(spot), abs=2), (name, colour)
