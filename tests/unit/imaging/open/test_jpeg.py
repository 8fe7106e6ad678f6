"""JPEGs that lack an end, whose metadata is broken, or that are of a kind that is not taken."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from images import make
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import Recipe
from thumbpipe.core.imaging.render import render

PngOf = Callable[..., Image.Image]
ZOO: Final = Path(__file__).parents[3] / "images" / "zoo"
COLOURS: Final = (make.RED, make.GREEN, make.BLUE, make.WHITE)
PLAIN: Final = make.saved(make.quadrants(64, 48), "JPEG", quality=100, subsampling=0)
END: Final = b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def with_segments(*added: bytes, source: bytes = PLAIN, without_jfif: bool = False) -> bytes:
    body = source[2 + 18 :] if without_jfif else source[2:]
    return source[:2] + b"".join(added) + body


def assert_shows_the_quadrants(image: Image.Image) -> None:
    width, height = image.size
    found = [image.convert("RGB").getpixel((x * width // 5, y * height // 5)) for y in (1, 4) for x in (1, 4)]
    assert found == [pytest.approx(colour, abs=3) for colour in COLOURS]


def refusal(source: bytes) -> InvalidImageError:
    with pytest.raises(InvalidImageError) as refused:
        render(source, Recipe(widths=(32,)), Limits())
    return refused.value


SHORT: Final = {
    "JFIF": (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
    "ICC": (0xE2, b"ICC_PROFILE\0\1\1" + bytes(20)),
    "MPF": (0xE2, b"MPF\0II*\0\x08\0\0\0" + bytes(20)),
    "FlashPix": (0xE2, b"FPXR\0" + bytes(20)),
    "Adobe": (0xEE, b"Adobe\0\x64\0\0\0\0\1"),
    "Exif": (0xE1, b"Exif\0\0II*\0\x08\0\0\0" + bytes(8)),
    "Photoshop": (0xED, b"Photoshop 3.0\x008BIM\x03\xed\0\0\0\0\0\x10" + bytes(16)),
    "XMP": (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
}


@pytest.mark.parametrize("kind", SHORT)
def test_a_segment_that_is_too_short_is_passed_over(png_of: PngOf, kind: str) -> None:
    marker, data = SHORT[kind]
    for length in range(len(data) + 1):
        for without_jfif in (False, True):
            source = with_segments(segment(marker, data[:length]), without_jfif=without_jfif)
            assert_shows_the_quadrants(png_of(source))


def exif_with(tag: int, kind: int, count: int, value: bytes) -> bytes:
    ifd = struct.pack("<H", 2) + struct.pack("<HHII", 0x0112, 3, 1, 1) + struct.pack("<HHI", tag, kind, count) + value
    return b"Exif\0\0II*\0\x08\0\0\0" + ifd + bytes(4) + b"ascii text\0\0\0\0\0\0"


@pytest.mark.parametrize("tag", [0x011A, 0x011B, 0x0128, 0x8769, 0x8825, 0xA005, 0x0201, 0x9003])
@pytest.mark.parametrize("kind", range(14))
def test_an_exif_value_of_the_wrong_kind_is_passed_over(png_of: PngOf, tag: int, kind: int) -> None:
    for count, value in ((1, b"\0\0\0\0"), (9, struct.pack("<I", 38)), (1, b"\xff" * 4), (2**31, b"\x26\0\0\0")):
        source = with_segments(segment(0xE1, exif_with(tag, kind, count, value)), without_jfif=True)
        assert_shows_the_quadrants(png_of(source))


def test_what_exif_says_counts_though_the_rest_is_broken() -> None:
    block = exif_with(0x011A, 2, 9, struct.pack("<I", 38)).replace(
        struct.pack("<HHII", 0x0112, 3, 1, 1), struct.pack("<HHII", 0x0112, 3, 1, 6)
    )
    facts = probe(with_segments(segment(0xE1, block), without_jfif=True), Limits())
    assert (facts.orientation, facts.width, facts.height) == (6, 48, 64)


def photo(mode: str = "RGB", size: tuple[int, int] = (211, 157), **options: object) -> bytes:
    image = Image.effect_noise(size, 90)
    if mode != "L":
        image = Image.merge("RGB", [image, image.rotate(90).resize(size), image.rotate(180)]).convert(mode)
    return make.saved(image, "JPEG", quality=85, **options)


def in_separate_scans() -> bytes:
    """Write a grey ramp thrice, each channel in a scan of its own."""
    grey = make.saved(Image.effect_noise((64, 48), 60), "JPEG", quality=90)
    at = grey.index(b"\xff\xc0")
    frame = grey[at : at + 10]
    three = (
        b"\xff\xc0" + struct.pack(">H", 8 + 9) + frame[4:9] + b"\3" + b"".join(bytes([c, 0x11, 0]) for c in (1, 2, 3))
    )
    scan_at = grey.index(b"\xff\xda")
    pixels = grey[scan_at + 10 : -2]
    scans = b"".join(b"\xff\xda" + struct.pack(">HB", 8, 1) + bytes([c, 0, 0, 63, 0]) + pixels for c in (1, 2, 3))
    return grey[:at] + three + grey[at + 2 + 11 : scan_at] + scans + END


WHOLE: Final = {
    "baseline": photo,
    "4:4:4": lambda: photo(subsampling=0),
    "grey": lambda: photo("L"),
    "CMYK": lambda: photo("CMYK"),
    "progressive": lambda: photo(progressive=True),
    "grey progressive": lambda: photo("L", progressive=True),
    "restart marks": lambda: photo(restart_marker_blocks=5),
    "separate scans": in_separate_scans,
    "small": lambda: PLAIN,
    "arithmetic": (ZOO / "arith.jpg").read_bytes,
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_jpeg_that_lacks_its_end_alone_is_whole(kind: str) -> None:
    source = WHOLE[kind]()
    assert source.endswith(END)
    recipe = Recipe(widths=(100,))
    expected = [each.data for each in render(source, recipe, Limits()).renditions]
    for shown in (source[:-2], source[:-1], source[:-2] + bytes(40)):
        assert [each.data for each in render(shown, recipe, Limits()).renditions] == expected


@pytest.mark.parametrize("end", [b"", END])
@pytest.mark.parametrize("kind", [kind for kind in WHOLE if kind not in {"small", "arithmetic"}])
def test_a_jpeg_whose_rows_are_missing_is_truncated(kind: str, end: bytes) -> None:
    source = WHOLE[kind]()
    if end and kind in {"progressive", "grey progressive", "separate scans"}:
        return  # a coarser picture, or one of fewer colours, whose rows are all there
    for part in (0.5, 0.8, 0.95):
        assert refusal(source[: int(len(source) * part)] + end).code is ErrorCode.TRUNCATED


def test_a_progressive_jpeg_that_ends_between_scans_is_truncated() -> None:
    source = photo(progressive=True)
    assert refusal(source[: source.rindex(b"\xff\xda")]).code is ErrorCode.TRUNCATED


def test_a_picture_that_is_grey_in_truth_is_whole(png_of: PngOf) -> None:
    source = make.saved(Image.new("RGB", (640, 480), (128, 128, 128)), "JPEG")
    assert png_of(source).getpixel((9, 9)) == (128, 128, 128)


def test_a_height_that_comes_behind_the_pixels_is_the_height(png_of: PngOf) -> None:
    at = PLAIN.index(b"\xff\xc0") + 5
    source = PLAIN[:at] + b"\0\0" + PLAIN[at + 2 : -2] + b"\xff\xdc\0\4\0\x30" + END
    assert probe(source, Limits()).height == 48
    assert_shows_the_quadrants(png_of(source))
    assert refusal(source.replace(b"\xff\xdc\0\4\0\x30", b"\xff\xdc\0\4\xff\xff")).code is ErrorCode.EDGE_TOO_LONG


@pytest.mark.parametrize(
    ("marker", "bits", "kind"),
    [
        (0xC3, 8, "a lossless JPEG"),
        (0xCB, 8, "a lossless JPEG"),
        (0xC5, 8, "a hierarchical JPEG"),
        (0xC6, 8, "a hierarchical JPEG"),
        (0xC7, 8, "a lossless hierarchical JPEG"),
        (0xCD, 8, "a hierarchical JPEG"),
        (0xCE, 8, "a hierarchical JPEG"),
        (0xCF, 8, "a lossless hierarchical JPEG"),
        (0xF7, 8, "JPEG-LS"),
        (0xC1, 12, "a JPEG of 12 bits per sample"),
        (0xC2, 12, "a JPEG of 12 bits per sample"),
    ],
)
def test_a_kind_that_is_not_taken_is_named(marker: int, bits: int, kind: str) -> None:
    at = PLAIN.index(b"\xff\xc0")
    source = PLAIN[: at + 1] + bytes([marker]) + PLAIN[at + 2 : at + 4] + bytes([bits]) + PLAIN[at + 5 :]
    refused = refusal(source)
    assert refused.code is ErrorCode.UNSUPPORTED_FORMAT
    assert kind in refused.message


@pytest.mark.parametrize("channels", [2, 5])
def test_other_numbers_of_channels_are_named(channels: int) -> None:
    at = PLAIN.index(b"\xff\xc0")
    frame = PLAIN[at + 4 : at + 9] + bytes([channels]) + b"".join(bytes([c, 0x11, 0]) for c in range(channels))
    refused = refusal(PLAIN[:at] + segment(0xC0, frame) + PLAIN[at + 19 :])
    assert refused.code is ErrorCode.UNSUPPORTED_FORMAT
    assert f"{channels} channels" in refused.message


@pytest.mark.parametrize("name", ["arith.jpg", "arithprog.jpg"])
def test_arithmetic_coding_is_taken(name: str) -> None:
    with Image.open(io.BytesIO((ZOO / name).read_bytes())) as image:
        assert probe((ZOO / name).read_bytes(), Limits()).width == image.width
