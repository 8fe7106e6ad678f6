"""CloudFront's base64, which needs no escaping in a URL or a cookie."""

import base64
import binascii
from typing import Final

_TO_BASE64: Final = str.maketrans("-_~", "+=/")
_FROM_BASE64: Final = bytes.maketrans(b"+=/", b"-_~")


def encode(data: bytes) -> str:
    """Return data as CloudFront wants it."""
    return base64.b64encode(data).translate(_FROM_BASE64).decode("ascii")


def decode(text: str) -> bytes:
    """Return what a text stands for.

    Raises:
        ValueError: It is not base64, or another spelling of what it stands for: no changed byte may be overlooked.
    """
    try:
        data = base64.b64decode(text.translate(_TO_BASE64), validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if encode(data) != text:
        raise ValueError(text)
    return data
