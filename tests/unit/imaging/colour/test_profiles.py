"""A profile is what it says, and holds for every kind of picture in which it lies."""

import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from images import make, profiles, tiffs
from images.tiffs import Tiff
from thumbpipe.core.imaging.colour.hdr_profile import tone_mapped
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.icc import is_srgb
from thumbpipe.core.imaging.open.probe import probe

PngOf = Callable[..., Image.Image]
LEVEL: Final = 55
SHOWN: Final = profiles.shown(LEVEL, 1)  # 128


def with_profile(image: Image.Image, encoding: str, icc: bytes) -> bytes:
    options: dict[str, Any] = {"lossless": True} if encoding == "WEBP" else {"quality": 100}
    return make.saved(image, encoding, icc_profile=icc, **options)


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("name", ["sRGB-elle-V2-g10.icc", "sRGB IEC61966-2.1", "c2", "Linear"])
def test_a_linear_profile_is_linear_whatever_it_is_called(png_of: PngOf, name: str, encoding: str) -> None:
    source = with_profile(Image.new("RGB", (64, 48), (LEVEL,) * 3), encoding, profiles.rgb(name, 1))
    assert png_of(source).getpixel((9, 9)) == pytest.approx((SHOWN,) * 3, abs=2)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_linear_profile_of_a_png_of_either_depth(png_of: PngOf, bits: int) -> None:
    row = b"\0" + bytes([LEVEL]) * (3 * bits // 8) * 64
    chunk = make.png_chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(profiles.rgb("sRGB", 1)))
    source = make.png((64, 48), depth=bits, colour_type=2, rows=row * 48, chunks=(chunk,))
    assert png_of(source).getpixel((9, 9)) == pytest.approx((SHOWN,) * 3, abs=2)


def test_a_profile_of_another_exponent_that_is_called_srgb_is_none() -> None:
    assert not is_srgb(profiles.rgb("sRGB gamma 2.2", 2.2))
    assert not is_srgb(profiles.grey("sRGB grey", 2.2))


def test_srgb_by_another_name_is_srgb(photos: Path) -> None:
    with Image.open(photos / "summer-palace.tif") as photo:
        icc = photo.info["icc_profile"]
    assert is_srgb(icc)
    assert is_srgb(icc.replace(b"sRGB IEC61966-2.1", b"Something else..."))


def greys() -> dict[str, Image.Image]:
    opaque = Image.new("L", (64, 48), LEVEL)
    palette = Image.new("P", (64, 48), 1)
    palette.putpalette([0, 0, 0, LEVEL, LEVEL, LEVEL])
    return {"L": opaque, "LA": Image.merge("LA", [opaque, Image.new("L", (64, 48), 128)]), "P": palette}


@pytest.mark.parametrize("gamma", [1.0, 1.8])
@pytest.mark.parametrize(
    ("kind", "encoding", "options"),
    [
        ("L", "PNG", {}),
        ("L", "JPEG", {}),
        ("L", "TIFF", {}),
        ("LA", "PNG", {}),
        ("LA", "TIFF", {}),
        ("L", "PNG", {"transparency": 9}),
        ("P", "PNG", {"transparency": 0}),
        ("P", "PNG", {"transparency": b"\0\x80"}),
    ],
)
def test_a_grey_profile_holds_for_every_grey(
    png_of: PngOf, kind: str, encoding: str, options: dict[str, object], gamma: float
) -> None:
    source = make.saved(greys()[kind], encoding, icc_profile=profiles.grey("grey", gamma), **options)
    found = png_of(source).convert("RGBA").getpixel((9, 9))
    assert isinstance(found, tuple)
    assert found[:3] == pytest.approx((profiles.shown(LEVEL, gamma),) * 3, abs=2)
    assert found[3] in ({128} if kind == "LA" or options.get("transparency") == b"\0\x80" else {255})


@pytest.mark.parametrize("extra", [1, 2])
@pytest.mark.parametrize("photometric", [tiffs.WHITE_IS_ZERO, tiffs.BLACK_IS_ZERO])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_grey_profile_holds_for_a_tiff_with_alpha(png_of: PngOf, bits: int, photometric: int, extra: int) -> None:
    gain, level = (0.5, 1.0)[extra - 1], LEVEL / 255
    samples = [[gain * (level if photometric else 1 - level), 0.5]] * 4
    tags = {34675: profiles.grey("grey", 1)}
    tiff = Tiff(quadrants=samples, bits=bits, photometric=photometric, extra=(extra,), tags=tags)
    assert png_of(tiffs.written(tiff)).getpixel((9, 9)) == pytest.approx((SHOWN, SHOWN, SHOWN, 128), abs=5)


@pytest.mark.parametrize("bits", [12, 16])
def test_a_profile_holds_for_layouts_that_are_read_sample_by_sample(png_of: PngOf, bits: int) -> None:
    tags = {34675: profiles.rgb("sRGB", 1)}
    source = tiffs.written(Tiff(quadrants=[[LEVEL / 255] * 3] * 4, bits=bits, planes=True, tags=tags))
    assert png_of(source).getpixel((9, 9)) == pytest.approx((SHOWN,) * 3, abs=2)
    assert probe(source, Limits()).colour_profile == "sRGB"


