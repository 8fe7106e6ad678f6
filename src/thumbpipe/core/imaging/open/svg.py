"""Recognise SVG in all its forms, so that the refusal can name it."""

import re
import zlib
from typing import Final

_WINDOW: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_GZIP_BITS: Final = 31
# Byte order marks, and what a first "<" looks like without one.
_ENCODINGS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# What may stand before the root: declarations, comments, a document type, perhaps with declarations.
_QUOTED: Final = r"\"[^\"]*\"|'[^']*'"
_COMMENT: Final = r"<!--.*?-->"
_SUBSET: Final = rf"\[(?>{_COMMENT}|{_QUOTED}|[^\]\"'])*+\]\s*"
_DOCTYPE: Final = rf"<!DOCTYPE\s(?>[^\[>\"']|{_QUOTED})*+(?:{_SUBSET})?>"
_PROLOGUE: Final = re.compile(rf"(?>\s+|<\?.*?\?>|{_COMMENT}|{_DOCTYPE})*+", re.DOTALL | re.IGNORECASE)
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?svg[\s/>]", re.IGNORECASE)


def is_svg(source: bytes) -> bool:
    """Say whether the root element of a file's text is an SVG's.

    Args:
        source: The file; it may be compressed with gzip.
    """
    start = source[:_WINDOW]
    if start.startswith(_GZIP):
        start = _unpacked(start)
    encoding = next((name for mark, name in _ENCODINGS if start.startswith(mark)), "latin-1")
    text = start.decode(encoding, "replace")
    prologue = _PROLOGUE.match(text)
    return bool(prologue and _ROOT.match(text, prologue.end()))


def _unpacked(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_BITS).decompress(start, _WINDOW)
    except zlib.error:
        return b""
