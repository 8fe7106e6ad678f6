"""Write files of kinds that no available encoder makes, byte by byte."""

import struct
import zlib
from typing import Final

from images.make import BLUE, GREEN, RED, WHITE

# The colorants of three colour spaces, adapted to D50, as in their published profiles.
COLORANTS: Final = {
    "Display P3": ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)),
    "Adobe RGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "ProPhoto": ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491)),
}
GAMMAS: Final = {"Display P3": None, "Adobe RGB": 563 / 256, "ProPhoto": 461 / 256}
"""None stands for sRGB's curve."""


def icc(name: str) -> bytes:
    """Write one of those profiles."""
    gamma = GAMMAS[name]
    if gamma is None:
        terms = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        curve = b"para" + struct.pack(">IHH5i", 0, 3, 0, *(round(term * 65536) for term in terms))
    else:
        curve = b"curv" + struct.pack(">IIH2x", 0, 1, round(gamma * 256))
    text = name.encode() + b"\0"
    tags = {
        b"desc": b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78),
        b"wtpt": _xyz((0.9642, 1.0, 0.8249)),
        **{channel + b"XYZ": _xyz(values) for channel, values in zip((b"r", b"g", b"b"), COLORANTS[name], strict=True)},
        **{channel + b"TRC": curve for channel in (b"r", b"g", b"b")},
    }
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += data.ljust(-(-len(data) // 4) * 4, b"\0")
    head = struct.pack(
        ">I4sI4s4s4s12x4s28x3i48x",
        at + len(body),
        b"",
        0x02400000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        b"acsp",
        63190,
        65536,
        54061,
    )
    return head + table + body


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def tiff(  # noqa: PLR0913 - each is a property in which TIFFs differ
    size: tuple[int, int],
    depths: list[int],
    pixel: list[int],
    *,
    order: str = "<",
    compression: int = 1,
    tags: tuple[tuple[int, int], ...] = (),
    big: bool = False,
) -> bytes:
    """Write a TIFF of one colour.

    Args:
        size: In pixels.
        depths: Bits per sample: 8, 16 or 32.
        pixel: Its samples.
        order: The byte order, as `struct` writes it.
        compression: 1 none, 8 or 32946 deflate.
        tags: Short tags that are added, or replace others.
        big: Whether it is a BigTIFF.
    """
    codes = {8: "B", 16: "H", 32: "I"}
    pixels = struct.pack(order + "".join(codes[depth] for depth in depths), *pixel) * (size[0] * size[1])
    strip = pixels if compression == 1 else zlib.compress(pixels)
    kinds = {1: 1, 2: 1, 3: 2, 4: 2, 5: 2}
    values = {256: size[0], 257: size[1], 259: compression, 262: kinds[len(depths)], 277: len(depths), 278: size[1]}
    if len(depths) in {2, 4}:
        values[338] = 2
    values |= dict(tags)
    count, offset = ("Q", "Q") if big else ("H", "I")
    entry = f"{order}HH{offset}"
    head_bytes = 16 if big else 8
    ifd_bytes = (
        struct.calcsize(order + count) + (len(values) + 3) * (20 if big else 12) + struct.calcsize(order + offset)
    )
    depths_at = head_bytes + ifd_bytes
    pixels_at = depths_at + 2 * len(depths)
    wide = len(depths) * 2 > struct.calcsize(order + offset)
    entries = {
        tag: struct.pack(entry, tag, 3, 1) + _padded(struct.pack(order + "H", v), big) for tag, v in values.items()
    }
    inline = struct.pack(order + "H" * len(depths), *depths)
    entries[258] = struct.pack(entry, 258, 3, len(depths)) + (
        struct.pack(order + offset, depths_at) if wide else _padded(inline, big)
    )
    entries[273] = struct.pack(entry, 273, 4, 1) + _padded(struct.pack(order + "I", pixels_at), big)
    entries[279] = struct.pack(entry, 279, 4, 1) + _padded(struct.pack(order + "I", len(strip)), big)
    mark = b"II" if order == "<" else b"MM"
    head = mark + (struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8))
    table = struct.pack(order + count, len(entries)) + b"".join(entries[tag] for tag in sorted(entries))
    return head + table + struct.pack(order + offset, 0) + inline + strip


def _padded(value: bytes, big: bool) -> bytes:  # noqa: FBT001 - what is expected
    return value.ljust(8 if big else 4, b"\0")


def gif_frame(  # noqa: PLR0913 - each is a field of a frame
    place: tuple[int, int, int, int],
    rows: list[list[int]],
    *,
    disposal: int,
    clear: int | None = None,
    palette: tuple[tuple[int, int, int], ...] = (),
    interlaced: bool = False,
) -> bytes:
    """Write a frame.

    Args:
        place: Left, top, width and height on the canvas.
        rows: Indices from 0 to 3.
        disposal: As GIF numbers it: 0 and 1 keep, 2 clears, 3 restores.
        clear: The index that is transparent.
        palette: A local palette of four colours.
        interlaced: Whether rows are stored in four passes.
    """
    control = b"\x21\xf9\x04" + struct.pack("<BHBB", disposal << 2 | (clear is not None), 10, clear or 0, 0)
    flags = (0x81 if palette else 0) | (0x40 if interlaced else 0)
    order = sorted(range(len(rows)), key=lambda y: (_gif_pass(y), y)) if interlaced else range(len(rows))
    pixels = [index for y in order for index in rows[y]]
    # Codes of three bits; the table is cleared before they would grow.
    codes = [code for at in range(0, len(pixels), 2) for code in (4, *pixels[at : at + 2])] + [5]
    packed = sum(code << 3 * at for at, code in enumerate(codes)).to_bytes(-(-3 * len(codes) // 8), "little")
    blocks = b"".join(
        bytes([len(part)]) + part for part in (packed[at : at + 255] for at in range(0, len(packed), 255))
    )
    own = b"".join(map(bytes, palette))
    return control + b"\x2c" + struct.pack("<HHHHB", *place, flags) + own + b"\x02" + blocks + b"\0"


def _gif_pass(row: int) -> int:
    return 0 if row % 8 == 0 else 1 if row % 8 == 4 else 2 if row % 4 == 2 else 3


def gif(size: tuple[int, int], *frames: bytes) -> bytes:
    """Write a GIF whose palette is red, green, blue and white."""
    palette = b"".join(map(bytes, (RED, GREEN, BLUE, WHITE)))
    return b"GIF89a" + struct.pack("<HHBBB", *size, 0x81, 0, 0) + palette + b"".join(frames) + b"\x3b"
