"""Renditions contain only pixels: their containers are parsed here, not by the library that wrote them."""

import re
import struct
from collections.abc import Iterator
from typing import Final

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

SECRETS: Final = (b"Secret Camera", b"secret comment", b"secret:xmp", b"sRGB built-in")
ALLOWED: Final[dict[OutputFormat, set[object]]] = {
    OutputFormat.JPEG: {0xE0, 0xDB, 0xC0, 0xC4, 0xDA},  # JFIF, tables, frame, scan
    OutputFormat.PNG: {b"IHDR", b"IDAT", b"IEND"},
    OutputFormat.WEBP: {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"},
}


def jpeg_markers(data: bytes) -> Iterator[int]:
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xD9:
        yield data[at + 1]
        if data[at + 1] == 0xDA:
            return
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def png_chunks(data: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(data):
        yield data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def webp_chunks(data: bytes) -> Iterator[bytes]:
    at = 12
    while at < len(data):
        yield data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + (length & 1)


WALKS: Final = {OutputFormat.JPEG: jpeg_markers, OutputFormat.PNG: png_chunks, OutputFormat.WEBP: webp_chunks}


def source(encoding: str, image: Image.Image) -> bytes:
    """Encode a picture with all the metadata that its format can carry."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, object] = {"exif": make.exif_block(1), "icc_profile": profile, "xmp": b"<x>secret:xmp</x>"}
    if encoding == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", "secret comment")
        texts.add_itxt("XML:com.adobe.xmp", "secret:xmp")
        options |= {"pnginfo": texts, "dpi": (300, 300)}
    if encoding == "JPEG":
        options |= {"comment": b"secret comment", "dpi": (300, 300)}
    return make.saved(image, encoding, **options)


@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("width", [32, 320])  # shrunk, and as it is
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_no_metadata_leaves(encoding: str, width: int, mode: str) -> None:
    if (encoding, mode) == ("JPEG", "RGBA"):
        mode = "CMYK"
    original = source(encoding, make.quadrants().convert(mode))
    assert SECRETS[0] in original
    rendered = render(original, Recipe(widths=(width,), formats=tuple(OutputFormat)), Limits())
    for rendition in rendered.renditions:
        assert not [secret for secret in SECRETS if secret in rendition.data], rendition.format
        if rendition.format in WALKS:
            assert set(WALKS[rendition.format](rendition.data)) <= ALLOWED[rendition.format]
        else:
            assert not re.search(rb"Exif|mime|rdf|ICC|prof|rICC", rendition.data)


@pytest.mark.parametrize("encoding", ["GIF", "WEBP", "PNG"])
def test_no_metadata_leaves_an_animation(encoding: str) -> None:
    first, *rest = make.animation_frames(3)
    extra: dict[str, object] = {"comment": b"secret comment"} if encoding == "GIF" else {"exif": make.exif_block(1)}
    original = make.saved(first, encoding, save_all=True, append_images=rest, duration=100, **extra)
    assert any(secret in original for secret in SECRETS)
    (rendition,) = render(original, Recipe(widths=(32,), formats=(OutputFormat.WEBP,)), Limits()).renditions
    assert set(webp_chunks(rendition.data)) == {b"VP8X", b"ANIM", b"ANMF"}
    assert rendition.data[20] & ~0x12 == 0, "VP8X announces nothing but animation and alpha"
    assert struct.unpack("<I", rendition.data[4:8])[0] + 8 == len(rendition.data)
