"""Which chunks of a PNG count: what is damaged, misplaced or too large says nothing, and the picture is shown."""

import os
import struct
import zlib
from collections.abc import Callable
from typing import Final

import pytest
from PIL import Image

from images import make, profiles
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe

PngOf = Callable[..., Image.Image]
SIZE: Final = (64, 48)
LEVEL: Final = 55
PIXEL: Final = (LEVEL,) * 3
LINEAR: Final = round(profiles.shown(LEVEL, 1))
ICC: Final = b"name\0\0" + zlib.compress(profiles.rgb("linear", 1))
# What each kind says when it is right; those that tell of colours make the picture lighter or darker.
ANCILLARY: Final = {
    b"iCCP": ICC,
    b"pHYs": struct.pack(">IIB", 1, 1, 1),
    b"gAMA": struct.pack(">I", 100_000),
    b"cHRM": struct.pack(">8I", 31_270, 32_900, 70_800, 29_200, 17_000, 79_700, 13_100, 4_600),
    b"sRGB": b"\0",
    b"tIME": bytes(7),
    b"tEXt": b"gamma\x001",
    b"zTXt": b"key\0\0" + zlib.compress(b"text"),
    b"iTXt": b"key\0\0\0\0\0text",
    b"bKGD": bytes(6),
    b"sBIT": b"\x08\x08\x08",
    b"hIST": bytes(2),
    b"eXIf": make.exif_block(6)[6:],
    b"cICP": bytes((1, 8, 0, 1)),
    b"tRNS": struct.pack(">3H", *PIXEL),
    b"oFFs": bytes(9),
    b"sCAL": b"\x011\x001",
    b"sPLT": b"name\0\x08",
    b"vpAg": bytes(9),
    b"prVt": b"private",
}


def flat(*chunks: bytes, behind: bytes = b"") -> bytes:
    rows = (b"\0" + bytes(PIXEL) * SIZE[0]) * SIZE[1]
    source = make.png(SIZE, depth=8, colour_type=2, rows=rows, chunks=chunks)
    return source[:-12] + behind + source[-12:]


def broken(kind: bytes, data: bytes) -> bytes:
    chunk = make.png_chunk(kind, data)
    return chunk[:-1] + bytes([chunk[-1] ^ 1])


def as_it_is(png_of: PngOf, source: bytes) -> bool:
    image = png_of(source)
    return image.size == SIZE and image.convert("RGBA").getpixel((9, 9)) == (*PIXEL, 255)


@pytest.mark.parametrize("kind", ANCILLARY, ids=bytes.decode)
def test_a_chunk_with_a_wrong_checksum_says_nothing(png_of: PngOf, kind: bytes) -> None:
    assert as_it_is(png_of, flat(broken(kind, ANCILLARY[kind])))
    assert as_it_is(png_of, flat(behind=broken(kind, ANCILLARY[kind])))


@pytest.mark.parametrize("kind", ANCILLARY, ids=bytes.decode)
def test_a_chunk_of_a_wrong_length_says_nothing(png_of: PngOf, kind: bytes) -> None:
    data = ANCILLARY[kind]
    # A longer profile, or EXIF of another length, is none the worse.
    others = (data[:-1], data + b"\0") if kind not in {b"iCCP", b"eXIf"} else ()
    for wrong in (b"", *others):
        assert as_it_is(png_of, flat(make.png_chunk(kind, wrong)))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"gAMA", bytes(4)),
        (b"gAMA", b"\xff" * 4),
        (b"cHRM", bytes(32)),
        (b"cHRM", b"\xff" * 32),
        (b"sRGB", b"\x09"),
        (b"cICP", b"\xff\xff\xff\xff"),
        (b"iCCP", b"name\0\x01" + ICC[6:]),
        (b"iCCP", ICC[:-30]),
        (b"iCCP", b"name\0\0nonsense"),
        (b"iCCP", b"no end"),
        (b"zTXt", b"key\0\x07nonsense"),
        (b"pHYs", b"\xff" * 9),
        (b"eXIf", b"nonsense"),
        (b"tEXt", b"icc_profile\0nonsense"),
        (b"tEXt", b"transparency\0nonsense"),
    ],
)
def test_a_chunk_of_a_wrong_value_says_nothing(png_of: PngOf, kind: bytes, data: bytes) -> None:
    assert as_it_is(png_of, flat(make.png_chunk(kind, data)))


