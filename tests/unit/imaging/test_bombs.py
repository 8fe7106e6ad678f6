"""Decompression bombs are refused within a second and with little memory, each in a separate process."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import make, written
from thumbpipe.core.imaging.errors import ErrorCode

MEASURE: Final = """
import sys, time
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render
source = open(sys.argv[1], "rb").read()
started = time.process_time()
try:
    render(source, Recipe(), Limits())
    code = "rendered"
except InvalidImageError as err:
    code = err.code
# Not by `getrusage`, whose figure a process inherits from the one that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(code, time.process_time() - started, int(peak.split()[1]) / 1024)
"""


def webp(width: int, height: int, frames: int) -> bytes:
    """Claim frames of a size, each a lossless picture of one pixel."""
    pixel = make.saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    frame = bytes(6) + bytes(6) + bytes(3) + b"\0" + pixel
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\x12\0\0\0" + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    chunks += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * frames
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def resized_avif() -> bytes:
    """Claim 30,000 x 30,000 in the box that states an AVIF's size."""
    source = make.saved(make.quadrants(64, 64), "AVIF")
    return source.replace(
        b"ispe" + bytes(4) + struct.pack(">II", 64, 64), b"ispe" + bytes(4) + struct.pack(">II", 30_000, 30_000)
    )


def resized_heic() -> bytes:
    source = (make.MADE / "orientation-1.heic").read_bytes()
    box = source.index(b"ispe") + 8
    return source[:box] + struct.pack(">II", 30_000, 30_000) + source[box + 8 :]


def hidden_avif(width: int = 12_000, height: int = 9_000) -> bytes:
    """Encode a large picture whose boxes say that it is small."""
    return claiming_little(make.saved(Image.new("L", (width, height), 128), "AVIF", speed=10))


def claiming_little(source: bytes) -> bytes:
    at = source.find(b"ispe")
    while at >= 0:
        source = source[: at + 8] + struct.pack(">II", 64, 64) + source[at + 16 :]
        at = source.find(b"ispe", at + 4)
    return source


def many_scans() -> bytes:
    """Repeat the last scan of a progressive JPEG of 50 megapixels."""
    source = make.saved(Image.new("L", (10_000, 5_000), 128), "JPEG", progressive=True)
    last = source.rindex(b"\xff\xda")
    return source[:last] + source[last:-2] * 3_000 + source[-2:]


def animated_png(frames: int) -> bytes:
    control = make.png_chunk(b"acTL", struct.pack(">II", frames, 0))
    return make.png((1, 1), depth=8, colour_type=2, rows=bytes(4), chunks=(control,))


BOMBS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "PNG": (make.bomb, ErrorCode.EDGE_TOO_LONG),
    "PNG edge": (lambda: make.bomb(30_001, 1), ErrorCode.EDGE_TOO_LONG),
    "PNG of 200 megapixels": (lambda: make.bomb(20_000, 10_000), ErrorCode.TOO_MANY_PIXELS),
    "PNG of zeros": (
        lambda: make.png((10_000, 10_000), depth=8, colour_type=2, rows=bytes(10_000_000)),
        ErrorCode.TRUNCATED,
    ),
    "iCCP": (lambda: make.metadata_bomb(b"iCCP"), "rendered"),
    "zTXt": (lambda: make.metadata_bomb(b"zTXt"), "rendered"),
    "iTXt": (lambda: make.metadata_bomb(b"iTXt"), "rendered"),
    "AVIF stream": (hidden_avif, ErrorCode.TOO_MANY_PIXELS),
    "AVIF stream within limits": (lambda: claiming_little(hidden_avif(4000, 3000)), ErrorCode.CORRUPT),
    "HEIC stream": (
        lambda: claiming_little((make.MADE.parent / "photos/nuthatch.heic").read_bytes()),
        ErrorCode.CORRUPT,
    ),
    "APNG frames": (lambda: animated_png(100_000), ErrorCode.TOO_MANY_FRAMES),
    "GIF frames": (lambda: make.gif_of_frames(100_000), ErrorCode.TOO_MANY_FRAMES),
    "GIF canvas": (
        lambda: make.gif_of_frames(400).replace(b"GIF89a\x01\0\x01\0", b"GIF89a\x10\x27\x10\x27"),
        ErrorCode.TOO_MANY_PIXELS,
    ),
    "WebP frames": (lambda: webp(1, 1, 100_000), ErrorCode.TOO_MANY_FRAMES),
    "WebP canvas": (lambda: webp(16_383, 16_383, 2), ErrorCode.TOO_MANY_PIXELS),
    "WebP frames of a large canvas": (lambda: webp(8_000, 8_000, 400), ErrorCode.TOO_MANY_PIXELS),
    "TIFF": (lambda: written.tiff((1, 1), [8], [0], tags=((256, 20_000), (257, 20_000))), ErrorCode.TOO_MANY_PIXELS),
    "TIFF tile": (
        lambda: written.tiff((1, 1), [8], [0], tags=((322, 60_000), (323, 60_000), (324, 200), (325, 9))),
        ErrorCode.EDGE_TOO_LONG,
    ),
    "BigTIFF": (
        lambda: written.tiff((1, 1), [8], [0], order=">", big=True, tags=((256, 20_000), (257, 20_000))),
        ErrorCode.TOO_MANY_PIXELS,
    ),
    "AVIF": (resized_avif, ErrorCode.TOO_MANY_PIXELS),
    "HEIC": (resized_heic, ErrorCode.TOO_MANY_PIXELS),
    "JPEG scans": (many_scans, ErrorCode.CORRUPT),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_more_than_a_second_and_150_mb(name: str, tmp_path: Path) -> None:
    make_source, expected = BOMBS[name]
    source = make_source()
    assert len(source) < 5_000_000
    (tmp_path / "bomb").write_bytes(source)
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "bomb")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    code, seconds, megabytes = answer.stdout.split()
    assert code == expected
    assert float(seconds) < 1
    assert float(megabytes) < 150
