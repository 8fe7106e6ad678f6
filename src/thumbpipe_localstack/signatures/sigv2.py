"""S3's Signature Version 2 in the query string: boto3's default for presigned URLs in us-east-1."""

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from botocore.auth import HmacV1Auth

from thumbpipe_localstack.signatures.key import Key
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.signing import is_same
from thumbpipe_localstack.signatures.verify import require_token

PARAMETERS: Final = ("Signature", "Expires", "AWSAccessKeyId")

# Parameters that S3 accepts although they are not signed: they select a part of a listing. Any other unsigned
# parameter could turn the signed request into another operation.
_UNSIGNED: Final = frozenset(
    {
        *("continuation-token", "delimiter", "encoding-type", "fetch-owner", "key-marker", "list-type", "marker"),
        *("max-keys", "max-parts", "max-uploads", "part-number-marker", "prefix", "start-after", "upload-id-marker"),
        *("version-id-marker", "x-id"),
    }
)
_SIGNED_HEADERS: Final = ("content-md5", "content-type")
_NOT_SIGNED: Final = "There were query parameters present in the request which Signature Version 2 does not sign"
_TOKEN: Final = "x-amz-security-token"  # noqa: S105 - a name
_LONGEST_NUMBER: Final = 11
_MISSING: Final = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldClaim:
    """The claim of a Signature Version 2 URL.

    Attributes:
        access_key: The access key's id.
        expires: When it expires, in seconds since the epoch.
        signature: The signature, in base64.
        token: The session token, if one was sent.
    """

    access_key: str
    expires: int
    signature: str
    token: str | None


def is_old(received: Received) -> bool:
    """Return whether a request has the parameters of such a URL."""
    return "AWSAccessKeyId" in received.parameters and "Signature" in received.parameters


def read_old(received: Received) -> OldClaim:
    """Read the URL's claim.

    Raises:
        RefusedError: A parameter is missing, or occurs twice.
    """
    given = {name: received.parameters.get(name, ()) for name in PARAMETERS}
    expires = given["Expires"][0] if given["Expires"] else ""
    if any(len(values) != 1 for values in given.values()) or not _is_number(expires):
        raise RefusedError(Reason.MALFORMED, _MISSING, code="AccessDenied", status=403)
    return OldClaim(
        access_key=given["AWSAccessKeyId"][0],
        expires=int(expires),
        signature=given["Signature"][0].replace(" ", "+"),
        token=next(iter(_amazon_values(received).get(_TOKEN, ())), None),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER


def verify_old(received: Received, claim: OldClaim, key: Key, bucket_in_host: str, now: datetime) -> None:
    """Verify the claim.

    Args:
        received: The request.
        claim: The claim.
        key: The key that it names.
        bucket_in_host: The bucket of a virtual-hosted-style host, or an empty text.
        now: The time.

    Raises:
        RefusedError: The signature does not match, or the URL has expired.
    """
    require_token(key, claim.token, claim.access_key, now)
    if claim.expires < now.timestamp():
        end = datetime.fromtimestamp(claim.expires, UTC)
        details = {"Expires": end.strftime("%Y-%m-%dT%H:%M:%SZ"), "ServerTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
        raise RefusedError(Reason.EXPIRED, "Request has expired", details=details)
    _require_signed(received)
    text = _string_to_sign(received, claim, bucket_in_host)
    if not is_same(sign_old(key.secret, text), claim.signature):
        details = {"AWSAccessKeyId": claim.access_key, "StringToSign": text, "SignatureProvided": claim.signature}
        raise RefusedError(
            Reason.MISMATCH, details={**details, "StringToSignBytes": text.encode("utf-8", "replace").hex(" ")}
        )


def _require_signed(received: Received) -> None:
    known = {*HmacV1Auth.QSAOfInterest, *PARAMETERS, *_UNSIGNED}
    for name in received.parameters:
        if name not in known and name.lower() not in _SIGNED_HEADERS and not name.lower().startswith("x-amz-"):
            raise RefusedError(Reason.UNSIGNED_HEADERS, _NOT_SIGNED)


def sign_old(secret: str, text: str) -> str:
    """Return the signature of a text in base64."""
    return base64.b64encode(hmac.digest(secret.encode(), text.encode("latin-1", "replace"), "sha1")).decode()


def _string_to_sign(received: Received, claim: OldClaim, bucket_in_host: str) -> str:
    amazon = sorted(_amazon_values(received).items())
    lines = [f"{name}:{','.join(value.strip() for value in values)}\n" for name, values in amazon]
    standard = [_standard_value(received, name) for name in _SIGNED_HEADERS]
    head = "\n".join([received.method, *standard, str(claim.expires)])
    prefix = f"/{bucket_in_host}" if bucket_in_host else ""
    return f"{head}\n{''.join(lines)}{prefix}{received.path}{_subresource(received)}"


def _standard_value(received: Received, name: str) -> str:
    """Return a header's value; a URL may carry it as a parameter, as botocore's URLs do."""
    sent = received.header(name)
    return sent if sent is not None else _find(received, name)


def _find(received: Received, name: str) -> str:
    return next((values[0] for key, values in received.parameters.items() if key.lower() == name), "")


def _amazon_values(received: Received) -> dict[str, tuple[str, ...]]:
    """Return the values of AWS's headers; a URL may carry one that is not sent as a parameter."""
    in_url = {name.lower(): values for name, values in received.parameters.items()}
    return {name: values for name, values in {**in_url, **received.headers}.items() if name.startswith("x-amz-")}


def _subresource(received: Received) -> str:
    """Return the parameters that select another operation or change the response; they are signed decoded."""
    pairs = sorted((name, values) for name, values in received.parameters.items() if name in HmacV1Auth.QSAOfInterest)
    signed = [f"{name}={value}" if value else name for name, values in pairs for value in values]
    return f"?{'&'.join(signed)}" if signed else ""
