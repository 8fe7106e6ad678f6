"""Signature Version 4 in the Authorization header."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from thumbpipe_localstack.signatures.claim import HASH_HEADER, TIMESTAMP, Claim, parse_signed_headers, parse_timestamp
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.scope import Scope
from thumbpipe_localstack.signatures.signing import ALGORITHM

_NO_SCHEME: Final = "Unsupported Authorization Type"
_OLD: Final = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_ASYMMETRIC: Final = (
    "AWS4-ECDSA-P256-SHA256 (Signature Version 4A) cannot be verified here. Please use AWS4-HMAC-SHA256."
)
_PARTS: Final = "the authorization header requires three components: Credential, SignedHeaders, and Signature."
_TIMESTAMP_LENGTH: Final = len("20130524T000000Z")
_CREDENTIAL: Final = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'


def read_header(received: Received) -> Claim:
    """Read the claim of the Authorization header.

    Raises:
        RefusedError: The header is not valid Signature Version 4.
    """
    authorization = received.header("authorization") or ""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise _refuse_algorithm(algorithm)
    parts = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in rest.split(","))}
    if parts.keys() != {"Credential", "SignedHeaders", "Signature"} or rest.count(",") != len(parts) - 1:
        raise _malformed(_PARTS)
    try:
        scope = Scope.parse(parts["Credential"])
        signed_headers = parse_signed_headers(parts["SignedHeaders"])
    except ValueError as error:
        raise _malformed(_CREDENTIAL) from error
    return Claim(
        scope=scope,
        timestamp=_find_timestamp(received),
        signed_headers=signed_headers,
        signature=parts["Signature"],
        token=received.header("x-amz-security-token"),
        payload=received.header(HASH_HEADER),
    )


def _refuse_algorithm(algorithm: str) -> RefusedError:
    if algorithm == "AWS":
        return RefusedError(Reason.MALFORMED, _OLD, code="InvalidRequest")
    if algorithm.startswith("AWS4-ECDSA-"):
        return RefusedError(Reason.MALFORMED, _ASYMMETRIC, code="InvalidRequest")
    return RefusedError(Reason.MALFORMED, _NO_SCHEME, code="InvalidArgument")


def _malformed(what: str) -> RefusedError:
    return RefusedError(Reason.MALFORMED, f"The authorization header is malformed; {what}")


def _find_timestamp(received: Received) -> str:
    """Return when the request was signed: from ``x-amz-date``, else from ``Date``."""
    text = received.header("x-amz-date") or received.header("date") or ""
    try:
        return parse_timestamp(text).strftime(TIMESTAMP)
    except ValueError:
        pass
    try:
        return _convert(text)
    except (IndexError, OverflowError, TypeError, ValueError) as error:
        message = "AWS authentication requires a valid Date or x-amz-date header"
        raise RefusedError(Reason.MALFORMED, message, code="AccessDenied", status=403) from error


def _convert(text: str) -> str:
    """Return the timestamp of a plain date.

    Raises:
        IndexError, OverflowError, TypeError, ValueError: It is none, or beyond the calendar.
    """
    moment = parsedate_to_datetime(text)
    timestamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime(TIMESTAMP)
    if len(timestamp) != _TIMESTAMP_LENGTH:  # Linux writes no leading zeros of a year
        raise ValueError(text)
    return timestamp
