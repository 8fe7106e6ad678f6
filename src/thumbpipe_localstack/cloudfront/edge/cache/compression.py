"""Gzip and Brotli where CloudFront would compress."""

import gzip
from typing import Final

from werkzeug.datastructures import Headers

_SMALLEST: Final = 1_000
_LARGEST: Final = 10_000_000
_STATUSES: Final = (200, 403, 404)
_BROTLI_QUALITY: Final = 5  # usual for dynamic responses: about gzip's speed, and smaller

# From "File types that CloudFront compresses" in the developer guide.
_TYPES: Final = frozenset(
    [
        "application/dash+xml",
        "application/eot",
        "application/font",
        "application/font-sfnt",
        "application/javascript",
        "application/json",
        "application/opentype",
        "application/otf",
        "application/pdf",
        "application/pkcs7-mime",
        "application/protobuf",
        "application/rss+xml",
        "application/truetype",
        "application/ttf",
        "application/vnd.apple.mpegurl",
        "application/vnd.mapbox-vector-tile",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/xhtml+xml",
        "application/xml",
        "application/x-font-opentype",
        "application/x-font-truetype",
        "application/x-font-ttf",
        "application/x-httpd-cgi",
        "application/x-javascript",
        "application/x-mpegurl",
        "application/x-opentype",
        "application/x-otf",
        "application/x-perl",
        "application/x-ttf",
        "font/eot",
        "font/opentype",
        "font/otf",
        "font/ttf",
        "image/svg+xml",
        "text/css",
        "text/csv",
        "text/html",
        "text/javascript",
        "text/js",
        "text/plain",
        "text/richtext",
        "text/tab-separated-values",
        "text/xml",
        "text/x-component",
        "text/x-java-source",
        "text/x-script",
        "vnd.apple.mpegurl",
    ]
)


def compress(status: int, headers: Headers, body: bytes, encodings: str) -> bytes:
    """Compress a body if CloudFront would.

    Args:
        status: The response's status.
        headers: The response's headers; updated if the body is compressed.
        body: The complete body.
        encodings: Those that the viewer accepts, see `accepted_encoding`.
    """
    if not encodings or status not in _STATUSES or not _is_compressible(headers, body):
        return body
    encoding = encodings.partition(",")[0]
    headers["Content-Encoding"] = encoding
    headers.remove("Content-Length")
    if "accept-encoding" not in headers.get("Vary", "").lower():
        headers.add("Vary", "Accept-Encoding")
    etag = headers.get("ETag", "")
    if etag.startswith('"'):
        headers["ETag"] = f"W/{etag}"  # the bytes have changed
    if encoding == "br":
        import brotli  # noqa: PLC0415 - installed with the engine; gzip must work without it

        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    return gzip.compress(body, compresslevel=6, mtime=0)


def _is_compressible(headers: Headers, body: bytes) -> bool:
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in _TYPES and _SMALLEST <= len(body) <= _LARGEST and "Content-Encoding" not in headers
