"""Cursors of the list: where the next page begins, sealed against invention."""

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
    """The cursor is not one that this API gave away."""


class CursorSealer:
    """What turns sort keys into opaque cursors and back.

    Args:
        fetch_key: Gets the secret; called once, when the first cursor is needed.
    """

    def __init__(self, fetch_key: Callable[[], bytes]) -> None:
        self._fetch_key = fetch_key

    @cached_property
    def _key(self) -> bytes:
        return self._fetch_key()

    def seal(self, sort_key: str) -> str:
        """Make the cursor of a page that begins after `sort_key`."""
        text = sort_key.encode()
        return _encode(self._seal(text) + text)

    def open(self, cursor: str) -> str:
        """Get the sort key out of a cursor.

        Raises:
            InvalidCursorError: It was not made by `seal` with this key.
        """
        sealed = _decode(cursor)
        seal, text = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(text)):
            raise InvalidCursorError("The cursor was not made here.")
        return text.decode()

    def _seal(self, text: bytes) -> bytes:
        return hmac.new(self._key, text, hashlib.sha256).digest()[:_SEAL_BYTES]


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decode(cursor: str) -> bytes:
    """Decode what `_encode` made, written exactly so.

    Python's decoder passes over bits that stand for nothing, takes padding of any length and the other alphabet too:
    many texts for the same bytes, of which one is ours.
    """
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise InvalidCursorError("The cursor is none.") from error
    if _encode(sealed) != cursor:
        raise InvalidCursorError("The cursor is none.")
    return sealed


def key_from_ssm(client: "SSMClient", parameter: str) -> bytes:
    """Read the secret from a SecureString parameter."""
    answer = client.get_parameter(Name=parameter, WithDecryption=True)
    return answer["Parameter"]["Value"].encode()
