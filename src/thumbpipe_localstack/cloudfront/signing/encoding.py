"""CloudFront's variant of base64, which is safe in URLs and cookies."""

import base64
import binascii
from typing import Final

_TO_BASE64: Final = str.maketrans("-_~", "+=/")
_FROM_BASE64: Final = bytes.maketrans(b"+=/", b"-_~")


def encode(data: bytes) -> str:
    """Encode data."""
    return base64.b64encode(data).translate(_FROM_BASE64).decode("ascii")


def decode(text: str) -> bytes:
    """Decode a text.

    Raises:
        ValueError: It is not base64, or not the canonical encoding: a changed character must never go unnoticed.
    """
    try:
        data = base64.b64decode(text.translate(_TO_BASE64), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if encode(data) != text:
        raise ValueError(text)
    return data
