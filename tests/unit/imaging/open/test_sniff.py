import struct

import pytest

from images import make
from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.sniff import SourceFormat, sniff


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", len(brands) + 8) + b"ftyp" + brands + bytes(64)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"\xff\xd8\xff\xe0", SourceFormat.JPEG),
        (b"\x89PNG\r\n\x1a\n", SourceFormat.PNG),
        (b"GIF87a", SourceFormat.GIF),
        (b"GIF89a", SourceFormat.GIF),
        (b"RIFF\x10\0\0\0WEBPVP8 ", SourceFormat.WEBP),
        (b"II*\0", SourceFormat.TIFF),
        (b"MM\0*", SourceFormat.TIFF),
        (b"II+\0", SourceFormat.TIFF),
        (b"MM\0+", SourceFormat.TIFF),
        (b"BM" + bytes(12) + b"\x28\0\0\0", SourceFormat.BMP),
        (ftyp(b"avif", b"mif1"), SourceFormat.AVIF),
        (ftyp(b"avis"), SourceFormat.AVIF),
        (ftyp(b"mif1", b"miaf", b"avif"), SourceFormat.AVIF),
        (ftyp(b"heic", b"mif1"), SourceFormat.HEIC),
        (ftyp(b"heic", b"mif1", b"avif"), SourceFormat.HEIC),
        (ftyp(b"mif1", b"heic"), SourceFormat.HEIC),
        (ftyp(b"msf1", b"hevc"), SourceFormat.HEIC),
    ],
)
def test_a_format_is_known_by_its_first_bytes(start: bytes, expected: SourceFormat) -> None:
    assert sniff(start) is expected


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (make.svg(), "SVG"),
        (b"\xef\xbb\xbf  <SVG width='1'>", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "EPS"),
        (b"\xc5\xd0\xd3\xc6", "EPS"),
        (b"8BPS\0\1", "PSD"),
        (b"\0\0\1\0\1\0", "ICO"),
        (b"\0\0\0\x0cjP  \r\n", "JPEG 2000"),
        (b"\0\0\0\x0cJXL \r\n", "JPEG XL"),
        (b"II*\0\x10\0\0\0CR\2\0", "CR2"),
        (b"P6\n1 1\n255\n", "PNM"),
        (b"P5 1 1 255\n", "PNM"),
        (ftyp(b"isom", b"mp42"), "video"),
        (ftyp(b"crx "), "CR3"),
        (b"PK\3\4", "ZIP"),
    ],
)
def test_a_known_but_unsupported_format_is_named(start: bytes, name: str) -> None:
    with pytest.raises(InvalidImageError, match=name) as refused:
        sniff(start)
    assert refused.value.code is ErrorCode.UNSUPPORTED_FORMAT
    assert "Supported formats: JPEG, PNG" in refused.value.message


@pytest.mark.parametrize("start", [b"\0", b"Dear Sir", b"<html><body>", b"BM is a city", bytes(1000), b"\xff\xd8"])
def test_a_file_that_is_not_a_picture_is_reported(start: bytes) -> None:
    with pytest.raises(InvalidImageError) as refused:
        sniff(start)
    assert refused.value.code is ErrorCode.NOT_AN_IMAGE


def test_an_empty_file_is_reported() -> None:
    with pytest.raises(InvalidImageError, match="empty") as refused:
        sniff(b"")
    assert refused.value.code is ErrorCode.EMPTY
