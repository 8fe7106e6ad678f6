"""Files by other programs in unusual variants of each format: each shows the same four colours."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import make

PngOf = Callable[..., Image.Image]
ZOO: Final = Path(__file__).parents[2] / "images" / "zoo"
COLOURS: Final = (make.RED, make.GREEN, make.BLUE, make.WHITE)
# Rec. 601 greys of the four, as ImageMagick made them.
GREYS: Final = tuple((level,) * 3 for level in (76, 150, 29, 255))
BILEVEL: Final = {"1.bmp", "g1.tif", "t-Fax.tif", "t-Group4.tif"}
GREY: Final = {"g2.tif", "g4.tif", "g12.tif", "g16.tif", "gf16.tif", "gf32.tif", "gi32.tif", "grey.jpg", "miw.tif"}
# Two bits have four levels, four bits sixteen; a printed blue is no screen's.
TOLERANCES: Final = {"g2.tif": 85, "g4.tif": 17, "565.bmp": 9, "1555.bmp": 9, "twelve.avif": 6}
# What undoes the turn that the file's box demands: irot counts quarters against the clock.
TURNED: Final = {
    "irot1.avif": Image.Transpose.ROTATE_270,
    "irot2.avif": Image.Transpose.ROTATE_180,
    "irot3.avif": Image.Transpose.ROTATE_90,
    "imir0.avif": Image.Transpose.FLIP_TOP_BOTTOM,
    "imir1.avif": Image.Transpose.FLIP_LEFT_RIGHT,
    "clap-irot1-imir0.avif": Image.Transpose.TRANSPOSE,
}
FILES: Final = sorted(path.name for path in ZOO.iterdir() if path.suffix != ".md")


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    rgb, (width, height) = image.convert("RGB"), image.size
    spots = [(x * width // 5, y * height // 5) for y in (1, 4) for x in (1, 4)]
    return [pixel for pixel in map(rgb.getpixel, spots) if isinstance(pixel, tuple)]


@pytest.mark.parametrize("name", [name for name in FILES if name not in BILEVEL])
def test_an_odd_file_is_seen_as_it_is(name: str, png_of: PngOf) -> None:
    image = png_of((ZOO / name).read_bytes())
    expected = list(GREYS if name in GREY else COLOURS)
    if name in TURNED:
        image = image.transpose(TURNED[name])
    tolerance = TOLERANCES.get(name, 4)
    assert corners(image) == [pytest.approx(colour, abs=tolerance) for colour in expected]


@pytest.mark.parametrize("name", sorted(BILEVEL))
def test_black_and_white_alone_is_as_bright_as_its_greys(name: str, png_of: PngOf) -> None:
    image = png_of((ZOO / name).read_bytes()).convert("L")
    white = image.crop((52, 36, 92, 60)).getextrema()
    assert white == (255, 255)
    assert set(image.tobytes()) <= {0, 255}
    assert image.crop((4, 36, 44, 60)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) == pytest.approx(
        29, abs=30
    )


@pytest.mark.parametrize("name", ["rgba.tif", "rgba16.tif"])
def test_half_transparency_of_a_tiff_is_kept(name: str, png_of: PngOf) -> None:
    alpha = png_of((ZOO / name).read_bytes()).getchannel("A")
    assert set(alpha.tobytes()) <= {127, 128, 129}
