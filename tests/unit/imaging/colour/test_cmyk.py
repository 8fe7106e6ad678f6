"""CMYK through its profile, beside another colour engine: Argyll CMS (icclib), which shares no code with Little CMS."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
import pyvips
from PIL import Image

from images import make

PngOf = Callable[..., Image.Image]
Inks = tuple[int, int, int, int]

# X, Y and Z (D50) of inks through the profile that libvips carries ("Chemical proof", perceptual), as xicclu of Argyll
# CMS 2.3.1 prints them: `xicclu -ff -ip -px -s100 cmyk.icc`.
XYZ: Final[dict[Inks, tuple[float, float, float]]] = {
    (0, 0, 0, 0): (0.964203, 1.000000, 0.824906),
    (255, 0, 0, 0): (0.162847, 0.245696, 0.583850),
    (0, 255, 0, 0): (0.395750, 0.203325, 0.181047),
    (0, 0, 255, 0): (0.822911, 0.874430, 0.075498),
    (0, 255, 255, 0): (0.360297, 0.190647, 0.029330),
    (255, 0, 255, 0): (0.073816, 0.180447, 0.061151),
    (255, 255, 0, 0): (0.047853, 0.030924, 0.143931),
    (0, 0, 0, 255): (0.019499, 0.018502, 0.019240),
    (128, 128, 128, 0): (0.198102, 0.191180, 0.147354),
    (0, 0, 0, 128): (0.241210, 0.249069, 0.206758),
    (30, 60, 90, 20): (0.463726, 0.446764, 0.257944),
    (200, 40, 100, 80): (0.101684, 0.141461, 0.152639),
    (128, 255, 255, 100): (0.067563, 0.043535, 0.022787),
    (255, 255, 255, 255): (0.016060, 0.015886, 0.019517),
}
D50: Final = (0.9642, 1.0, 0.8249)
# From XYZ (D50) to linear sRGB, Bradford: Bruce Lindbloom's published matrix.
TO_SRGB: Final = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)
ALL_INKS: Final = (255, 255, 255, 255)


@pytest.fixture(scope="session")
def profile() -> bytes:
    return bytes(pyvips.Operation.call("profile_load", "cmyk"))


def srgb(xyz: Sequence[float], black: Sequence[float]) -> list[float]:
    """Convert by black-point compensation (linear in XYZ: all inks become black, paper stays) and sRGB's formulas."""
    scaled = [white * (v - low) / (white - low) for v, low, white in zip(xyz, black, D50, strict=True)]
    linear = (sum(a * b for a, b in zip(row, scaled, strict=True)) for row in TO_SRGB)
    return [255 * encoded(min(1.0, max(0.0, value))) for value in linear]


def encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * float(value ** (1 / 2.4)) - 0.055


def seen(inks: Inks, encoding: str, profile: bytes, png_of: PngOf) -> object:
    options = {"quality": 100} if encoding == "JPEG" else {}
    return png_of(make.saved(Image.new("CMYK", (64, 48), inks), encoding, icc_profile=profile, **options)).getpixel(
        (32, 24)
    )


@pytest.mark.parametrize("encoding", ["TIFF", "JPEG"])
@pytest.mark.parametrize("inks", XYZ)
def test_inks_are_shown_as_argyll_and_the_formulas_say(
    inks: Inks, encoding: str, profile: bytes, png_of: PngOf
) -> None:
    expected = srgb(XYZ[inks], XYZ[ALL_INKS])
    colour = seen(inks, encoding, profile, png_of)
    assert isinstance(colour, tuple)
    for value, wanted in zip(colour, expected, strict=True):
        # Little CMS makes a table of the transform, 26 ms instead of 370: it bends where sRGB ends.
        assert value == pytest.approx(wanted, abs=12 if wanted in {0.0, 255.0} else 2), (colour, expected)


@pytest.mark.skipif(shutil.which("xicclu") is None, reason="xicclu, Argyll's colour engine, is not installed")
def test_argyll_still_says_so(profile: bytes, tmp_path: Path) -> None:
    (tmp_path / "cmyk.icc").write_bytes(profile)
    percent = "\n".join(" ".join(f"{value / 2.55:.5f}" for value in inks) for inks in XYZ)
    command = ["xicclu", "-ff", "-ip", "-px", "-s100", str(tmp_path / "cmyk.icc")]
    answer = subprocess.run(command, input=percent, capture_output=True, text=True, check=True, timeout=60)
    lines = [line.rpartition("->")[2].split() for line in answer.stdout.splitlines() if "[XYZ]" in line]
    assert [[float(value) for value in line[:3]] for line in lines] == [
        pytest.approx(values, abs=1e-4) for values in XYZ.values()
    ]
