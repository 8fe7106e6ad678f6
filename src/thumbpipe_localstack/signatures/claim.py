"""The claim that a request makes: which key signed it, what is signed, and the signature."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.scope import Scope

TIMESTAMP: Final = "%Y%m%dT%H%M%SZ"
MAX_SKEW: Final = timedelta(minutes=15)
UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
HASH_HEADER: Final = "x-amz-content-sha256"

_NAME: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A Signature Version 4 as it was received.

    Attributes:
        scope: Key and credential scope.
        timestamp: When it was signed, as sent.
        signed_headers: The signed headers, in the order of SignedHeaders.
        signature: The signature, in hexadecimal.
        token: The session token, if one was sent.
        payload: The payload hash of the canonical request, as sent; None if it is to be computed.
        expires: For how long a presigned URL is valid.
    """

    scope: Scope
    timestamp: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str | None = None
    payload: str | None = None
    expires: timedelta | None = None

    @property
    def is_presigned(self) -> bool:
        """Whether the signature is in the URL."""
        return self.expires is not None


def parse_timestamp(text: str) -> datetime:
    """Parse a timestamp such as ``20130524T000000Z``.

    Raises:
        ValueError: The text is not such a timestamp.
    """
    return datetime.strptime(text, TIMESTAMP).replace(tzinfo=UTC)


def parse_signed_headers(text: str) -> tuple[str, ...]:
    """Parse a list of signed headers, such as ``host;x-amz-date``.

    Raises:
        ValueError: An item is not a header name in lower case.
    """
    names = tuple(text.split(";"))
    if not all(map(_NAME.fullmatch, names)):
        raise ValueError(f"not a list of headers: {text!r}")
    return names


def find_unsigned(received: Received, signed: Iterable[str], *, except_for: frozenset[str] = frozenset()) -> list[str]:
    """Return the headers that must be signed but are not: ``Host`` and AWS's own."""
    required = [name for name in received.headers if name.startswith("x-amz-")]
    return sorted({"host", *required} - set(signed) - except_for)


def require_signed(received: Received, claim: Claim) -> None:
    """Check that no unsigned header was added to the request.

    Raises:
        RefusedError: A header that AWS interprets is not signed.
    """
    # S3 takes a presigned URL's payload hash from its query string.
    ignored = frozenset({HASH_HEADER}) if claim.is_presigned else frozenset()
    if missing := find_unsigned(received, claim.signed_headers, except_for=ignored):
        details = {"HeadersNotSigned": ", ".join(missing)}
        raise RefusedError(Reason.UNSIGNED_HEADERS, details=details)
