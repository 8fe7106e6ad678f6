"""Make the odd pictures that no photographer takes: `python tests/images/make.py` writes them into `made/`.

The functions hand out the same pictures as bytes; unit tests call them. What they show is closed-form: a test knows
every colour in them. HEIC alone needs an encoder that thumbpipe itself does not carry: `pip install pillow-heif`.
"""

import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Final

from PIL import Image

MADE: Final = Path(__file__).parent / "made"

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)

# What EXIF says of each orientation: where the stored rows' first and the stored columns' first is seen.
_EXIF_SIDES: Final = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def quadrants(width: int = 320, height: int = 240) -> Image.Image:
    """Draw red, green (above), blue and white (below), so that every turn and mirror image shows."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def stored_as(upright: Image.Image, orientation: int) -> Image.Image:
    """Lay a picture down so that an EXIF orientation puts it upright again, pixel by pixel as EXIF defines it."""
    first_row, first_column = _EXIF_SIDES[orientation]
    width, height = upright.size
    sideways = first_row in {"left", "right"}
    stored = Image.new(upright.mode, (height, width) if sideways else (width, height))
    for row in range(stored.height):
        for column in range(stored.width):
            across, down = (row, column) if sideways else (column, row)
            x = width - 1 - across if "right" in {first_row, first_column} else across
            y = height - 1 - down if "bottom" in {first_row, first_column} else down
            stored.putpixel((column, row), upright.getpixel((x, y)) or 0)
    return stored


def exif_block(orientation: int, captured: str | None = None, offset: str | None = None) -> bytes:
    """Write an EXIF block with an orientation, a moment, a place and a camera's name, as phones do."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 0.0), 3: "E", 4: (11.0, 34.0, 0.0)})
    moment = exif.get_ifd(0x8769)
    if captured:
        moment[0x9003] = captured
    if offset:
        moment[0x9011] = offset
    return exif.tobytes()


def oriented(orientation: int, encoding: str = "JPEG") -> bytes:
    """Encode the quadrants laid down by an orientation."""
    image = stored_as(quadrants(16, 12), orientation).resize(
        (320, 240) if orientation < 5 else (240, 320),
        Image.Resampling.NEAREST,
    )
    return saved(image, encoding, exif=exif_block(orientation))


def saved(image: Image.Image, encoding: str, **options: object) -> bytes:
    """Encode a picture with Pillow."""
    file = io.BytesIO()
    image.save(file, encoding, **options)
    return file.getvalue()


def png(size: tuple[int, int], *, depth: int, colour_type: int, rows: bytes, chunks: tuple[bytes, ...] = ()) -> bytes:
    """Write a PNG by hand, true or false.

    Args:
        size: As the header claims it.
        depth: Bits a sample.
        colour_type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
        rows: Each row's filter byte and samples.
        chunks: What stands between header and pixels.
    """
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Write one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(  # noqa: PLR0913 (each is a thing that TIFFs differ in)
    size: tuple[int, int],
    depths: list[int],
    pixel: list[int],
    *,
    order: str = "<",
    compression: int = 1,
    tags: tuple[tuple[int, int], ...] = (),
    big: bool = False,
) -> bytes:
    """Write a TIFF of one colour by hand.

    Args:
        size: In pixels.
        depths: Bits of each sample: 8, 16 or 32.
        pixel: Its samples.
        order: As `struct` says it.
        compression: 1 none, 8 or 32946 deflate.
        tags: Further short tags, or others instead of those written here.
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


def _padded(value: bytes, big: bool) -> bytes:  # noqa: FBT001
    return value.ljust(8 if big else 4, b"\0")


# The colorants of three colour spaces, adapted to D50, as their published profiles have them.
COLORANTS: Final = {
    "Display P3": ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)),
    "Adobe RGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    "ProPhoto": ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491)),
}
GAMMAS: Final = {"Display P3": None, "Adobe RGB": 563 / 256, "ProPhoto": 461 / 256}
"""None is sRGB's curve."""


def icc(name: str) -> bytes:
    """Write one of those profiles by hand."""
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


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """Claim 3,600 megapixels in a file of a few hundred bytes."""
    return png((width, height), depth=8, colour_type=2, rows=bytes(10_000))


