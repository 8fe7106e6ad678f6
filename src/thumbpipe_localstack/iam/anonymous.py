"""Unsigned requests: only what a resource policy or an ACL allows anonymous callers."""

from typing import Final

from localstack.aws.api import CommonServiceException

from thumbpipe_localstack.iam.calls import Call, Check
from thumbpipe_localstack.iam.conditions import Context
from thumbpipe_localstack.iam.evaluate import Effect, Request, compile_policy
from thumbpipe_localstack.iam.requests import find_checks
from thumbpipe_localstack.iam.resources import admits_the_public, find_public_permissions, find_resource_policy

# The ACL permission that each action needs.
_PERMISSIONS: Final = {
    "s3:GetObject": "READ",
    "s3:ListBucket": "READ",
    "s3:PutObject": "WRITE",
    "s3:DeleteObject": "WRITE",
}


def require_public(call: Call, context: Context) -> None:
    """Check a call to S3.

    Args:
        call: The call.
        context: The request's condition keys.

    Raises:
        CommonServiceException: Anonymous callers may not make the call; S3 gives no further reason.
    """
    if not all(_is_public(call, check, context) for check in find_checks(call)):
        raise CommonServiceException("AccessDenied", "Access Denied", status_code=403, sender_fault=True)


def is_open_to_all(call: Call, context: Context) -> bool:
    """Return whether the policies of the call's queues or topics allow anonymous callers to make it."""
    allowing = (Effect.ALLOW, Effect.ALLOW_BY_NAME)
    checks = find_checks(call)
    return bool(checks) and all(check.resource != "*" and _decide(check, context) in allowing for check in checks)


def _is_public(call: Call, check: Check, context: Context) -> bool:
    bucket, _, key = check.resource.rpartition(":")[2].partition("/")
    decided = _decide(check, context) if bucket not in ("", "*") else Effect.NONE
    if decided is Effect.DENY:
        return False
    if decided in (Effect.ALLOW, Effect.ALLOW_BY_NAME) and admits_the_public(bucket):
        return True
    # A bucket's ACL decides who may write to it, an object's who may read it.
    needed = _PERMISSIONS.get(check.action)
    granted = find_public_permissions(bucket, key if needed == "READ" and call.parameters.get("Key") else None)
    return needed is not None and bool(granted & {needed, "FULL_CONTROL"})


def _decide(check: Check, context: Context) -> Effect:
    text = find_resource_policy(check.action, check.resource)
    if not text:
        return Effect.NONE
    try:
        policy = compile_policy(text)
    except ValueError:
        return Effect.NONE
    nobody = {"aws:principaltype": ("Anonymous",)}
    known = {**context, **nobody, **check.context}
    return policy.decide(Request(action=check.action, resource=check.resource, context=known))
