"""The memory for a photo of 12 megapixels, in a separate process; the benchmarks have larger ones."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import make

MEASURE: Final = """
import sys
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render
render(open(sys.argv[1], "rb").read(), Recipe(), Limits())
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024)
"""
SIZE: Final = (4000, 3000)


def deep() -> bytes:
    row = b"\0" + b"\x12\x34\x56\x78\x9a\xbc" * SIZE[0]
    return make.png(SIZE, depth=16, colour_type=2, rows=row * SIZE[1])


def saved(encoding: str, mode: str = "RGB", **options: object) -> Callable[[], bytes]:
    return lambda: make.saved(Image.new(mode, SIZE, 99 if mode == "L" else None), encoding, **options)


KINDS: Final[dict[str, Callable[[], bytes]]] = {
    "JPEG": saved("JPEG", progressive=True),
    "PNG": saved("PNG", "RGBA", compress_level=1),
    "PNG of 16 bits": deep,
    "WebP": saved("WEBP", "RGBA", method=0),
    "TIFF": saved("TIFF", compression="tiff_lzw"),
    "GIF": saved("GIF", "L"),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak")
@pytest.mark.parametrize("kind", KINDS)
def test_twelve_megapixels_take_no_more_than_250_mb(kind: str, tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(KINDS[kind]())
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "photo")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert float(answer.stdout) < 250
