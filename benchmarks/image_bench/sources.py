"""Pictures to measure with, made once from the sample photos and kept in the user's cache."""

import re
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from typing import Final

import platformdirs
from PIL import Image, ImageOps

PHOTOS: Final = Path(__file__).resolve().parents[2] / "tests" / "images" / "photos"
TWELVE: Final = (4032, 3024)
FORTY_EIGHT: Final = (8064, 6048)
HUNDRED: Final = (10_000, 10_000)


def cache() -> Path:
    """The folder that keeps what the benchmark makes and installs."""
    folder = platformdirs.user_cache_path("thumbpipe") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def photo(size: tuple[int, int]) -> Image.Image:
    """A real photograph of exactly a size; one that no photo has is laid out of several."""
    names = ("dandelions.jpg", "sunset.jpg")
    photos = [ImageOps.fit(Image.open(PHOTOS / name).convert("RGB"), TWELVE) for name in names]
    if size == TWELVE:
        return photos[0]
    whole = Image.new("RGB", size)
    for row, top in enumerate(range(0, size[1], TWELVE[1])):
        for column, left in enumerate(range(0, size[0], TWELVE[0])):
            whole.paste(photos[(row + column) % 2], (left, top))
    return whole


def _saved(size: tuple[int, int], output: str, **options: object) -> Callable[[Path], None]:
    return lambda path: photo(size).save(path, output, **options)


def _gif(path: Path) -> None:
    wide = ImageOps.fit(Image.open(PHOTOS / "dandelions.jpg").convert("RGB"), (960, 540))
    frames = [wide.crop((8 * step, 4 * step, 8 * step + 480, 4 * step + 270)).quantize(256) for step in range(60)]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=40, loop=0)


def _copied(name: str) -> Callable[[Path], None]:
    def copy(path: Path) -> None:
        copyfile(PHOTOS / name, path)

    return copy


SPEED: Final[dict[str, Callable[[Path], None]]] = {
    "JPEG 12 MP": _saved(TWELVE, "JPEG", quality=88),
    "progressive JPEG 12 MP": _saved(TWELVE, "JPEG", quality=88, progressive=True),
    "PNG 12 MP": _saved(TWELVE, "PNG"),
    "WebP 12 MP": _saved(TWELVE, "WEBP", quality=85, method=2),
    "TIFF 12 MP": _saved(TWELVE, "TIFF", compression="tiff_lzw"),
    "AVIF 12 MP": _saved(TWELVE, "AVIF", quality=75, speed=9),
    "HEIC 12 MP": _copied("nuthatch.heic"),
    "GIF 60 x 480 x 270": _gif,
    "JPEG 48 MP": _saved(FORTY_EIGHT, "JPEG", quality=88),
}

LARGE: Final[dict[str, Callable[[Path], None]]] = {
    "JPEG 100 MP": _saved(HUNDRED, "JPEG", quality=85),
    "progressive JPEG 100 MP": _saved(HUNDRED, "JPEG", quality=85, progressive=True),
    "progressive JPEG 100 MP, 4:4:4": _saved(HUNDRED, "JPEG", quality=85, progressive=True, subsampling="4:4:4"),
    "PNG 100 MP": _saved(HUNDRED, "PNG", compress_level=3),
    "WebP 100 MP": _saved(HUNDRED, "WEBP", quality=80, method=0),
    "TIFF 100 MP": _saved(HUNDRED, "TIFF", compression="tiff_lzw"),
}


def made(name: str, make: Callable[[Path], None]) -> Path:
    """Return the file of a source, made if it is not there."""
    path = cache() / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}.image"
    if not path.exists():
        partial = path.with_suffix(".partial")
        make(partial)
        partial.replace(path)
    return path


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def _png(width: int, height: int, *, before: bytes = b"", pixels: bytes | None = None) -> bytes:
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes(height * (1 + 3 * width))) if pixels is None else pixels
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + before + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def _encoded(image: Image.Image, output: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, output, **options)
    return file.getvalue()


def _resized_box(content: bytes, kind: bytes, width: int, height: int) -> bytes:
    """Lie about the size in every `ispe` box of an AVIF or HEIC file."""
    at = content.find(kind)
    while at >= 0:
        content = content[: at + 8] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + content[at + 16 :]
        at = content.find(kind, at + 16)
    return content


def _gif_bomb(frames: int) -> bytes:
    frame = b"!\xf9\x04\0\1\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frames * frame + b";"


def bombs() -> dict[str, bytes]:
    """Files that are small and ask for much."""
    flat = Image.new("RGB", (64, 64))
    tiff = bytearray(_encoded(flat, "TIFF", compression="tiff_adobe_deflate"))
    for tag in (256, 257):  # width and height, one value each in the directory
        at = tiff.index(tag.to_bytes(2, "little") + b"\3\0\1\0\0\0")
        tiff[at + 8 : at + 10] = (25_000).to_bytes(2, "little")
    webp = bytearray(_encoded(flat, "WEBP", lossless=True))
    webp[21:25] = (16_383 | 16_383 << 14).to_bytes(4, "little")
    heic = (PHOTOS.parent / "made" / "orientation-1.heic").read_bytes()
    packed = _zeros(256)
    return {
        "PNG of 25,000 x 25,000": _png(25_000, 25_000, pixels=_zeros(64)),
        "PNG with an edge of 30,001": _png(30_001, 1),
        "PNG, 256 MB in iCCP": _png(8, 8, before=_chunk(b"iCCP", b"a\0\0" + packed)),
        "PNG, 256 MB in zTXt": _png(8, 8, before=_chunk(b"zTXt", b"a\0\0" + packed)),
        "GIF of 100,000 frames of 1 x 1": _gif_bomb(100_000),
        "GIF of 60,000 x 60,000": b"GIF89a" + 2 * (60_000).to_bytes(2, "little") + _gif_bomb(1)[10:],
        "WebP of 16,383 x 16,383": bytes(webp),
        "TIFF of 25,000 x 25,000": bytes(tiff),
        "AVIF of 25,000 x 25,000": _resized_box(_encoded(flat, "AVIF"), b"ispe", 25_000, 25_000),
        "HEIC of 25,000 x 25,000": _resized_box(heic, b"ispe", 25_000, 25_000),
    }
