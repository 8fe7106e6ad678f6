"""The slowest file of each format that the default limits let through: processor time, and the share of a function's.

    nox -s bench -- worst_case

The files are made here: as many pixels, bytes, frames and scans as are taken, in the coding that costs its decoder most
for its size. Each is rendered to the default recipe in a process of its own.
"""

import json
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final, TypedDict

from PIL import Image, ImageChops

from thumbpipe.core.imaging.open.isobmff.boxes import boxes
from thumbpipe.core.imaging.open.isobmff.items import read_items

HERE: Final = Path(__file__).resolve().parent
RESULTS: Final = HERE / "results" / "worst_case.json"
FUNCTION_S: Final = 60.0
"""The thumbnailer's time, at a memory that gives one processor."""

MOST_BYTES: Final = 25 << 20
EDGE: Final = 10_000
PALETTE_END: Final = 13 + 3 * 256  # of a GIF
INLINE_BYTES: Final = 4  # of a TIFF's entry
FRAME: Final = (1500, 1000)
ANIMATION_PIXELS: Final = 500_000_000
RENDER: Final = """
import json, sys, time
from pathlib import Path
from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render
source, outcome = Path(sys.argv[1]).read_bytes(), "rendered"
started = time.process_time()
try:
    render(source, Recipe(), Limits())
except InvalidImageError as error:
    outcome = error.code.value
seconds = time.process_time() - started
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"outcome": outcome, "seconds": round(seconds, 1), "peak_mb": round(int(peak.split()[1]) / 1024)}))
"""


class Cost(TypedDict):
    """What a file costs: its bytes, what becomes of it, seconds of a processor, and the peak of memory."""

    bytes: int
    outcome: str
    seconds: float
    peak_mb: int


def textured(mode: str, size: tuple[int, int], contrast: int) -> Image.Image:
    """Return noise of a contrast, which no encoder makes small, laid out of one square."""
    noise = Image.effect_noise((997, 997), contrast)
    square = Image.merge("RGB", [ImageChops.offset(noise, 31 * at, 17 * at) for at in range(3)]).convert(mode)
    whole = Image.new(mode, size)
    for top in range(0, size[1], square.height):
        for left in range(0, size[0], square.width):
            whole.paste(square, (left, top))
    return whole


def fitting(save: Callable[[int], bytes], settings: tuple[int, ...]) -> bytes:
    """Return the largest file that is taken, of those that settings make, the heaviest first."""
    for setting in settings:
        source = save(setting)
        if len(source) <= MOST_BYTES:
            return source
    raise ValueError("No setting makes a file that is small enough.")


def saved(image: Image.Image, encoding: str, **options: object) -> bytes:
    """Encode an image."""
    target = BytesIO()
    image.save(target, encoding, **options)
    return target.getvalue()


def jpeg(*, subsampling: int, contrast: int, progressive: bool) -> bytes:
    """Encode 100 megapixels."""
    image = textured("RGB", (EDGE, EDGE), contrast)
    options = {"subsampling": subsampling, "progressive": progressive}
    return fitting(lambda quality: saved(image, "JPEG", quality=quality, **options), (25, 15, 8, 4))


