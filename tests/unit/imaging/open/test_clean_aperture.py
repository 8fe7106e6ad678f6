"""The clean aperture of AVIF and HEIC: other encoders wrote the streams, and another decoder says what is shown."""

import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageChops, ImageOps

from images import isobmff, make
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.clipped_file import ClippedFile
from thumbpipe.core.imaging.open.probe import probe

PngOf = Callable[..., Image.Image]
ZOO: Final = Path(__file__).parents[3] / "images" / "zoo"
STREAMS: Final = {"AVIF": ZOO / "ten.avif", "HEIC": ZOO / "hevc.heic"}
# Odd and even edges, offsets of half pixels; the last is so small that libheif 1.23 alone refuses its picture.
APERTURES: Final = [
    (40, 1, 30, 1, 0, 1, 0, 1),
    (41, 1, 30, 1, 3, 2, -2, 1),
    (21, 1, 21, 1, -21, 1, 5, 2),
    (30, 1, 31, 1, 7, 1, 13, 2),
    (3, 1, 1, 1, 1, 2, 1, 2),
]


@pytest.mark.parametrize(("name", "size"), [("clap.avif", (40, 40)), ("clap-irot1-imir0.avif", (44, 40))])
def test_the_aperture_is_the_picture(name: str, size: tuple[int, int], png_of: PngOf) -> None:
    source = (ZOO / name).read_bytes()
    facts = probe(source, Limits())
    assert (facts.width, facts.height) == size
    assert png_of(source).size == size


@pytest.mark.parametrize("kind", STREAMS)
def test_the_aperture_of_four_colours_shows_those_that_it_should(kind: str, png_of: PngOf) -> None:
    """Red, green, blue and white meet at 48, 32; the aperture begins at 33, 27."""
    source = isobmff.with_property(STREAMS[kind].read_bytes(), isobmff.clap(20, 1, 20, 1, -5, 1, 5, 1))
    image = png_of(source).convert("RGB")
    assert image.size == (20, 20)
    shown = [image.getpixel(spot) for spot in ((13, 2), (17, 2), (13, 8), (17, 8))]
    assert shown == [pytest.approx(colour, abs=12) for colour in (make.RED, make.GREEN, make.BLUE, make.WHITE)]


@pytest.mark.skipif(shutil.which("heif-convert") is None, reason="heif-convert, another decoder, is not installed")
@pytest.mark.parametrize("aperture", APERTURES)
@pytest.mark.parametrize("kind", STREAMS)
def test_libheif_shows_the_same(kind: str, aperture: tuple[int, ...], png_of: PngOf, tmp_path: Path) -> None:
    source = isobmff.with_property(STREAMS[kind].read_bytes(), isobmff.clap(*aperture))
    (tmp_path / "source.heic").write_bytes(source)
    command = ["heif-convert", str(tmp_path / "source.heic"), str(tmp_path / "shown.png")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    with Image.open(tmp_path / "shown.png") as other:
        shown = png_of(source).convert("RGB")
        assert shown.size == other.size
        differences = ImageChops.difference(shown, other.convert("RGB")).getextrema()
        assert max(high for _low, high in differences) <= 4  # type: ignore[misc]  # one pair a channel


@pytest.mark.parametrize(
    "aperture", [(40, 0, 30, 1, 0, 1, 0, 1), (40, 1, 30, 1, 200, 1, 0, 1), (-4, 1, 30, 1, 0, 1, 0, 1)]
)
def test_an_aperture_that_shows_nothing_is_damage(aperture: tuple[int, ...]) -> None:
    source = isobmff.with_property(STREAMS["AVIF"].read_bytes(), isobmff.clap(*aperture))
    with pytest.raises(InvalidImageError) as caught:
        probe(source, Limits())
    assert caught.value.code == ErrorCode.CORRUPT


def test_each_frame_of_an_animation_is_cut() -> None:
    frames = [make.quadrants(96, 64), make.quadrants(96, 64).transpose(Image.Transpose.ROTATE_180)]
    source = make.saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100, quality=100)
    with (
        Image.open(BytesIO(source)) as whole,
        ClippedFile(whole, (40, 30), lambda each: each.crop((0, 0, 40, 30))) as image,
    ):
        assert image.n_frames == 2
        for index, colour in enumerate((make.RED, make.WHITE)):
            image.seek(index)
            image.load()
            assert image.size == (40, 30)
            assert image.info["duration"] == 100
            assert image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) == pytest.approx(colour, abs=4)


@pytest.mark.parametrize("mirror", [None, 0, 1])
@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("kind", STREAMS)
def test_an_aperture_is_cut_before_the_picture_is_turned(
    kind: str, quarters: int, mirror: int | None, png_of: PngOf
) -> None:
    """Of red, green, blue and white the aperture leaves 10 and 20 columns, 6 and 12 rows."""
    turns = [isobmff.box(b"irot", bytes([quarters]))]
    turns += [] if mirror is None else [isobmff.box(b"imir", bytes([mirror]))]
    aperture = isobmff.clap(30, 1, 18, 1, 5, 1, 3, 1)
    image = png_of(isobmff.with_property(STREAMS[kind].read_bytes(), aperture, *turns)).convert("RGB")
    expected = Image.new("RGB", (30, 18), make.WHITE)
    expected.paste(make.RED, (0, 0, 10, 6))
    expected.paste(make.GREEN, (10, 0, 30, 6))
    expected.paste(make.BLUE, (0, 6, 10, 18))
    expected = expected.rotate(90 * quarters, expand=True)
    if mirror is not None:
        expected = (ImageOps.mirror if mirror else ImageOps.flip)(expected)
    assert image.size == expected.size
    spots = [(x * image.width // 12, y * image.height // 12) for x in (2, 6, 9) for y in (2, 6, 9)]
    assert [image.getpixel(spot) for spot in spots] == [
        pytest.approx(expected.getpixel(spot), abs=12) for spot in spots
    ]
