"""What a request claims: whose key signed it, what is signed, and with which outcome."""

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
    """A Signature Version 4 that somebody sent.

    Attributes:
        scope: Key and credential scope.
        timestamp: When it was signed, as it was sent.
        signed_headers: The headers that are signed, in the order in which they were named.
        signature: The signature, in hexadecimal.
        token: The session token, if one was sent.
        payload: What stands for the body in the canonical request; None has it computed.
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
    """Read a date as in ``20130524T000000Z``.

    Raises:
        ValueError: It is none.
    """
    return datetime.strptime(text, TIMESTAMP).replace(tzinfo=UTC)


def parse_signed_headers(text: str) -> tuple[str, ...]:
    """Read ``host;x-amz-date``.

    Raises:
        ValueError: One of them is no header's name in lower case.
    """
    names = tuple(text.split(";"))
    if not all(map(_NAME.fullmatch, names)):
        raise ValueError(f"not a list of headers: {text!r}")
    return names


def find_unsigned(received: Received, signed: Iterable[str], *, except_for: frozenset[str] = frozenset()) -> list[str]:
    """Return the headers that a signature has to cover and does not: ``Host``, and those of AWS's own."""
    required = [name for name in received.headers if name.startswith("x-amz-")]
    return sorted({"host", *required} - set(signed) - except_for)


def require_signed(received: Received, claim: Claim) -> None:
    """Check that nothing was added to what was signed.

    Raises:
        RefusedError: A header that AWS reads is not signed.
    """
    # S3 takes the hash of a presigned URL from the URL.
    ignored = frozenset({HASH_HEADER}) if claim.is_presigned else frozenset()
    if missing := find_unsigned(received, claim.signed_headers, except_for=ignored):
        details = {"HeadersNotSigned": ", ".join(missing)}
        raise RefusedError(Reason.UNSIGNED_HEADERS, details=details)
