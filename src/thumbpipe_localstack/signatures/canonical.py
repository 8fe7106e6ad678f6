"""Canonical requests, after AWS's "Create a signed AWS API request"."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from botocore.utils import normalize_url_path

from thumbpipe_localstack.signatures.received import Received

_UNRESERVED: Final = "-_.~"

# S3 uses object keys literally: it neither normalises `..` in a path nor encodes the path twice.
S3_SERVICES: Final = frozenset({"s3", "s3-object-lambda", "s3-outposts"})


def _encode(text: str, safe: str = _UNRESERVED) -> str:
    """Normalise the percent-encoding: a client may have encoded more or fewer characters than AWS does."""
    return quote(unquote_to_bytes(text.encode("utf-8", "surrogateescape")), safe=safe)


def canonical_path(path: str, service: str) -> str:
    """Return the canonical URI of a path as it was sent."""
    if service in S3_SERVICES:
        return _encode(path, f"/{_UNRESERVED}")
    return quote(normalize_url_path(path).encode("utf-8", "surrogateescape"), safe=f"/{_UNRESERVED}")


def canonical_query(query: str, *, without: str | None = None) -> str:
    """Return the canonical query string, without the parameter that carries the signature.

    `+` is decoded as a space, as the service decodes it. Otherwise `+` could be swapped for a signed `%2B`.
    """
    pairs = (pair.replace("+", " ").partition("=") for pair in query.split("&") if pair)
    encoded = sorted((_encode(name), _encode(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded if name != without)


def canonical_headers(received: Received, names: Iterable[str]) -> str:
    """Return the canonical headers, one per line.

    A presigned URL may carry a signed header as a query parameter: version 2 of AWS's SDK for JavaScript does so.
    """
    lines = []
    for name in names:
        values = received.headers.get(name)
        if values is None:
            values = next((found for key, found in received.parameters.items() if key.lower() == name), ())
        lines.append(f"{name}:{','.join(' '.join(value.split()) for value in values)}\n")
    return "".join(lines)


def canonical_request(
    received: Received, *, service: str, signed_headers: tuple[str, ...], payload: str, without: str | None = None
) -> str:
    """Return the canonical request.

    Args:
        received: The request.
        service: The service of the credential scope, which decides how a path is written.
        signed_headers: Names of the headers that are signed.
        payload: The body's SHA-256 in hexadecimal, or the value that replaces it, such as UNSIGNED-PAYLOAD.
        without: The query parameter to leave out: the one that carries the signature.
    """
    return "\n".join(
        [
            received.method.upper(),
            canonical_path(received.path, service),
            canonical_query(received.query, without=without),
            canonical_headers(received, signed_headers),
            ";".join(signed_headers),
            payload,
        ]
    )