def chunk(kind: bytes, data: bytes) -> bytes:
    """Write a PNG's chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(size: tuple[int, int], depth: int, colour_type: int, *, interlaced: bool, chunks: bytes = b"") -> bytes:
    """Write a PNG whose rows are all alike, with the filter that takes longest."""
    header = struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, interlaced)
    data = rows(size, depth, colour_type, interlaced=interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", data) + chunk(b"IEND", b"")


_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def rows(size: tuple[int, int], depth: int, colour_type: int, *, interlaced: bool, paeth: bool = True) -> bytes:
    """Compress the rows of a picture."""
    samples = {2: 3, 6: 4}[colour_type]
    deflate, parts = zlib.compressobj(1), []
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, lines = -(-(size[0] - left) // across), -(-(size[1] - top) // down)
        pattern = bytes(range(1, 252)) * (columns * samples * depth // 8 // 251 + 1)
        row = (b"\x04" if paeth else b"\0") + pattern[: columns * samples * depth // 8]
        parts += [deflate.compress(row) for _ in range(lines)]
    return b"".join([*parts, deflate.flush()])


def apng(depth: int, colour_type: int, *, interlaced: bool, share: int) -> bytes:
    """Write an animation that lays frames of full size over one another."""
    frames = ANIMATION_PIXELS // share // (FRAME[0] * FRAME[1])
    data = rows(FRAME, depth, colour_type, interlaced=interlaced)
    parts, sequence = [], 0
    for index in range(frames):
        control = struct.pack(">IIIIIHHBB", sequence, *FRAME, 0, 0, 40, 1000, 2 if index else 0, 1)
        content = chunk(b"fdAT", struct.pack(">I", sequence + 1) + data) if index else chunk(b"IDAT", data)
        parts.append(chunk(b"fcTL", control) + content)
        sequence += 1 + bool(index)
    header = struct.pack(">IIBBBBB", *FRAME, depth, colour_type, 0, 0, interlaced)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"acTL", struct.pack(">II", frames, 0))
    return head + b"".join(parts) + chunk(b"IEND", b"")


def animated(encoding: str, frames: int, contrast: int, **options: object) -> bytes:
    """Encode an animation whose frames differ everywhere."""
    first = textured("RGB", FRAME, contrast)
    shown = [ImageChops.offset(first, 7 * at, 3 * at) for at in range(frames)]
    if encoding == "GIF":
        palette = first.quantize(8)
        shown = [each.quantize(palette=palette) for each in shown]
    return saved(shown[0], encoding, save_all=True, append_images=shown[1:], duration=40, **options)


def repeated_gif() -> bytes:
    """Repeat a GIF's frames until it has as many pixels as are taken."""
    source = saved(Image.linear_gradient("L").resize(FRAME), "GIF")
    start = source.index(b"\x2c", PALETTE_END)
    frame = b"\x21\xf9\x04\x0c\x04\0\0\0" + source[start:-1]
    count = min(ANIMATION_PIXELS // (FRAME[0] * FRAME[1]), MOST_BYTES // len(frame)) - 1
    return source[:start] + frame * count + b";"


def rle_bmp() -> bytes:
    """Write a BMP in runs of a single pixel."""
    width, height = 3_600, 3_600
    row = bytes(value for at in range(width) for value in (1, at % 200)) + b"\0\0"
    data = row * height + b"\0\1"
    palette = b"".join(bytes((level, level, level, 0)) for level in range(256))
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(data), 0, 0, 256, 0)
    offset = 14 + len(head) + len(palette)
    return (b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + head + palette + data)[: MOST_BYTES - 1]


def tiff(mode: str, compression: str) -> bytes:
    """Write 100 megapixels that compress well."""
    whole = Image.linear_gradient("L").resize((EDGE, EDGE)).convert(mode)
    return saved(whole, "TIFF", compression=compression)


def avif(size: tuple[int, int]) -> bytes:
    """Encode 100 megapixels of full chroma."""
    image = textured("RGB", size, 40)
    return fitting(lambda q: saved(image, "AVIF", quality=q, speed=10, subsampling="4:4:4"), (60, 40, 20, 5))


def tiled(mode: str, size: tuple[int, int]) -> Image.Image:
    """Return a small pattern laid out often."""
    square = textured("RGB", (500, 500), 30).convert(mode)
    whole = Image.new(mode, size)
    for top in range(0, size[1], 500):
        for left in range(0, size[0], 500):
            whole.paste(square, (left, top))
    return whole


