"""Truth is the reference implementation, npm's `thumbhash` 0.1.1, which the page ships in `frontend/js/vendor`.

Ours may differ by one step of each figure that a hash holds: floats are rounded otherwise. Waves that are multiplied by
a scale of 0 do not count.
"""

import json
import math
import random
import shutil
import subprocess
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from thumbpipe.core.imaging.placeholder.placeholder import placeholder
from thumbpipe.core.imaging.placeholder.thumbhash import thumbhash

Shade = Callable[[int, int, int, int], tuple[int, int, int, int]]

PHOTOS: Final = Path(__file__).parents[3] / "images" / "photos"
REFERENCE: Final = Path(__file__).parents[4] / "frontend" / "js" / "vendor" / "thumbhash.js"

# From smooth to degenerate: flat and symmetric pictures have waves that are rounding errors alone.
SHADES: Final[dict[str, Shade]] = {
    "waves": lambda x, y, _w, _h: (
        int(127 + 120 * math.sin(x / 17 + y / 9)),
        int(127 + 120 * math.cos(x / 7)),
        int(127 + 100 * math.sin(y / 23 + 1)),
        255,
    ),
    "fading": lambda x, y, w, _h: (
        int(127 + 120 * math.sin(x / 17 + y / 9)),
        int(127 + 120 * math.cos(x / 7)),
        int(127 + 100 * math.sin(y / 23 + 1)),
        int(255 / (1 + math.exp((0.35 * w - x + y / 9) / 2))),
    ),
    "flat": lambda _x, _y, _w, _h: (12, 200, 99, 255),
    "grey": lambda x, y, _w, _h: ((x * y) % 256,) * 3 + (255,),
    "across": lambda x, _y, w, _h: (255 * x // w,) * 3 + (255,),
    "down": lambda _x, y, _w, h: (255 * y // h, 0, 77, 255),
    "symmetric": lambda x, y, w, h: (abs(2 * x - w + 1) * 200 // w, abs(2 * y - h + 1) * 200 // h, 30, 255),
    "chequered": lambda x, y, _w, _h: (255 * ((x // 8 + y // 8) % 2),) * 3 + (255,),
    "disc": lambda x, y, w, h: (9, 90, 200, 255 if (x - w / 2) ** 2 + (y - h / 2) ** 2 < w * h / 9 else 0),
    "veiled": lambda _x, _y, _w, _h: (40, 50, 60, 128),
    "clear": lambda _x, _y, _w, _h: (10, 20, 30, 0),
}
SIZES: Final = [(1, 1), (1, 100), (100, 1), (2, 3), (100, 3), (40, 30), (37, 91), (100, 100)]


def drawn(name: str, width: int, height: int) -> Image.Image:
    shade = SHADES[name]
    data = bytes(value for y in range(height) for x in range(width) for value in shade(x, y, width, height))
    return Image.frombytes("RGBA", (width, height), data)


def noise(width: int, height: int, *, alpha: bool) -> Image.Image:
    source = random.Random(width * height)  # noqa: S311 - a picture, not a secret
    data = bytearray(source.randbytes(width * height * 4))
    if not alpha:
        data[3::4] = b"\xff" * (width * height)
    return Image.frombytes("RGBA", (width, height), bytes(data))


def photo(name: str) -> Image.Image:
    with Image.open(PHOTOS / name) as image:
        small = image.convert("RGBA")
    small.thumbnail((100, 100), Image.Resampling.BOX)
    return small


@dataclass(frozen=True)
class Read:
    """A hash as its decoder reads it.

    Attributes:
        shape: What says how many waves there are, which is exact.
        means: Of light, yellow to blue, red to green, and opacity.
        scales: The same.
        waves: The same.
    """

    shape: tuple[int, ...]
    means: tuple[int, ...]
    scales: tuple[int, ...]
    waves: tuple[tuple[int, ...], ...]


def read(thumbhash: bytes) -> Read:
    first, second = int.from_bytes(thumbhash[:3], "little"), int.from_bytes(thumbhash[3:5], "little")
    has_alpha, is_landscape, shorter = first >> 23, second >> 15, second & 7
    means = [first & 63, first >> 6 & 63, first >> 12 & 63]
    scales = [first >> 18 & 31, second >> 3 & 63, second >> 9 & 63]
    finest, at = (5, 6) if has_alpha else (7, 5)
    light = (finest, shorter) if is_landscape else (shorter, finest)
    grids = [(max(3, light[0]), max(3, light[1])), (3, 3), (3, 3)]
    if has_alpha:
        means.append(thumbhash[5] & 15)
        scales.append(thumbhash[5] >> 4)
        grids.append((5, 5))
    nibbles = iter([nibble for byte in thumbhash[at:] for nibble in (byte & 15, byte >> 4)])
    waves = tuple(
        tuple(next(nibbles) for y in range(rows) for x in range(columns) if x + y and x * rows < columns * (rows - y))
        for columns, rows in grids
    )
    assert all(nibble == 0 for nibble in nibbles), "there are more waves than the shape says"
    return Read((has_alpha, is_landscape, shorter), tuple(means), tuple(scales), waves)


def assert_within_one_step(ours: bytes, reference: bytes) -> None:
    mine, truth = read(ours), read(reference)
    assert len(ours) == len(reference)
    assert mine.shape == truth.shape
    assert mine.means == pytest.approx(truth.means, abs=1)
    assert mine.scales == pytest.approx(truth.scales, abs=1)
    for channel, scales in enumerate(zip(mine.scales, truth.scales, strict=True)):
        if min(scales):
            assert mine.waves[channel] == pytest.approx(truth.waves[channel], abs=1)


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("waves", (40, 30), "aDUKNZz/hodvdndmeHiId/9umNBm"),
        ("waves", (3, 100), "6ikNYQZ4f5h4e3R2eHB5+Pc="),
        ("fading", (40, 30), "Y1SGJJRJt4NPhnd4ePuUC04Ilol4d4iIBw=="),
        ("fading", (37, 91), "XHaGMgpHpz946aS2wLegd3CJiXaIiIg="),
        ("clear", (2, 3), "AAiCAwAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ],
)
def test_a_hash_equals_the_references_if_no_value_is_between_two_steps(
    name: str, size: tuple[int, int], expected: str
) -> None:
    assert b64encode(thumbhash(drawn(name, *size))).decode() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("coffee.png", "GIoKDYSlqIdPUXd3eEeHiNJ/YIkI"),
        ("rocket.jpg", "EOcFFYItd2ZwiZd1h4iIdnVwbgbn"),
        ("sunset.jpg", "HAgWJYRniHdwiHeFiLd3d1h/gvZH"),
        ("fig.webp", "WokKJYr9uJZIuoddSoaJfAJ3AGAI"),
    ],
)
def test_a_photos_hash_is_the_references(name: str, expected: str) -> None:
    assert b64encode(thumbhash(photo(name))).decode() == expected


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("waves", (100, 3), "Z/UJMaCP4Wx3h3eHj3j4hYc="),
        ("waves", (100, 1), "p/VNoZ54h3iIiAiHeof/hYg="),
        ("flat", (40, 30), "GogABYC4Sy5ziIeHh5iHgPh78M+n"),
        ("flat", (1, 100), "Gog0EVwIiIiIiIiICIh4j3g="),
        ("grey", (37, 91), "HQgGAwAQQSZ1YnNEAAAAAAA="),
        ("across", (40, 30), "HwgaBYBwd3eIiIiHiIiHhwAAAAAA"),
        ("down", (37, 91), "kfcKMxp4cIiIh4iHiHCIB4c="),
        ("symmetric", (40, 30), "EwoKLZT4eIiIiIiPiIiIh/iIj48I"),
        ("symmetric", (100, 100), "EwoKLxT3h4iIh4h/eHiIiIiIeH/4+IgA"),
        ("disc", (40, 30), "WVOBBIA1+Hh4h3l1eGBoB4V3gHiIN6h4Bg=="),
        ("disc", (91, 37), "WVOBAoBFd4iHeHDYiHBBCAe4h3iGeHg="),
        ("veiled", (37, 91), "jOeBAgAIeIcIh1iIiH94+Hh3iId8iPc="),
    ],
)
def test_a_hash_is_within_one_step_of_the_references(name: str, size: tuple[int, int], expected: str) -> None:
    assert_within_one_step(thumbhash(drawn(name, *size)), b64decode(expected))


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js, to run the reference itself")
def test_hashes_of_pictures_of_every_kind_and_size_are_within_one_step_of_the_references(tmp_path: Path) -> None:
    pictures = [drawn(name, *size) for name in SHADES for size in SIZES]
    pictures += [noise(*size, alpha=alpha) for size in SIZES for alpha in (False, True)]
    script = tmp_path / "reference.mjs"
    script.write_text(
        f"import {{ rgbaToThumbHash }} from {json.dumps(REFERENCE.as_uri())}\n"
        "const pictures = JSON.parse(await new Response(process.stdin).text())\n"
        "const hash = ([w, h, rgba]) => Buffer.from(rgbaToThumbHash(w, h, Buffer.from(rgba, 'base64')))\n"
        "console.log(JSON.stringify(pictures.map(picture => hash(picture).toString('base64'))))\n"
    )
    answer = subprocess.run(
        [shutil.which("node") or "", str(script)],
        input=json.dumps([(*image.size, b64encode(image.tobytes()).decode()) for image in pictures]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for image, reference in zip(pictures, json.loads(answer.stdout), strict=True):
        assert_within_one_step(thumbhash(image), b64decode(reference))


@pytest.mark.parametrize("name", ["flat", "veiled"])
def test_a_flat_pictures_hash_has_no_waves(name: str) -> None:
    shown = read(thumbhash(drawn(name, 37, 91)))
    assert set(shown.scales) == {0}
    assert {wave for channel in shown.waves for wave in channel} == {0}


@pytest.mark.parametrize("colour", [None, (12, 200, 99)], ids=["noise", "flat"])
def test_a_placeholder_costs_little(colour: tuple[int, int, int] | None) -> None:
    image = Image.new("RGB", (160, 120), colour) if colour else Image.effect_noise((160, 120), 90).convert("RGB")
    costs = []
    for _ in range(5):
        started = time.process_time()
        placeholder(image)
        costs.append(time.process_time() - started)
    assert min(costs) < 0.005  # 1 ms; a busy machine may take more


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBa"])
@pytest.mark.parametrize("size", [(160, 120), (1, 1), (3, 400), (400, 3)])
def test_every_picture_has_a_placeholder(mode: str, size: tuple[int, int]) -> None:
    assert 8 <= len(placeholder(Image.new(mode, size))) <= 40


def test_a_placeholder_records_transparency() -> None:
    clear = Image.new("RGBA", (80, 60)).convert("RGBa")
    assert placeholder(clear) != placeholder(Image.new("RGB", (80, 60)))
