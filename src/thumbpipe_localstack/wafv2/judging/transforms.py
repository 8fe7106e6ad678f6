"""Text transformations, applied to a part of a request before it is tested."""

import base64
import binascii
import hashlib
import html
import posixpath
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

_SPACES: Final = re.compile(rb"[\x09-\x0d\x20\xa0]+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")
_COMMENTS: Final = re.compile(rb"/\*(?:.*?\*/|.*$)", re.DOTALL)
_SQL_HEX: Final = re.compile(rb"0x((?:[0-9a-fA-F]{2})+)")
_CSS: Final = re.compile(rb"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|\n|(.))", re.DOTALL)
_ESCAPES: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([abfnrtv\\?'\"]))")
_JS: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL)
_URL_UNI: Final = re.compile(rb"%u([0-9a-fA-F]{4})")
_CMD_DELETED: Final = re.compile(rb"[\\\"'^]")
_CMD_SPACES: Final = re.compile(rb"[\s,;]+")
_CMD_SLASH: Final = re.compile(rb"\s+([/(])")
_HTML_NUMBER: Final = re.compile(rb"&#0*([0-9]{1,8})[0-9]*")
_NAMED: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_BYTE: Final = 0xFF
_FULL_WIDTH: Final = range(0xFF01, 0xFF5F)
_FULL_WIDTH_OFFSET: Final = 0xFEE0


def _narrow(code: int) -> bytes:
    """Return one byte of a code point; full-width forms of ASCII become ASCII, as ModSecurity has it."""
    if code in _FULL_WIDTH:
        code -= _FULL_WIDTH_OFFSET
    return bytes([code & _BYTE])


def _base64_decode(text: bytes) -> bytes:
    encoded = text.rstrip(b"=")
    if not _BASE64.fullmatch(encoded):
        return text
    return _decode_lenient(encoded) or text


def _decode_lenient(encoded: bytes) -> bytes:
    whole = len(encoded) - (len(encoded) % 4 == 1)
    encoded = encoded[:whole]
    return base64.b64decode(encoded + b"=" * (-len(encoded) % 4))


def _base64_decode_ext(text: bytes) -> bytes:
    return _decode_lenient(_NOT_BASE64.sub(b"", text))


def _hex_decode(text: bytes) -> bytes:
    try:
        return binascii.unhexlify(text)
    except binascii.Error:
        return text


def _command_line(text: bytes) -> bytes:
    text = _CMD_SPACES.sub(b" ", _CMD_DELETED.sub(b"", text))
    return _CMD_SLASH.sub(rb"\1", text).lower()


def _html_decode(text: bytes) -> bytes:
    if b"&" not in text:
        return text
    # Python reads no numbers of thousands of digits; none beyond seven is a character.
    text = _HTML_NUMBER.sub(rb"&#\1", text)
    return html.unescape(text.decode("latin-1")).encode("latin-1", "xmlcharrefreplace")


def _css_escape(found: re.Match[bytes]) -> bytes:
    code, other = found.groups()
    return _narrow(int(code, 16)) if code else other or b""


def _escape(found: re.Match[bytes]) -> bytes:
    code, octal, named = found.groups()
    if code or octal:
        return bytes([(int(code, 16) if code else int(octal, 8)) & _BYTE])
    return _NAMED.get(named, named)


def _js_escape(found: re.Match[bytes]) -> bytes:
    wide, code, octal, other = found.groups()
    if wide:
        return _narrow(int(wide, 16))
    if code or octal:
        return bytes([(int(code, 16) if code else int(octal, 8)) & _BYTE])
    return _NAMED.get(other, other)


def _normalize_path(text: bytes) -> bytes:
    if not text:
        return text
    # posixpath keeps two leading slashes, and drops a trailing one.
    normal = posixpath.normpath(text)
    normal = b"/" + normal.lstrip(b"/") if normal.startswith(b"/") else normal
    return normal + b"/" if text.endswith((b"/", b"/.", b"/..")) and normal != b"/" else normal


def _url_decode(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" ")) if b"%" in text or b"+" in text else text


def _url_decode_uni(text: bytes) -> bytes:
    return _url_decode(_URL_UNI.sub(lambda found: _narrow(int(found[1], 16)), text))


def _to_unicode(text: bytes) -> bytes:
    if text.isascii():
        return text
    characters = text.decode(errors="surrogateescape")
    return "".join(each if each.isascii() else f"%u{ord(each):04x}" for each in characters).encode()


TRANSFORMATIONS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "NONE": lambda text: text,
    "BASE64_DECODE": _base64_decode,
    "BASE64_DECODE_EXT": _base64_decode_ext,
    "CMD_LINE": _command_line,
    "COMPRESS_WHITE_SPACE": lambda text: _SPACES.sub(b" ", text),
    "CSS_DECODE": lambda text: _CSS.sub(_css_escape, text) if b"\\" in text else text,
    "ESCAPE_SEQ_DECODE": lambda text: _ESCAPES.sub(_escape, text) if b"\\" in text else text,
    "HEX_DECODE": _hex_decode,
    "HTML_ENTITY_DECODE": _html_decode,
    "JS_DECODE": lambda text: _JS.sub(_js_escape, text) if b"\\" in text else text,
    "LOWERCASE": bytes.lower,
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).digest(),
    "NORMALIZE_PATH": _normalize_path,
    "NORMALIZE_PATH_WIN": lambda text: _normalize_path(text.replace(b"\\", b"/")),
    "REMOVE_NULLS": lambda text: text.replace(b"\0", b""),
    "REPLACE_COMMENTS": lambda text: _COMMENTS.sub(b" ", text),
    "REPLACE_NULLS": lambda text: text.replace(b"\0", b" "),
    "SQL_HEX_DECODE": lambda text: _SQL_HEX.sub(lambda found: binascii.unhexlify(found[1]), text),
    "URL_DECODE": _url_decode,
    "URL_DECODE_UNI": _url_decode_uni,
    "UTF8_TO_UNICODE": _to_unicode,
}
