"""Forms that a browser posts to S3, in LocalStack's chain."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.api import RequestContext
from werkzeug.datastructures import ImmutableMultiDict

from thumbpipe_localstack.iam.verified import remember_key
from thumbpipe_localstack.signatures.authorization import write_authorization
from thumbpipe_localstack.signatures.form import FormClaim, read_form, verify_form
from thumbpipe_localstack.signatures.form_fields import fill_in
from thumbpipe_localstack.signatures.form_policy import Form, require_policy
from thumbpipe_localstack.signatures.identity import Caller
from thumbpipe_localstack.signatures.scope import Scope

_OLD_REGION: Final = "us-east-1"

# Fields whose names S3 reads in any case, but LocalStack only in this one.
_SPELLINGS: Final = {
    name.lower(): name
    for name in ("Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Type", "Expires")
}


def admit_form(context: RequestContext, caller: Caller) -> bool:
    """Check a form.

    Returns:
        Whether it is signed. An unsigned form may still be for a bucket that anyone may write to.

    Raises:
        RefusedError: Its signature is invalid, or it does not meet its policy.
    """
    request = context.request
    file = request.files.get("file")
    fields = fill_in(request.form.items(multi=True), (file.filename or "") if file else "")
    _replace_form(request, fields)
    claim = read_form(fields)
    if claim is None:
        return False
    now = datetime.now(UTC)
    scope = claim.scope or Scope(access_key=claim.access_key, date="19700101", region=_OLD_REGION, service="s3")
    verify_form(claim, caller.find_key(claim.access_key, scope.region), now)
    bucket = str((context.service_request or {}).get("Bucket") or "")
    require_policy(claim.policy, Form(fields=fields, bucket=bucket, size=_measure(fields, file)), now)
    _take_over(context, claim, scope)
    return True


def _replace_form(request: Any, fields: Mapping[str, str]) -> None:  # noqa: ANN401 - LocalStack ships no types
    """Show LocalStack only the checked fields: one value per name, with variables filled in."""
    request.__dict__["form"] = ImmutableMultiDict([(_SPELLINGS.get(name, name), text) for name, text in fields.items()])


def _measure(fields: Mapping[str, str], file: Any) -> int:  # noqa: ANN401 - werkzeug's file
    """Return the file's size in bytes; a form without a file may have its content as a field."""
    if file is None or "file" in fields:
        return len(fields.get("file", "").encode())
    position = file.stream.tell()
    size: int = file.stream.seek(0, 2)
    file.stream.seek(position)
    return size


def _take_over(context: RequestContext, claim: FormClaim, scope: Scope) -> None:
    """Attribute the call to the form's signer instead of an anonymous caller."""
    write_authorization(context.request, scope)
    remember_key(context.request, claim.access_key)
    context.account_id = get_account_id_from_access_key_id(claim.access_key)
    context.request.headers["x-moto-account-id"] = context.account_id
    if claim.scope is not None:
        context.region = scope.region
