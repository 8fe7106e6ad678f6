"""A file is truncated if rows are missing, in every format alike; what else its end lacks does not matter."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import make
from images.isobmff import Item, coded, heif
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

ZOO: Final = Path(__file__).parents[2] / "images" / "zoo"
RECIPE: Final = Recipe(widths=(95,), formats=(OutputFormat.PNG, OutputFormat.WEBP))
NOISE: Final = Image.effect_noise((95, 64), 90).convert("RGB")
STREAMS: Final = {"AVIF": make.saved(NOISE, "AVIF", quality=90), "HEIC": (ZOO / "hevc.heic").read_bytes()}
EXIF: Final = make.exif_block(1, "2026:11:25 08:54:17")


def shown(source: bytes) -> list[bytes]:
    return [rendition.data for rendition in render(source, RECIPE, Limits()).renditions]


def refusal(source: bytes) -> ErrorCode:
    with pytest.raises(InvalidImageError) as refused:
        shown(source)
    return refused.value.code


def files() -> Iterator[tuple[str, bytes, int]]:
    """Yield files, and how many bytes at their end are not pixels."""
    yield "PNG", make.saved(NOISE, "PNG"), 12 + 4 + 4
    yield "PNG, interlaced", (ZOO.parent / "made" / "strip.png").read_bytes(), 12 + 4 + 4
    yield "JPEG", make.saved(NOISE, "JPEG"), 2
    yield "GIF", make.saved(NOISE.quantize(64), "GIF"), 2
    yield "animated GIF", make.animated("GIF"), 2
    metadata = {"exif": EXIF, "xmp": b"<x>" + b"y" * 500 + b"</x>"}
    for lossless in (False, True):
        webp = make.saved(NOISE, "WEBP", lossless=lossless, **metadata)
        yield f"WebP, lossless {lossless}", webp, len(webp) - webp.rindex(b"EXIF") - 8
    animated = make.saved(NOISE, "WEBP", save_all=True, append_images=[NOISE.rotate(180)], **metadata)
    yield "animated WebP", animated, len(animated) - animated.rindex(b"EXIF") - 8
    yield "TIFF", make.saved(NOISE, "TIFF") + b"more", 4
    yield "TIFF, LZW", make.saved(NOISE, "TIFF", compression="tiff_lzw") + b"more", 4
    yield "BMP", make.saved(NOISE, "BMP"), 3  # a row's padding
    for kind, stream in STREAMS.items():
        exif = bytes(4) + EXIF[6:]
        yield f"{kind} with Exif", heif(coded(stream), Item(kind=b"Exif", data=exif)), len(exif)
        thumbnail = coded(stream, references=((b"thmb", 1),))
        yield f"{kind} with a thumbnail", heif(coded(stream), thumbnail), len(thumbnail.data)


FILES: Final = {name: (source, spare) for name, source, spare in files()}


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_row_may_be_missing(name: str) -> None:
    source, spare = FILES[name]
    whole = shown(source)
    for cut in {1, 2, spare // 2, spare - 1, spare}:
        if 0 < cut <= spare:
            assert shown(source[:-cut]) == whole, cut


@pytest.mark.parametrize("name", [name for name in FILES if "strip" not in name and "interlaced" not in name])
def test_a_file_whose_rows_are_missing_is_truncated(name: str) -> None:
    source, spare = FILES[name]
    pixels = len(source) - spare
    for part in (0.6, 0.9):
        if name == "animated GIF" and part > 0.8:
            continue  # flat frames, of which a part says all
        assert refusal(source[: int(pixels * part)]) is ErrorCode.TRUNCATED


@pytest.mark.parametrize("name", FILES)
def test_what_follows_a_file_does_not_matter(name: str) -> None:
    source, _ = FILES[name]
    for more in (b"garbage" * 30, bytes(20), b"\0\0\0"):
        assert shown(source + more) == shown(source)
