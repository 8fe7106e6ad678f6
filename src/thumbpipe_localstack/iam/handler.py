"""The handler in LocalStack's request chain that enforces the policies of roles and users."""

import logging
from typing import Final

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

from thumbpipe_localstack.iam.anonymous import require_public
from thumbpipe_localstack.iam.calls import Call, Check
from thumbpipe_localstack.iam.conditions import Context
from thumbpipe_localstack.iam.deleted_objects import refuse_objects
from thumbpipe_localstack.iam.description import describe_call, describe_request
from thumbpipe_localstack.iam.evaluate import Policy, PolicySet, Request, compile_policy, find_refusal
from thumbpipe_localstack.iam.principals import Principal, find_principal
from thumbpipe_localstack.iam.requests import find_checks
from thumbpipe_localstack.iam.resources import find_owner, find_resource_policy, is_missing_object, resolve
from thumbpipe_localstack.iam.verified import find_key

LOG: Final = logging.getLogger(__name__)

# The key that LocalStack signs unsigned requests with.
_NOBODY: Final = "injectedaccesskey"

# For these, identity policies count only if the resource's own policy delegates to them.
_RESOURCE_DECIDES: Final = ("kms", "sts")

# Operations that answer 404 for a missing key only if the caller may list the bucket.
_OBJECT_READS: Final = ("GetObject", "GetObjectAttributes", "HeadObject")


def enforce(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Check a parsed request.

    Raises:
        CommonServiceException: the principal may not make this call; the chain serialises it for the service.
    """
    if context.service is None or context.operation is None or _is_log_delivery(context):
        return
    access_key = _find_access_key(context)
    if access_key == _NOBODY and context.service.service_name == "s3":
        require_public(describe_call(context), describe_request(context))
        return
    principal = find_principal(access_key, context.partition)
    if principal is None:
        return
    call = describe_call(context)
    shared = _describe_context(context, principal)
    if call.service == "s3" and call.operation == "DeleteObjects":
        refused = [_find_refusal(principal, check, shared) is not None for check in find_checks(call)]
        refuse_objects(context, refused)
        return
    for check in find_checks(call):
        _require(context, principal, check, shared)
    if call.service == "s3" and call.operation in _OBJECT_READS:
        _conceal_missing(context, principal, call, shared)


def _is_log_delivery(context: RequestContext) -> bool:
    """Lambda's log delivery makes a call that the role needs no permission for on AWS: it creates log groups."""
    return bool(context.is_internal_call) and context.service.service_name == "logs"


def _find_access_key(context: RequestContext) -> str:
    """Return the signing key: a presigned URL's or form's rather than the header's, which LocalStack then adds."""
    request = context.request
    if verified := find_key(request):
        return verified
    credential = request.args.get("X-Amz-Credential") or request.args.get("AWSAccessKeyId")
    if not credential and context.operation.name == "PostObject":
        form = {name.lower(): value for name, value in request.form.items()}
        credential = form.get("x-amz-credential") or form.get("awsaccesskeyid")
    if credential:
        return str(credential).partition("/")[0]
    return extract_access_key_id_from_auth_header(request.headers) or ""


def _describe_context(context: RequestContext, principal: Principal) -> Context:
    """Return the condition keys that every action of this request shares."""
    account = {"aws:principalaccount": (principal.account,)}
    return {**describe_request(context), **account, **principal.context}


def _compile(text: str) -> Policy:
    try:
        return compile_policy(text)
    except ValueError:
        LOG.warning("Ignored invalid policy: %s", text)
        return Policy(statements=())


def _find_refusal(principal: Principal, check: Check, shared: Context) -> str | None:
    """Return why AWS would refuse the check, or None."""
    resource = resolve(check.resource)
    own_policy = find_resource_policy(check.action, resource)
    policies = PolicySet(
        identity=tuple(map(_compile, principal.identity)),
        boundary=_compile(principal.boundary) if principal.boundary else None,
        session=tuple(map(_compile, principal.session)),
        resource=_compile(own_policy) if own_policy else None,
        resource_decides=own_policy is not None and check.action.startswith(_RESOURCE_DECIDES),
    )
    request = Request(
        action=check.action,
        resource=resource,
        account=principal.account,
        name=principal.arn,
        role=principal.role,
        owner=find_owner(check.action, resource),
        context={**shared, **check.context},
    )
    return find_refusal(policies, request)


def _require(context: RequestContext, principal: Principal, check: Check, shared: Context) -> None:
    reason = _find_refusal(principal, check, shared)
    if reason is not None:
        raise _describe_refusal(context, principal, check, reason)


def _describe_refusal(
    context: RequestContext, principal: Principal, check: Check, reason: str
) -> CommonServiceException:
    """Return AWS's error, whose form depends on the kind of API."""
    service = context.service.service_name
    resource = resolve(check.resource)
    quoted = f'"{resource}"' if service == "s3" else resource
    message = f"User: {principal.arn} is not authorized to perform: {check.action} on resource: {quoted} {reason}"
    LOG.info("IAM: %s", message)
    if service == "sns":
        return CommonServiceException("AuthorizationError", message, status_code=403, sender_fault=True)
    if service == "ec2":
        return CommonServiceException("UnauthorizedOperation", message, status_code=403, sender_fault=True)
    if service == "sqs" or context.protocol in ("query", "rest-xml"):
        return CommonServiceException("AccessDenied", message, status_code=403, sender_fault=True)
    status = 403 if context.protocol == "rest-json" else 400
    return CommonServiceException("AccessDeniedException", message, status_code=status, sender_fault=True)


def _conceal_missing(context: RequestContext, principal: Principal, call: Call, shared: Context) -> None:
    """Answer 403 for a missing key, as S3 does if the caller may not list the bucket."""
    bucket, key, version = (call.parameters.get(name) for name in ("Bucket", "Key", "VersionId"))
    if not is_missing_object(str(bucket), str(key), version):
        return
    _require(context, principal, Check(action="s3:ListBucket", resource=f"arn:{call.partition}:s3:::{bucket}"), shared)