def test_a_grey_profile_in_a_picture_with_colours_is_passed_over(png_of: PngOf) -> None:
    source = with_profile(Image.new("RGB", (64, 48), (LEVEL, 90, 20)), "PNG", profiles.grey("grey", 1))
    assert png_of(source).getpixel((9, 9)) == (LEVEL, 90, 20)


@pytest.mark.parametrize("encoding", ["JPEG", "TIFF"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_profile_for_colours_holds_for_greys(png_of: PngOf, encoding: str, bits: int) -> None:
    icc = profiles.rgb("linear", 1)
    if bits == 16:
        source = tiffs.written(Tiff(quadrants=[[LEVEL / 255]] * 4, bits=16, photometric=1, tags={34675: icc}))
    else:
        source = with_profile(Image.new("L", (64, 48), LEVEL), encoding, icc)
    assert png_of(source).convert("RGB").getpixel((9, 9)) == pytest.approx((SHOWN,) * 3, abs=2)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_a_profile_for_colours_in_a_png_without_any_is_passed_over(png_of: PngOf, mode: str) -> None:
    """As in libpng."""
    levels: dict[str, int | tuple[int, int]] = {"L": LEVEL, "LA": (LEVEL, 255), "I;16": LEVEL * 257}
    source = with_profile(Image.new(mode, (64, 48), levels[mode]), "PNG", profiles.rgb("linear", 1))
    assert png_of(source).convert("RGB").getpixel((9, 9)) == (LEVEL,) * 3


@pytest.mark.parametrize("megabytes", [1.3, 3.9])
@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_large_profile_is_honoured_in_every_format(png_of: PngOf, encoding: str, megabytes: float) -> None:
    icc = profiles.rgb("large", 1, padding=int(megabytes * 2**20))
    source = with_profile(Image.new("RGB", (64, 48), (LEVEL,) * 3), encoding, icc)
    assert png_of(source).getpixel((9, 9)) == pytest.approx((SHOWN,) * 3, abs=2)


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_of_more_than_4_mib_is_passed_over(png_of: PngOf, encoding: str) -> None:
    icc = profiles.rgb("too large", 1, padding=4 << 20)
    source = with_profile(Image.new("RGB", (64, 48), (LEVEL,) * 3), encoding, icc)
    assert png_of(source).getpixel((9, 9)) == pytest.approx((LEVEL,) * 3, abs=1)
    assert probe(source, Limits()).colour_profile is None


def pq(sample: float) -> float:
    """Return light by BT.2100, in parts of 10,000 cd/m²."""
    power = sample ** (1 / (128 * 2523 / 4096))
    return float((max(power - 3424 / 4096, 0) / (32 * 2413 / 4096 - 32 * 2392 / 4096 * power)) ** (16384 / 2610))


def hlg(sample: float) -> float:
    """Return the light of a scene by BT.2100."""
    return sample * sample / 3 if sample <= 0.5 else (math.exp((sample - 0.55991073) / 0.17883277) + 0.28466892) / 12


CURVES: Final = {16: [pq(at / 4095) for at in range(4096)], 18: [hlg(at / 1023) for at in range(1024)]}


def of_colour(colour: tuple[int, ...], depth: int, *chunks: bytes) -> bytes:
    row = b"\0" + b"".join((level * (257 if depth == 16 else 1)).to_bytes(depth // 8, "big") for level in colour) * 16
    return make.png((16, 16), depth=depth, colour_type=2, rows=row * 16, chunks=chunks)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("states_points", [False, True])
@pytest.mark.parametrize("transfer", CURVES)
def test_hdr_that_a_profile_states_is_toned_once(
    png_of: PngOf,
    transfer: int,
    states_points: bool,  # noqa: FBT001 - what is expected
    depth: int,
) -> None:
    points = (1, transfer, 0, 1)
    icc = profiles.rgb("HDR", 1, lights=CURVES[transfer], cicp=points if states_points else ())
    profile = make.png_chunk(b"iCCP", b"HDR\0\0" + zlib.compress(icc))
    stated = make.png_chunk(b"cICP", bytes(points))
    for colour in ((40, 60, 50), (130, 100, 140), (190, 160, 180), (250, 240, 230)):
        expected = png_of(of_colour(colour, depth, stated), 16).getpixel((8, 8))
        assert png_of(of_colour(colour, depth, profile), 16).getpixel((8, 8)) == pytest.approx(expected, abs=2)
        assert png_of(of_colour(colour, depth, stated, profile), 16).getpixel((8, 8)) == expected


def test_curves_that_are_no_hdr_stay_as_they_are() -> None:
    for lights in (
        [at / 255 for at in range(256)],
        [(at / 255) ** 2.2 for at in range(256)],
        [(at / 255) ** 4 for at in range(256)],
    ):
        assert tone_mapped(profiles.rgb("table", 1, lights=lights)) is None
    assert tone_mapped(profiles.rgb("exponent", 2.2)) is None
    assert tone_mapped(b"nonsense" * 30) is None
