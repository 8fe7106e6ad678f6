"""Signature Version 4: signing keys derived from a secret, and their signatures."""

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Final

from thumbpipe_localstack.signatures.scope import Scope

ALGORITHM: Final = "AWS4-HMAC-SHA256"


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


@lru_cache(maxsize=1024)
def _derive(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def hash_text(text: str) -> str:
    """Return the SHA-256 of a canonical text, encoded as Latin-1."""
    return sha256(text.encode("latin-1")).hexdigest()


def string_to_sign(timestamp: str, scope: Scope, hashed: str, algorithm: str = ALGORITHM) -> str:
    """Return the string to sign.

    Args:
        timestamp: As in ``20130524T000000Z``.
        scope: The credential scope.
        hashed: The canonical request's SHA-256; for a body's chunk, several lines.
        algorithm: The algorithm, on the first line.
    """
    return f"{algorithm}\n{timestamp}\n{scope.text}\n{hashed}"


def sign(secret: str, scope: Scope, text: str) -> str:
    """Return the signature of a text in hexadecimal."""
    return _hmac(_derive(secret, scope.date, scope.region, scope.service), text).hex()


def is_same(first: str, second: str) -> bool:
    """Compare two signatures or tokens in constant time."""
    return hmac.compare_digest(first.encode(), second.encode())
