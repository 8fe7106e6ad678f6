"""Shrinking, against closed-form pictures: what is finer than a pixel vanishes, and edges throw no shadow."""

import math
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from images import make

PngOf = Callable[..., Image.Image]
ENCODINGS: Final[dict[str, dict[str, object]]] = {
    "PNG": {},
    "JPEG": {"quality": 98},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "BMP": {},
}


def zone_plate(edge: int) -> Image.Image:
    """Draw rings whose frequency grows from nothing in the middle to the finest that pixels hold at the edge."""
    middle = (edge - 1) / 2
    levels = (
        round(127.5 + 127.5 * math.cos(math.pi * ((x - middle) ** 2 + (y - middle) ** 2) / edge))
        for y in range(edge)
        for x in range(edge)
    )
    return Image.frombytes("L", (edge, edge), bytes(levels))


@pytest.fixture(scope="module")
def plate() -> Image.Image:
    return zone_plate(600)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("width", [50, 75, 107, 150])
def test_a_zone_plate_has_no_rings_where_pixels_cannot_hold_them(
    encoding: str, width: int, plate: Image.Image, png_of: PngOf
) -> None:
    image = png_of(make.saved(plate, encoding, **ENCODINGS[encoding]), width).convert("L")
    factor = 600 / width
    # At a distance of d from the middle the source has d / 600 periods a pixel, and the result d x factor / 600.
    limit = 300 / factor / factor
    rows = memoryview(image.tobytes()).cast("B", (width, width))
    outside = [at for at in range(width) if abs(at - width / 2) > 1.6 * limit]
    assert outside
    assert all(abs(rows[y, x] - 127.5) < 16 for y in outside for x in outside), "aliasing"
    middle = image.crop((width // 2 - 1, width // 2 - 1, width // 2 + 1, width // 2 + 1))
    low, _high = middle.getextrema()
    assert isinstance(low, int)
    assert low > 150, "what pixels can hold is there"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_edge_has_no_halo(encoding: str, png_of: PngOf) -> None:
    image = Image.new("L", (1200, 300), 80)
    image.paste(180, (600, 0, 1200, 300))
    row = png_of(make.saved(image.convert("RGB"), encoding, **ENCODINGS[encoding]), 150).convert("L")
    levels = [row.getpixel((x, 20)) for x in range(150)]
    assert all(isinstance(level, int) and 80 - 9 <= level <= 180 + 9 for level in levels), (
        "an overshoot of a tenth at most"
    )
    assert levels[:70] == [pytest.approx(80, abs=1)] * 70
    assert levels[80:] == [pytest.approx(180, abs=1)] * 70


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("size", [(1001, 667), (999, 501), (640, 480)])
def test_a_ramp_stays_in_its_place(encoding: str, size: tuple[int, int], png_of: PngOf) -> None:
    """A shift of half a pixel, as of a part of a block that is taken for a whole, would show."""
    row = bytes(round(255 * (x + 0.5) / size[0]) for x in range(size[0]))
    image = png_of(make.saved(Image.frombytes("L", size, row * size[1]), encoding, **ENCODINGS[encoding]), 100).convert(
        "L"
    )
    seen = image.crop((2, image.height // 2, 98, image.height // 2 + 1)).tobytes()
    errors = [level - 255 * (x + 2.5) / 100 for x, level in enumerate(seen)]
    assert abs(sum(errors) / len(errors)) < 0.6, "half a pixel would be 1.3"
    assert max(map(abs, errors)) < 1.6
