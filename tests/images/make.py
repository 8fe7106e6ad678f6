"""Make unusual pictures that no photographer takes: `python tests/images/make.py` writes them into `made/`.

The functions return the same pictures as bytes, for unit tests. Their content is simple: a test knows every colour in
them. Only HEIC needs an encoder that thumbpipe itself does not have: `pip install pillow-heif`.
"""

import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Final

from PIL import Image

MADE: Final = Path(__file__).parent / "made"

RED: Final = (255, 0, 0)
GREEN: Final = (0, 255, 0)
BLUE: Final = (0, 0, 255)
WHITE: Final = (255, 255, 255)

# EXIF's definition of each orientation: the sides on which the first stored row and column are seen.
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
    """Draw red, green (top), blue and white (bottom), so that every rotation and mirroring can be seen."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def stored_as(upright: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture so that an EXIF orientation turns it upright again, pixel by pixel as EXIF defines it."""
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
    """Write an EXIF block with an orientation, a time, a location and a camera's name, as phones do."""
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
    """Encode the quadrants, stored with an orientation."""
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
    """Write a PNG, valid or not.

    Args:
        size: As stated in the header.
        depth: Bits per sample.
        colour_type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.
        rows: Each row's filter byte and samples.
        chunks: Chunks between the header and the pixels.
    """
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Write one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """Claim 3,600 megapixels in a file of a few hundred bytes."""
    return png((width, height), depth=8, colour_type=2, rows=bytes(10_000))


def metadata_bomb(kind: bytes) -> bytes:
    """Hide 20 MB in an iCCP, zTXt or iTXt chunk of 20 kB."""
    head = b"name\0\1\0\0\0" if kind == b"iTXt" else b"name\0\0"
    hidden = head + zlib.compress(bytes(20_000_000))
    return png((1, 1), depth=8, colour_type=2, rows=bytes(4), chunks=(png_chunk(kind, hidden),))


def deep_ramp() -> bytes:
    """Write a 16-bit RGB ramp, 512 px wide: black to white, 128 steps of 1/65535 per pixel."""
    row = b"\0" + b"".join(struct.pack(">H", round(65535 * x / 511)) * 3 for x in range(512))
    return png((512, 16), depth=16, colour_type=2, rows=row * 16)


def grey_ramp() -> bytes:
    """The same in grey."""
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
    """Write a GIF of many frames of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * count + b"\x3b"


def svg() -> bytes:
    """Write a small SVG."""
    return (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>\n'
    )


def heic(orientation: int) -> bytes:
    """Encode the quadrants as HEIC, turned by its own boxes and, by the same amount, by EXIF."""
    import pillow_heif  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - imported where it is needed  # only this function needs it

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
