"""Colours by code points, without a profile: PNG's cICP, and nclx in AVIF and HEIC."""

import shutil
import struct
import subprocess
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import isobmff, make, written
from thumbpipe.core.imaging.colour.transfer_functions import hlg_lights, pq_lights

PngOf = Callable[..., Image.Image]
COLOUR: Final = (200, 120, 60)
ZOO: Final = Path(__file__).parents[3] / "images" / "zoo"

# What Chromium 156 (skcms, no Little CMS) shows of (200, 120, 60) in an AVIF of libavif 0.11.1 with these primaries and
# curve: `avifenc --min 0 --max 0 -y 444 -r full --nclx P/T/6`, `--force-color-profile=srgb`.
CHROMIUM: Final = {
    (1, 13): (200, 119, 61),
    (12, 13): (213, 114, 44),
    (12, 1): (213, 114, 44),
    (9, 13): (235, 105, 40),
    (9, 14): (235, 105, 40),
    (9, 15): (235, 105, 40),
    (1, 4): (201, 120, 58),
    (1, 8): (229, 182, 134),
    (1, 5): (189, 97, 37),
    (5, 6): (203, 119, 62),
    (2, 2): (200, 119, 61),
}


def png(cicp: tuple[int, ...], colour: tuple[int, ...] = COLOUR, *chunks: bytes, depth: int = 8) -> bytes:
    sample = "B" if depth == 8 else "H"
    row = b"\0" + struct.pack(f">{len(colour)}{sample}", *(v * (1 if depth == 8 else 257) for v in colour)) * 16
    chunk = make.png_chunk(b"cICP", bytes(cicp))
    return make.png(
        (16, 16), depth=depth, colour_type=2 if len(colour) == 3 else 0, rows=row * 16, chunks=(chunk, *chunks)
    )


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("points", CHROMIUM)
def test_a_png_is_shown_as_chromium_shows_it(points: tuple[int, int], depth: int, png_of: PngOf) -> None:
    image = png_of(png((*points, 0, 1), depth=depth), 16)
    assert image.getpixel((8, 8)) == pytest.approx(CHROMIUM[points], abs=2)


@pytest.fixture(scope="session")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoded")
    Image.new("RGB", (64, 64), COLOUR).save(folder / "colour.png")
    return folder


@pytest.mark.skipif(shutil.which("avifenc") is None, reason="avifenc, another encoder, is not installed")
@pytest.mark.parametrize("points", CHROMIUM)
def test_an_avif_is_shown_as_chromium_shows_it(points: tuple[int, int], encoded: Path, png_of: PngOf) -> None:
    options = ["-s", "8", "--min", "0", "--max", "0", "-y", "444", "-r", "full", "--nclx", f"{points[0]}/{points[1]}/6"]
    target = encoded / "colour.avif"
    command = ["avifenc", *options, str(encoded / "colour.png"), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert png_of(target.read_bytes(), 16).convert("RGB").getpixel((8, 8)) == pytest.approx(CHROMIUM[points], abs=2)


def p3_to_srgb(colour: tuple[int, ...]) -> list[float]:
    """Convert by the published matrix from Display P3's light to sRGB's."""
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (each / 255 for each in colour)]
    rows = ((1.2249402, -0.2249402, 0), (-0.0420570, 1.0420570, 0), (-0.0196376, -0.0786361, 1.0982736))
    return [255 * srgb(min(1, max(0, sum(a * b for a, b in zip(row, light, strict=True))))) for row in rows]


@pytest.mark.parametrize("name", ["hevc.heic", "ten.avif"])
def test_display_p3_in_nclx_alone_is_honoured(name: str, png_of: PngOf) -> None:
    """The left half of the streams is red and blue; one pixel of it is a dark purple, which is redder in P3."""
    source, half = (ZOO / name).read_bytes(), isobmff.clap(48, 1, 64, 1, -24, 1, 0, 1)
    shown, plain = (
        png_of(isobmff.with_property(source, half, isobmff.nclx(primaries, 13, 6)), 1).convert("RGB").getpixel((0, 0))
        for primaries in (12, 1)
    )
    assert isinstance(plain, tuple)
    assert shown == pytest.approx(p3_to_srgb(plain), abs=2)
    assert shown != pytest.approx(plain, abs=5)


