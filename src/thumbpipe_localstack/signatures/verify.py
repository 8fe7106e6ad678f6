"""Verification of a claim's signature with the secret of the key that it names."""

import re
from datetime import UTC, datetime
from typing import Final

from thumbpipe_localstack.signatures.body import Body
from thumbpipe_localstack.signatures.canonical import S3_SERVICES, canonical_request
from thumbpipe_localstack.signatures.claim import (
    MAX_SKEW,
    TIMESTAMP,
    UNSIGNED_PAYLOAD,
    Claim,
    parse_timestamp,
    require_signed,
)
from thumbpipe_localstack.signatures.key import Key
from thumbpipe_localstack.signatures.presigned import SIGNATURE
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.signing import hash_text, is_same, sign, string_to_sign
from thumbpipe_localstack.signatures.streaming import STREAMING, check_chunks

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NO_HASH: Final = "Missing required header for this request: x-amz-content-sha256"
_NO_SUCH_HASH: Final = (
    f"x-amz-content-sha256 must be {UNSIGNED_PAYLOAD}, {', '.join(STREAMING)}, or a valid sha256 value."
)


def verify(received: Received, claim: Claim, key: Key, body: Body, now: datetime) -> None:
    """Verify a claim.

    Raises:
        RefusedError: The signature does not match, or the request has expired.
    """
    require_token(key, claim.token, claim.scope.access_key, now)
    _require_time(claim, now)
    require_signed(received, claim)
    payload = _find_payload(claim, body)
    canonical = canonical_request(
        received,
        service=claim.scope.service,
        signed_headers=claim.signed_headers,
        payload=payload,
        without=SIGNATURE if claim.is_presigned else None,
    )
    text = string_to_sign(claim.timestamp, claim.scope, hash_text(canonical))
    if not is_same(sign(key.secret, claim.scope, text), claim.signature):
        raise _mismatch(claim, text, canonical)
    if claim.payload is not None:
        _require_body(received, claim, key, body)


def require_token(key: Key, token: str | None, access_key: str, now: datetime) -> None:
    """Check the session token of a temporary key.

    Raises:
        RefusedError: It is missing or wrong, or its session has expired.
    """
    if key.token is None:
        if token is not None:
            raise RefusedError(Reason.INVALID_TOKEN)
        return
    if token is None:
        raise RefusedError(Reason.UNKNOWN_KEY, details={"AWSAccessKeyId": access_key})
    if not is_same(key.token, token):
        raise RefusedError(Reason.INVALID_TOKEN)
    if key.expires_at is not None and key.expires_at <= now:
        raise RefusedError(Reason.EXPIRED_TOKEN)


def _require_time(claim: Claim, now: datetime) -> None:
    signed_at = parse_timestamp(claim.timestamp)
    if claim.scope.date != claim.timestamp[:8]:
        raise _wrong_date(claim)
    if claim.expires is None:
        if abs(signed_at - now) > MAX_SKEW:
            raise _skewed(claim, signed_at, now)
        return
    if signed_at - now > MAX_SKEW:
        raise RefusedError(Reason.EXPIRED, "Request is not yet valid")
    if signed_at + claim.expires < now:
        details = {
            "X-Amz-Expires": str(int(claim.expires.total_seconds())),
            "Expires": _iso(signed_at + claim.expires),
            "ServerTime": _iso(now),
        }
        raise RefusedError(Reason.EXPIRED, "Request has expired", details=details)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wrong_date(claim: Claim) -> RefusedError:
    message = (
        f'Invalid credential date "{claim.scope.date}". This date is not the same as X-Amz-Date: '
        f'"{claim.timestamp[:8]}".'
    )
    code = "AuthorizationQueryParametersError" if claim.is_presigned else ""
    return RefusedError(Reason.MALFORMED, message, code=code)


def _skewed(claim: Claim, signed_at: datetime, now: datetime) -> RefusedError:
    at, then = now.strftime(TIMESTAMP), claim.timestamp
    is_late = signed_at < now
    limit = (now - MAX_SKEW if is_late else now + MAX_SKEW).strftime(TIMESTAMP)
    message = (
        f"Signature expired: {then} is now earlier than {limit} ({at} - 15 min.)"
        if is_late
        else f"Signature not yet current: {then} is still later than {limit} ({at} + 15 min.)"
    )
    details = {
        "RequestTime": then,
        "ServerTime": _iso(now),
        "MaxAllowedSkewMilliseconds": str(int(MAX_SKEW.total_seconds() * 1000)),
    }
    return RefusedError(Reason.SKEWED, message, details=details)


def _find_payload(claim: Claim, body: Body) -> str:
    """Return the payload hash: the last line of the canonical request."""
    if claim.scope.service not in S3_SERVICES:
        return body.sha256()  # with or without a header that states it
    if claim.payload is None:
        raise RefusedError(Reason.MALFORMED, _NO_HASH, code="InvalidRequest")
    if claim.payload not in (UNSIGNED_PAYLOAD, *STREAMING) and not _HASH.fullmatch(claim.payload):
        raise RefusedError(Reason.MALFORMED, _NO_SUCH_HASH, code="InvalidArgument")
    return claim.payload


def _mismatch(claim: Claim, text: str, canonical: str) -> RefusedError:
    """Return the canonical request and string to sign of this side, so that the caller can compare them."""
    details = {
        "AWSAccessKeyId": claim.scope.access_key,
        "StringToSign": text,
        "SignatureProvided": claim.signature,
        "StringToSignBytes": text.encode().hex(" "),
        "CanonicalRequest": canonical,
        "CanonicalRequestBytes": canonical.encode("latin-1").hex(" "),
    }
    return RefusedError(Reason.MISMATCH, details=details)


def _require_body(received: Received, claim: Claim, key: Key, body: Body) -> None:
    payload = claim.payload or ""
    if claim.scope.service not in S3_SERVICES or payload == UNSIGNED_PAYLOAD:
        return
    if payload in STREAMING:
        check_chunks(received, claim, key, body)
        return
    if (found := body.sha256()) != payload:
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        details = {"ClientComputedContentSHA256": payload, "S3ComputedContentSHA256": found}
        raise RefusedError(Reason.WRONG_BODY, message, details=details)