def metadata_bomb(kind: bytes) -> bytes:
    """Hide 20 MB in an iCCP or zTXt chunk of 20 kB."""
    hidden = b"name\0\0" + zlib.compress(bytes(20_000_000))
    return png((1, 1), depth=8, colour_type=2, rows=bytes(4), chunks=(png_chunk(kind, hidden),))


def deep_ramp() -> bytes:
    """Write a 16-bit RGB ramp, 512 px wide: black to white, 128 steps of 1/65535 a pixel."""
    row = b"\0" + b"".join(struct.pack(">H", round(65535 * x / 511)) * 3 for x in range(512))
    return png((512, 16), depth=16, colour_type=2, rows=row * 16)


def grey_ramp() -> bytes:
    """The same in grey alone."""
    row = b"\0" + b"".join(struct.pack(">H", round(65535 * x / 511)) for x in range(512))
    return png((512, 16), depth=16, colour_type=0, rows=row * 16)


def animation_frames(count: int = 3, width: int = 64, height: int = 48) -> list[Image.Image]:
    """Draw frames of red, green, blue, and again."""
    return [Image.new("RGB", (width, height), (RED, GREEN, BLUE)[index % 3]) for index in range(count)]


def animated(encoding: str, *, loop: int = 0, durations: tuple[int, ...] = (100, 200, 300)) -> bytes:
    """Encode those frames, as many as there are durations."""
    first, *rest = animation_frames(len(durations))
    lossless = {"lossless": True} if encoding == "WEBP" else {}
    return saved(
        first, encoding, save_all=True, append_images=rest, duration=list(durations), loop=loop, disposal=0, **lossless
    )


def gif_of_frames(count: int) -> bytes:
    """Write a GIF of many frames of one pixel, by hand."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * count + b"\x3b"


def gif_frame(  # noqa: PLR0913 (each is a field of a frame)
    place: tuple[int, int, int, int],
    rows: list[list[int]],
    *,
    disposal: int,
    clear: int | None = None,
    palette: tuple[tuple[int, int, int], ...] = (),
    interlaced: bool = False,
) -> bytes:
    """Write a frame by hand.

    Args:
        place: Left, top, width and height on the canvas.
        rows: Indices from 0 to 3.
        disposal: As GIF numbers it: 0 and 1 keep, 2 clears, 3 restores.
        clear: The index that is transparent.
        palette: Four colours of its own.
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


def svg() -> bytes:
    """Write a small SVG."""
    return (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>\n'
    )


def heic(orientation: int) -> bytes:
    """Encode the quadrants as HEIC, turned by its own boxes and, by the same amount, by EXIF."""
    import pillow_heif  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415  # a tool of this function alone

    pillow_heif.register_heif_opener()
    image = stored_as(quadrants(64, 48), orientation)
    return saved(image, "HEIF", quality=90, exif=exif_block(orientation))


def files() -> dict[str, bytes]:
    """Return the pictures that other tests send through the whole pipeline, by file name."""
    photo = saved(quadrants(640, 480), "JPEG", exif=exif_block(6))
    return {
        "text.jpg": b"This is a letter, not a photograph.\n",
        "empty.jpg": b"",
        "truncated.jpg": photo[: len(photo) * 2 // 3],
        "bomb.png": bomb(),
        "vector.svg": svg(),
        "document.pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n",
        "long-edge.png": bomb(30_001, 1),
        "many-frames.gif": gif_of_frames(501),
        "animated.gif": animated("GIF"),
        "animated.webp": animated("WEBP"),
        "sixteen-bit.png": deep_ramp(),
        "strip.png": saved(Image.new("RGB", (10_000, 3), RED), "PNG"),
        **{f"orientation-{orientation}.jpg": oriented(orientation) for orientation in _EXIF_SIDES},
        **{f"orientation-{orientation}.heic": heic(orientation) for orientation in _EXIF_SIDES},
    }


def main() -> None:
    """Write every file."""
    MADE.mkdir(exist_ok=True)
    for name, content in files().items():
        (MADE / name).write_bytes(content)
        sys.stdout.write(f"{name}: {len(content):,} bytes\n")


if __name__ == "__main__":
    main()