@pytest.mark.parametrize("kind", [b"iCCP", b"gAMA", b"cHRM", b"cICP"], ids=bytes.decode)
def test_a_chunk_of_colours_counts_before_palette_and_pixels_alone(png_of: PngOf, kind: bytes) -> None:
    chunk, palette = make.png_chunk(kind, ANCILLARY[kind]), make.png_chunk(b"PLTE", bytes(6))
    if kind != b"cHRM":  # greys are as they are
        assert png_of(flat(chunk)).getpixel((9, 9)) == pytest.approx((LINEAR,) * 3, abs=2)
    assert as_it_is(png_of, flat(behind=chunk))
    assert as_it_is(png_of, flat(palette, chunk))


def test_transparency_behind_the_pixels_says_nothing(png_of: PngOf) -> None:
    chunk = make.png_chunk(b"tRNS", ANCILLARY[b"tRNS"])
    assert png_of(flat(chunk)).convert("RGBA").getpixel((9, 9)) == (0, 0, 0, 0)
    assert as_it_is(png_of, flat(behind=chunk))


@pytest.mark.parametrize("entries", [2, 4, 16])
@pytest.mark.parametrize("excess", [1, 9])
def test_transparency_longer_than_its_palette_says_nothing(png_of: PngOf, entries: int, excess: int) -> None:
    palette = make.png_chunk(b"PLTE", bytes((*PIXEL,)) * entries)
    clear = make.png_chunk(b"tRNS", bytes(entries + excess))
    rows = (b"\0" + b"\1" * SIZE[0]) * SIZE[1]
    source = make.png(SIZE, depth=8, colour_type=3, rows=rows, chunks=(palette, clear))
    assert as_it_is(png_of, source)
    assert not probe(source, Limits()).has_alpha


def test_the_first_of_two_counts(png_of: PngOf) -> None:
    linear, none = (
        make.png_chunk(b"gAMA", struct.pack(">I", 100_000)),
        make.png_chunk(b"gAMA", struct.pack(">I", 45_455)),
    )
    assert as_it_is(png_of, flat(none, linear))
    assert png_of(flat(linear, none)).getpixel((9, 9)) == pytest.approx((LINEAR,) * 3, abs=2)


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"vpAg"], ids=bytes.decode)
@pytest.mark.parametrize("megabytes", [1.3, 5])
def test_large_metadata_is_passed_over(png_of: PngOf, kind: bytes, megabytes: float) -> None:
    noise = os.urandom(int(megabytes * 2**20))
    head = {b"zTXt": b"key\0\0", b"iTXt": b"XML:com.adobe.xmp\0\1\0\0\0", b"tEXt": b"key\0"}.get(kind, b"")
    content = head + (zlib.compress(noise, 1) if kind in {b"zTXt", b"iTXt"} else noise)
    assert as_it_is(png_of, flat(make.png_chunk(kind, content)))
    assert as_it_is(png_of, flat(behind=make.png_chunk(kind, content)))


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt", b"iTXt"], ids=bytes.decode)
def test_metadata_that_unpacks_to_far_more_is_passed_over(png_of: PngOf, kind: bytes) -> None:
    assert png_of(make.metadata_bomb(kind)).size == (1, 1)
    assert probe(make.metadata_bomb(kind), Limits()).colour_profile is None


def test_apples_form_for_iphones_is_named() -> None:
    source = flat()
    with pytest.raises(InvalidImageError) as refused:
        probe(source[:8] + make.png_chunk(b"CgBI", bytes(4)) + source[8:], Limits())
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT


def test_a_file_without_a_header_is_damaged() -> None:
    source = flat()
    with pytest.raises(InvalidImageError) as refused:
        probe(source[:8] + source[33:], Limits())
    assert refused.value.code is ErrorCode.CORRUPT
