"""Truth is the reference implementation, npm's `thumbhash` 0.1.1, which the page ships in `frontend/js/vendor`."""

import json
import math
import random
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from thumbpipe.core.imaging.libvips import libvips
from thumbpipe.core.imaging.placeholder import cosines
from thumbpipe.core.imaging.placeholder.placeholder import placeholder
from thumbpipe.core.imaging.placeholder.thumbhash import thumbhash

Shade = Callable[[int, int, int, int], tuple[int, int, int, int]]

# From smooth to degenerate: flat and symmetric pictures depend on the last bit of every sum.
SHADES: dict[str, Shade] = {
    "waves": lambda x, y, _w, _h: (
        int(127 + 120 * math.sin(x / 17 + y / 9)),
        int(127 + 120 * math.cos(x / 7)),
        int(127 + 100 * math.sin(y / 23 + 1)),
        255,
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
SIZES = [(1, 1), (1, 100), (100, 1), (2, 3), (40, 30), (37, 91), (100, 100)]


def drawn(name: str, width: int, height: int) -> bytes:
    shade = SHADES[name]
    return bytes(value for y in range(height) for x in range(width) for value in shade(x, y, width, height))


def noise(width: int, height: int, *, alpha: bool) -> bytes:
    source = random.Random(width * height)  # noqa: S311 (a picture, not a secret)
    data = bytearray(source.randbytes(width * height * 4))
    if not alpha:
        data[3::4] = b"\xff" * (width * height)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "width", "height", "expected"),
    [
        ("waves", 40, 30, "aDUKNZz/hodvdndmeHiId/9umNBm"),
        ("flat", 40, 30, "GogABYC4Sy5ziIeHh5iHgPh78M+n"),
        ("grey", 37, 91, "HQgGAwAQQSZ1YnNEAAAAAAA="),
        ("across", 40, 30, "HwgaBYBwd3eIiIiHiIiHhwAAAAAA"),
        ("symmetric", 40, 30, "EwoKLZT4eIiIiIiPiIiIh/iIj48I"),
        ("disc", 40, 30, "WVOBBIA1+Hh4h3l1eGBoB4V3gHiIN6h4Bg=="),
        ("veiled", 37, 91, "jOeBAgAIeIcIh1iIiH94+Hh3iId8iPc="),
        ("clear", 2, 3, "AAiCAwAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ],
)
def test_a_hash_is_the_references(name: str, width: int, height: int, expected: str) -> None:
    assert b64encode(thumbhash(width, height, drawn(name, width, height))).decode() == expected


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js, to run the reference itself")
@pytest.mark.parametrize("summed_by", ["libvips", "plain Python"])
def test_hashes_are_the_references_for_pictures_of_every_kind_and_size(
    tmp_path: Path, summed_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if summed_by == "plain Python":
        monkeypatch.setattr(cosines, "libvips", lambda: None)
    else:
        assert libvips() is not None
    pictures = [(w, h, drawn(name, w, h)) for name in SHADES for w, h in SIZES]
    pictures += [(w, h, noise(w, h, alpha=alpha)) for w, h in SIZES for alpha in (False, True)]
    reference = Path(__file__).parents[3] / "frontend" / "js" / "vendor" / "thumbhash.js"
    script = tmp_path / "reference.mjs"
    script.write_text(
        f"import {{ rgbaToThumbHash }} from {json.dumps(reference.as_uri())}\n"
        "const pictures = JSON.parse(await new Response(process.stdin).text())\n"
        "const hash = ([w, h, rgba]) => Buffer.from(rgbaToThumbHash(w, h, Buffer.from(rgba, 'base64')))\n"
        "console.log(JSON.stringify(pictures.map(picture => hash(picture).toString('base64'))))\n"
    )
    answer = subprocess.run(
        [shutil.which("node") or "", str(script)],
        input=json.dumps([(w, h, b64encode(rgba).decode()) for w, h, rgba in pictures]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert [b64encode(thumbhash(*picture)).decode() for picture in pictures] == json.loads(answer.stdout)


@pytest.mark.parametrize("colour", [None, (12, 200, 99)], ids=["noise", "flat"])
def test_a_placeholder_costs_little(colour: tuple[int, int, int] | None) -> None:
    image = Image.new("RGB", (160, 120), colour) if colour else Image.effect_noise((160, 120), 90).convert("RGB")
    placeholder(image)
    started = time.process_time()
    placeholder(image)
    assert time.process_time() - started < 0.05  # 1 ms, 10 where it is flat; a busy machine may take more


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBa"])
@pytest.mark.parametrize("size", [(160, 120), (1, 1), (3, 400), (400, 3)])
def test_every_picture_has_a_placeholder(mode: str, size: tuple[int, int]) -> None:
    assert 8 <= len(placeholder(Image.new(mode, size))) <= 40


def test_a_placeholder_tells_transparency() -> None:
    clear = Image.new("RGBA", (80, 60)).convert("RGBa")
    assert placeholder(clear) != placeholder(Image.new("RGB", (80, 60)))
