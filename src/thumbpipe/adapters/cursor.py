"""Cursors of the image list: where the next page starts, signed so that clients cannot forge them."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from thumbpipe.core.errors import ThumbpipeError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_SEAL_BYTES: Final = 16


class InvalidCursorError(ThumbpipeError):
    """The cursor was not issued by this API."""


class CursorSealer:
    """Converts sort keys to opaque cursors, and cursors back to sort keys.

    Args:
        fetch_key: Returns the secret; called once, for the first cursor.
    """

    def __init__(self, fetch_key: Callable[[], bytes]) -> None:
        self._fetch_key = fetch_key

    @cached_property
    def _key(self) -> bytes:
        return self._fetch_key()

    def seal(self, sort_key: str) -> str:
        """Make the cursor of a page that starts after `sort_key`."""
        text = sort_key.encode()
        return _encode(self._seal(text) + text)

    def open(self, cursor: str) -> str:
        """Return the sort key that a cursor holds.

        Raises:
            InvalidCursorError: The cursor is malformed, or was not made by `seal` with this key.
        """
        sealed = _decode(cursor)
        seal, text = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(text)):
            raise InvalidCursorError("The cursor was not issued by this API.")
        return text.decode()

    def _seal(self, text: bytes) -> bytes:
        return hmac.new(self._key, text, hashlib.sha256).digest()[:_SEAL_BYTES]


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decode(cursor: str) -> bytes:
    """Decode a cursor strictly: the text must be exactly what `_encode` returns.

    Python's decoder ignores unused trailing bits, and accepts padding of any length and the standard alphabet.
    """
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise InvalidCursorError("Malformed cursor.") from error
    if _encode(sealed) != cursor:
        raise InvalidCursorError("Malformed cursor.")
    return sealed


def key_from_ssm(client: "SSMClient", parameter: str) -> bytes:
    """Read the secret from a SecureString parameter."""
    response = client.get_parameter(Name=parameter, WithDecryption=True)
    return response["Parameter"]["Value"].encode()
