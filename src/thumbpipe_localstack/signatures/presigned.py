"""Signature Version 4 in the query string: presigned URLs."""

from datetime import timedelta
from typing import Final

from thumbpipe_localstack.signatures.claim import (
    HASH_HEADER,
    UNSIGNED_PAYLOAD,
    Claim,
    parse_signed_headers,
    parse_timestamp,
)
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.scope import Scope
from thumbpipe_localstack.signatures.signing import ALGORITHM

SIGNATURE: Final = "X-Amz-Signature"
PARAMETERS: Final = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    SIGNATURE,
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)

_TOKEN: Final = "X-Amz-Security-Token"  # noqa: S105 - a name
_HASH: Final = "X-Amz-Content-Sha256"
_WEEK: Final = timedelta(days=7)


def is_presigned(received: Received) -> bool:
    """Return whether a request has any of a presigned URL's parameters."""
    return any(name in received.parameters for name in PARAMETERS)


def read_presigned(received: Received) -> Claim:
    """Read the claim of a presigned URL.

    Raises:
        RefusedError: A parameter is missing or malformed.
    """
    given = {name: received.parameters.get(name, ()) for name in (*PARAMETERS, _TOKEN)}
    if any(len(given[name]) != 1 for name in PARAMETERS) or len(given[_TOKEN]) > 1:
        raise _refuse(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if given["X-Amz-Algorithm"] != (ALGORITHM,):
        raise _refuse(f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    scope = _parse_scope(given["X-Amz-Credential"][0])
    return Claim(
        scope=scope,
        timestamp=_check_timestamp(given["X-Amz-Date"][0]),
        signed_headers=_parse_headers(given["X-Amz-SignedHeaders"][0]),
        signature=given[SIGNATURE][0],
        token=next(iter(given[_TOKEN]), None),
        payload=_find_payload(received, scope),
        expires=_parse_expiry(given["X-Amz-Expires"][0]),
    )


def _refuse(message: str) -> RefusedError:
    return RefusedError(Reason.MALFORMED, message, code="AuthorizationQueryParametersError")


def _parse_scope(credential: str) -> Scope:
    try:
        return Scope.parse(credential)
    except ValueError as error:
        raise _refuse(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
            '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        ) from error


def _check_timestamp(text: str) -> str:
    try:
        parse_timestamp(text)
    except ValueError as error:
        raise _refuse("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"") from error
    return text


def _parse_headers(text: str) -> tuple[str, ...]:
    try:
        return parse_signed_headers(text)
    except ValueError as error:
        raise _refuse("X-Amz-SignedHeaders must name headers in lower case, with semicolons between them") from error


def _parse_expiry(text: str) -> timedelta:
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise _refuse("X-Amz-Expires should be a number")
    if text.startswith("-"):
        raise _refuse("X-Amz-Expires must be non-negative")
    if len(text) > len("604800") or timedelta(seconds=int(text)) > _WEEK:
        raise _refuse(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            "604800 seconds"
        )
    return timedelta(seconds=int(text))


def _find_payload(received: Received, scope: Scope) -> str | None:
    """Return the payload hash as sent: UNSIGNED-PAYLOAD for S3; services other than S3 sign the body."""
    if scope.service != "s3":
        return None
    return received.parameter(_HASH) or received.header(HASH_HEADER) or UNSIGNED_PAYLOAD
