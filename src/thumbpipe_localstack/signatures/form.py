"""The signature of POST policies, in forms that browsers upload to S3.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from thumbpipe_localstack.signatures.claim import parse_timestamp
from thumbpipe_localstack.signatures.key import Key
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.scope import Scope
from thumbpipe_localstack.signatures.signing import ALGORITHM, is_same, sign
from thumbpipe_localstack.signatures.sigv2 import sign_old
from thumbpipe_localstack.signatures.verify import require_token

TOKEN: Final = "x-amz-security-token"  # noqa: S105 - a name

_OF_V4: Final = ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
_OF_V2: Final = ("awsaccesskeyid", "signature")
_SERVICE: Final = "s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormClaim:
    """The claim that a form makes.

    Attributes:
        access_key: The access key's id.
        scope: The credential scope; None for Signature Version 2, which has none.
        policy: The policy as sent, in base64: the string to sign.
        signature: The signature.
        token: The session token, if one was sent.
    """

    access_key: str
    scope: Scope | None
    policy: str
    signature: str
    token: str | None


def read_form(fields: Mapping[str, str]) -> FormClaim | None:
    """Read a form's claim.

    Args:
        fields: The form's fields, their names in lower case.

    Returns:
        The claim; None for an anonymous form.

    Raises:
        RefusedError: It has a policy, but no complete signature.
    """
    if not fields.get("policy"):
        return None
    is_v4 = any(name in fields for name in _OF_V4)
    names = _OF_V4 if is_v4 else _OF_V2
    if not is_v4 and not any(name in fields for name in _OF_V2):
        raise RefusedError(Reason.UNSIGNED)
    for name in names:
        if not fields.get(name):
            raise _missing(name)
    return _read_v4(fields) if is_v4 else _read_v2(fields)


def _missing(name: str) -> RefusedError:
    message = (
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    )
    details = {"ArgumentName": name, "ArgumentValue": ""}
    return RefusedError(Reason.MALFORMED, message, code="InvalidArgument", details=details)


def _read_v2(fields: Mapping[str, str]) -> FormClaim:
    return FormClaim(
        access_key=fields["awsaccesskeyid"],
        scope=None,
        policy=fields["policy"],
        signature=fields["signature"],
        token=fields.get(TOKEN),
    )


def _read_v4(fields: Mapping[str, str]) -> FormClaim:
    algorithm, credential, date, signature = (fields[name] for name in _OF_V4)
    if algorithm != ALGORITHM:
        raise _refuse(f'x-amz-algorithm only supports "{ALGORITHM}"', "x-amz-algorithm", algorithm)
    try:
        scope = Scope.parse(credential)
    except ValueError as error:
        message = (
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
            '"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
        raise _refuse(message, "x-amz-credential", credential) from error
    _require_date(scope, date)
    if scope.service != _SERVICE:
        message = f'incorrect service "{scope.service}". This endpoint belongs to "{_SERVICE}".'
        raise _refuse(f"Error parsing the X-Amz-Credential parameter; {message}", "x-amz-credential", credential)
    return FormClaim(
        access_key=scope.access_key,
        scope=scope,
        policy=fields["policy"],
        signature=signature,
        token=fields.get(TOKEN),
    )


def _refuse(message: str, name: str, value: str) -> RefusedError:
    details = {"ArgumentName": name, "ArgumentValue": value}
    return RefusedError(Reason.MALFORMED, message, code="InvalidArgument", details=details)


def _require_date(scope: Scope, date: str) -> None:
    try:
        parse_timestamp(date)
    except ValueError as error:
        message = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        raise _refuse(message, "x-amz-date", date) from error
    if scope.date != date[:8]:
        message = f'Invalid credential date "{scope.date}". This date is not the same as X-Amz-Date: "{date[:8]}".'
        raise _refuse(message, "x-amz-credential", scope.date)


def verify_form(claim: FormClaim, key: Key, now: datetime) -> None:
    """Verify the claim's key and signature; the policy itself says when it expires.

    Raises:
        RefusedError: The key is unknown or the signature does not match.
    """
    require_token(key, claim.token, claim.access_key, now)
    expected = sign(key.secret, claim.scope, claim.policy) if claim.scope else sign_old(key.secret, claim.policy)
    if not is_same(expected, claim.signature):
        details = {
            "AWSAccessKeyId": claim.access_key,
            "StringToSign": claim.policy,
            "SignatureProvided": claim.signature,
            "StringToSignBytes": claim.policy.encode().hex(" "),
        }
        raise RefusedError(Reason.MISMATCH, details=details)