def deep_tiff() -> bytes:
    """Write planes of 16 bits with alpha, whose strips unpack from the same bytes."""
    count, rows_a_strip = 5, 100
    strip = zlib.compress(bytes(range(250)) * (2 * EDGE * rows_a_strip // 250), 1)
    strips = count * EDGE // rows_a_strip
    head, at = b"II*\0", 8 + len(strip)
    tags = {256: EDGE, 257: EDGE, 259: 8, 262: 2, 277: count, 278: rows_a_strip, 284: 2}
    arrays = {258: ("H", [16] * count), 273: ("I", [8] * strips), 279: ("I", [len(strip)] * strips), 338: ("H", [2, 0])}
    table, outside = b"", b""
    behind = at + 2 + 12 * (len(tags) + len(arrays)) + 4
    for tag in sorted([*tags, *arrays]):
        code, values = arrays.get(tag, ("I", [tags.get(tag, 0)]))
        packed = struct.pack(f"<{len(values)}{code}", *values)
        place = packed.ljust(4, b"\0")
        if len(packed) > INLINE_BYTES:
            place, outside = struct.pack("<I", behind + len(outside)), outside + packed
        table += struct.pack("<HHI", tag, {"H": 3, "I": 4}[code], len(values)) + place
    entries = struct.pack("<H", len(tags) + len(arrays)) + table + bytes(4)
    return head + struct.pack("<I", at) + strip + entries + outside


def heic() -> bytes:
    """Lay a camera's picture of 12 megapixels out in a grid of twelve, each of which is decoded."""
    sys.path.insert(0, str(HERE.parent / "tests" / "images"))
    import isobmff  # type: ignore[import-not-found]  # noqa: PLC0415 - it lies with the tests

    source = (HERE.parent / "tests" / "images" / "photos" / "nuthatch.heic").read_bytes()
    (meta,) = (box for box in boxes(source, 0, len(source)) if box.kind == b"meta")
    items = read_items(source, meta)
    stream = b"".join(source[start:end] for start, end in items.by_id[items.primary].extents)
    tile = replace(isobmff.coded(source), data=stream)
    content = isobmff.grid(3, 4, (EDGE, EDGE))
    whole = isobmff.Item(kind=b"grid", data=content, properties=(isobmff.ispe(EDGE, EDGE),), made_of=range(2, 14))
    made: bytes = isobmff.heif(whole, *[tile] * 12)
    return made


WORST: Final[dict[str, Callable[[], bytes]]] = {
    "JPEG, baseline, 4:4:4, 100 megapixels": lambda: jpeg(subsampling=0, contrast=40, progressive=False),
    "JPEG, progressive, 4:4:4, 100 megapixels": lambda: jpeg(subsampling=0, contrast=40, progressive=True),
    "PNG, interlaced, 16 bits with alpha, 100 megapixels": lambda: png((EDGE, EDGE), 16, 6, interlaced=True),
    "PNG, 16 bits with alpha, 100 megapixels": lambda: png((EDGE, EDGE), 16, 6, interlaced=False),
    "APNG, 8 bits with alpha, 500 megapixels": lambda: apng(8, 6, interlaced=False, share=1),
    "APNG, interlaced, 8 bits with alpha, 250 megapixels": lambda: apng(8, 6, interlaced=True, share=2),
    "APNG, 16 bits with alpha, 250 megapixels": lambda: apng(16, 6, interlaced=False, share=2),
    "APNG, interlaced, 16 bits with alpha, 125 megapixels": lambda: apng(16, 6, interlaced=True, share=4),
    "GIF, 500 megapixels": repeated_gif,
    "WebP, lossless, 100 megapixels": lambda: saved(
        tiled("RGBA", (EDGE, EDGE)), "WEBP", lossless=True, quality=0, method=0
    ),
    "WebP, animated, 120 frames": lambda: fitting(
        lambda contrast: animated("WEBP", 120, contrast, quality=10, method=0), (40, 15, 5)
    ),
    "TIFF, Deflate, five planes of 16 bits, 100 megapixels": deep_tiff,
    "TIFF, LZW, CMYK, 100 megapixels": lambda: tiff("CMYK", "tiff_lzw"),
    "BMP, runs of one pixel": rle_bmp,
    "HEIC, a grid of 146 megapixels, 100 of which are shown": heic,
    "AVIF, 4:4:4, 100 megapixels": lambda: avif((EDGE, EDGE)),
}


def measured() -> Iterator[tuple[str, Cost]]:
    """Make each file, and render it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, make in WORST.items():
            path = Path(folder, "worst")
            path.write_bytes(make())
            done = subprocess.run([sys.executable, "-c", RENDER, path], capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            yield (
                name,
                Cost(
                    bytes=path.stat().st_size,
                    outcome=found["outcome"],
                    seconds=found["seconds"],
                    peak_mb=found["peak_mb"],
                ),
            )


def main() -> None:
    """Measure, keep the figures, and print the table."""
    print("| file | bytes | outcome | s of a processor | share of 60 s | peak MB |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    results = {}
    for name, cost in measured():
        results[name] = cost
        share = f"{100 * cost['seconds'] / FUNCTION_S:.0f} %"
        cells = (name, f"{cost['bytes']:,}", cost["outcome"], cost["seconds"], share, cost["peak_mb"])
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
