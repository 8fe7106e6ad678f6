"""The codec of an AVIF or HEIC: brands say what a reader must support, but only the items say what is there."""

from typing import Final

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts
from thumbpipe.core.imaging.open.sniff import SourceFormat, unsupported_format

_FORMATS: Final = {b"av01": SourceFormat.AVIF, b"hvc1": SourceFormat.HEIC, b"hev1": SourceFormat.HEIC}
_DERIVED_BY: Final = frozenset({b"iden", b"iovl", b"tmap"})  # libavif supports only grids
_MISSING: Final = {
    b"unci": "a HEIF of uncompressed pixels",
    b"j2k1": "a HEIF of JPEG 2000",
    b"j2ki": "a HEIF of JPEG 2000",
    b"jpeg": "a HEIF of JPEG",
    b"mjpg": "a HEIF of JPEG",
    b"vvc1": "a HEIF of VVC (H.266)",
    b"vvi1": "a HEIF of VVC (H.266)",
    b"evc1": "a HEIF of EVC",
    b"avc1": "a HEIF of AVC (H.264)",
    b"lhv1": "a HEIF of layered HEVC",
    b"tili": "a HEIF of tiled items (tili)",
    b"mski": "a HEIF that is only a mask",
}


def format_of(facts: IsoFacts) -> SourceFormat:
    """Tell AVIF and HEIC apart by the picture's codec.

    Args:
        facts: The file's.

    Raises:
        InvalidImageError: It has another codec.
    """
    if facts.codec == b"av01" and facts.kind in _DERIVED_BY:
        raise unsupported_format(f"an AVIF whose picture is derived ({facts.kind.decode()})")
    if facts.codec in _FORMATS and (facts.has_still or facts.codec == b"av01"):
        return _FORMATS[facts.codec]
    if facts.codec in _FORMATS:
        raise unsupported_format("an HEVC sequence without a still picture")
    if facts.codec in _MISSING:
        raise unsupported_format(_MISSING[facts.codec])
    if facts.codec.isalnum():
        raise unsupported_format(f"a HEIF of {facts.codec.decode('latin-1')} pictures")
    raise InvalidImageError(ErrorCode.CORRUPT, "The file is damaged (its header names no picture).")