def srgb(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * float(light ** (1 / 2.4)) - 0.055


def test_a_grid_s_colours_may_be_stated_by_its_tiles(png_of: PngOf) -> None:
    source, half = (ZOO / "hevc.heic").read_bytes(), isobmff.clap(48, 1, 64, 1, -24, 1, 0, 1)
    described = (isobmff.ispe(96, 64), isobmff.found(source, b"hvcC"))
    grid = bytes(4) + struct.pack(">HH", 96, 64)
    whole = isobmff.Item(kind=b"grid", data=grid, properties=(isobmff.ispe(96, 64), half), made_of=[2])
    plain, wide = (
        png_of(
            isobmff.heif(
                whole,
                isobmff.Item(
                    kind=b"hvc1",
                    data=isobmff.content(source, b"mdat"),
                    properties=(*described, isobmff.nclx(primaries, 13, 6)),
                ),
            ),
            1,
        )
        .convert("RGB")
        .getpixel((0, 0))
        for primaries in (1, 12)
    )
    assert isinstance(plain, tuple)
    assert wide == pytest.approx(p3_to_srgb(plain), abs=2)
    assert wide != pytest.approx(plain, abs=5)


def test_a_profile_of_a_heic_overrules_its_nclx(png_of: PngOf) -> None:
    icc = isobmff.box(b"colr", b"prof", written.icc("ProPhoto"))
    source = (ZOO / "hevc.heic").read_bytes()
    both = png_of(isobmff.with_property(source, isobmff.nclx(12, 13, 6), icc), 8)
    alone = png_of(isobmff.with_property(source, icc), 8)
    assert both.tobytes() == alone.tobytes()
    assert both.tobytes() != png_of(source, 8).tobytes()


def test_code_points_of_a_png_overrule_its_profile(png_of: PngOf) -> None:
    profile = make.png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(written.icc("ProPhoto")))
    assert png_of(png((1, 13, 0, 1), COLOUR, profile), 16).getpixel((8, 8)) == COLOUR
    assert png_of(png((2, 2, 0, 1), COLOUR, profile), 16).getpixel((8, 8)) != COLOUR


def test_grey_profiles_have_curves_but_no_primaries(png_of: PngOf) -> None:
    assert png_of(png((9, 13, 0, 1), (100,)), 16).convert("L").getpixel((8, 8)) == pytest.approx(100, abs=1)
    assert png_of(png((9, 8, 0, 1), (100,)), 16).convert("L").getpixel((8, 8)) == pytest.approx(168, abs=2)


def sample(light: float) -> float:
    """PQ's sample of a light in cd/m², by SMPTE ST 2084's formula."""
    power = (light / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


@pytest.mark.parametrize("light", [1, 5, 20, 50, 80])
def test_dark_and_middle_tones_of_pq_keep_their_light(light: float, png_of: PngOf) -> None:
    code = round(255 * sample(light))
    shown = png_of(png((1, 16, 0, 1), (code, code, code)), 16).getpixel((8, 8))
    # Eight bits of PQ are steps of some 4 %.
    low, high = (255 * srgb(light * part / 203) for part in (0.95, 1.05))
    assert isinstance(shown, tuple)
    assert all(low - 2 <= value <= high + 2 for value in shown)


@pytest.mark.parametrize("lights", [pq_lights(), hlg_lights()])
def test_bright_films_rise_from_black_to_white(lights: list[float]) -> None:
    assert lights[0] == 0
    assert lights[-1] == pytest.approx(1, abs=0.01)
    assert lights == sorted(lights)


def test_a_pages_white_in_hlg_is_bright_but_not_white(png_of: PngOf) -> None:
    """BT.2408: three quarters of HLG are 203 cd/m², a page's white; highlights have to be brighter."""
    shown = png_of(png((9, 18, 0, 1), (191, 191, 191)), 16).getpixel((8, 8))
    assert shown == pytest.approx((229, 229, 229), abs=5)


CHROMIUM_PROGRAM: Final = shutil.which("chromium")


@pytest.mark.skipif(CHROMIUM_PROGRAM is None, reason="Chromium, another colour engine, is not installed")
def test_chromium_shows_the_same_of_pngs(tmp_path: Path, png_of: PngOf) -> None:
    # Of television's curves Chromium takes a PNG's as a camera's and an AVIF's as sRGB; thumbpipe takes both as sRGB.
    compared = [points for points in CHROMIUM if points[1] not in {1, 6, 14, 15}]
    sources = [png((*points, 0, 1)) for points in compared]
    pictures = "".join(
        f'<img style="display:block" src="data:image/png;base64,{b64encode(each).decode()}">' for each in sources
    )
    (tmp_path / "page.html").write_text(f'<body style="margin:0">{pictures}')
    shot = tmp_path / "shot.png"
    command = [
        str(CHROMIUM_PROGRAM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--force-color-profile=srgb",
        "--window-size=64,400",
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--screenshot={shot}",
        (tmp_path / "page.html").as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with Image.open(shot) as page:
        for index, source in enumerate(sources):
            shown = page.convert("RGB").getpixel((8, 16 * index + 8))
            assert png_of(source, 16).getpixel((8, 8)) == pytest.approx(shown, abs=2), compared[index]
