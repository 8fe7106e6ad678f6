"""The format of a file, by its first bytes alone; names and declared types do not count."""

from enum import StrEnum
from typing import Final

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.svg import is_svg


class SourceFormat(StrEnum):
    """A supported format of files; the value is its usual name."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    GIF = "GIF"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"
    HEIC = "HEIC"


_SUPPORTED: Final = ", ".join(SourceFormat)

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", SourceFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", SourceFormat.PNG),
    (b"GIF87a", SourceFormat.GIF),
    (b"GIF89a", SourceFormat.GIF),
    (b"II*\0", SourceFormat.TIFF),
    (b"MM\0*", SourceFormat.TIFF),
    (b"II+\0", SourceFormat.TIFF),
    (b"MM\0+", SourceFormat.TIFF),
)
_BMP_HEADER_SIZES: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF_CONTAINER_BRANDS: Final = frozenset(
    {b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"heif", b"1pic", b"unif"}
    | {b"j2ki", b"j2is", b"jpeg", b"jpgs", b"vvic", b"vvis", b"evic", b"evis", b"avci", b"avcs"}
)
"""Only the items say what is in such a file."""


_GZIP: Final = b"\x1f\x8b"
# (offset, bytes, name): formats that people may try, named in the error.
_UNSUPPORTED: Final = (
    (8, b"CR\x02", "a Canon CR2 raw photo"),
    (0, b"%PDF-", "PDF"),
    (0, b"%!PS", "PostScript (EPS)"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript (EPS)"),
    (0, b"8BPS", "Photoshop (PSD)"),
    (0, b"\0\0\x01\0", "a Windows icon (ICO)"),
    (0, b"\0\0\x02\0", "a Windows cursor (CUR)"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"\x8aMNG", "MNG"),
    (0, b"\x8bJNG", "JNG"),
    (0, b"gimp xcf", "GIMP (XCF)"),
    (0, b"qoif", "QOI"),
    (0, b"DDS ", "DDS"),
    (0, b"icns", "an Apple icon (ICNS)"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"#?RGBE", "Radiance HDR"),
    (0, b"SIMPLE  =", "FITS"),
    (128, b"DICM", "DICOM"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)"),
    (40, b" EMF", "a Windows metafile (EMF)"),
    (0, b"AT&TFORM", "DjVu"),
    (0, b"FUJIFILMCCD-RAW", "a Fujifilm raw photo"),
    (0, b"IIRO", "an Olympus raw photo"),
    (0, b"IIRS", "an Olympus raw photo"),
    (0, b"IIU\0", "a Panasonic raw photo"),
    *((0, f"P{kind}{space}".encode(), "PNM") for kind in "1234567" for space in "\n\r\t "),
    (8, b"AVI ", "an AVI video"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, _GZIP, "a gzip archive"),
)
_BRANDS_WINDOW: Final = 1024


def sniff(source: bytes) -> SourceFormat:
    """Return a file's format.

    Args:
        source: The file, or its first kilobyte.

    Raises:
        InvalidImageError: It is empty, of a known format that is not supported, or not an image at all.
    """
    if not source:
        raise InvalidImageError(ErrorCode.EMPTY, "The file is empty (0 bytes).")
    unsupported = _unsupported(source)
    if unsupported is not None:
        raise unsupported_format(unsupported)
    for signature, source_format in _SIGNATURES:
        if source.startswith(signature):
            return source_format
    if source[:4] == b"RIFF" and source[8:12] == b"WEBP":
        return SourceFormat.WEBP
    if source[:2] == b"BM" and int.from_bytes(source[14:18], "little") in _BMP_HEADER_SIZES:
        return SourceFormat.BMP
    if source[4:8] == b"ftyp":
        return _iso_format(source)
    if is_svg(source):
        raise unsupported_format("SVG")
    raise InvalidImageError(ErrorCode.NOT_AN_IMAGE, f"The file is not an image. Supported formats: {_SUPPORTED}.")


def _unsupported(source: bytes) -> str | None:
    for offset, magic, name in _UNSUPPORTED:
        if source.startswith(magic, offset):
            return "SVG" if magic == _GZIP and is_svg(source) else name
    return None


def _iso_format(source: bytes) -> SourceFormat:
    """Tell AVIF, HEIC and videos apart by the brands of the first box."""
    size = min(int.from_bytes(source[:4], "big"), _BRANDS_WINDOW)
    major = source[8:12]
    brands = {major, *(source[at : at + 4] for at in range(16, size, 4))}
    if major in _AVIF_BRANDS or (major not in _HEIC_BRANDS and brands & _AVIF_BRANDS):
        return SourceFormat.AVIF
    if major in _HEIC_BRANDS or brands & (_HEIC_BRANDS | _HEIF_CONTAINER_BRANDS):
        return SourceFormat.HEIC
    name = "a Canon CR3 raw photo" if major == b"crx " else "a video (MP4 or QuickTime)"
    raise unsupported_format(name)


def unsupported_format(kind: str) -> InvalidImageError:
    """Make the error of a known format, or a kind of one, that is not supported.

    Args:
        kind: What completes "The file is ...".
    """
    message = f"The file is {kind}, which is not supported. Supported formats: {_SUPPORTED}."
    return InvalidImageError(ErrorCode.UNSUPPORTED_FORMAT, message)
