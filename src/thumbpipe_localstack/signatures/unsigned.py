"""Unsigned calls: what a resource policy or AWS itself allows anonymous callers."""

from typing import Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

# Services whose resource policies can allow anonymous callers.
_WITH_POLICIES: Final = ("sns", "sqs")

# Operations that a subscriber without an AWS account calls by the links in a message.
_OUTSIDE: Final = ("http", "https", "email", "email-json")

_ARN_PARTS: Final = 7  # a subscription's ARN has one part more than its topic's

_UNVERIFIABLE: Final = (
    "Web identity and SAML tokens cannot be verified here, so anyone could assume any role. Sign the request."
)
_OF_TOKENS: Final = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


def may_be_open(context: RequestContext) -> bool:
    """Return whether a request's service allows any anonymous calls, so that parsing it is worthwhile."""
    return context.service is not None and context.service.signing_name in ("s3", "sts", *_WITH_POLICIES)


def require_open(context: RequestContext) -> None:
    """Check an unsigned call.

    Raises:
        RefusedError: Anonymous callers may not make it.
    """
    service, operation = context.service.service_name, context.operation.name
    if service == "s3":
        _require_public(context)
    elif service == "sts" and operation in _OF_TOKENS:
        raise RefusedError(Reason.FORBIDDEN, _UNVERIFIABLE)
    elif not (service == "sns" and _is_subscribers(context)) and not _is_open(context):
        raise RefusedError(Reason.UNSIGNED)


def _require_public(context: RequestContext) -> None:
    # Imported here and below: policy evaluation takes a quarter of a second to load.
    from localstack.aws.api import CommonServiceException  # noqa: PLC0415

    from thumbpipe_localstack.iam.anonymous import require_public  # noqa: PLC0415
    from thumbpipe_localstack.iam.description import describe_call, describe_request  # noqa: PLC0415

    try:
        require_public(describe_call(context), describe_request(context))
    except CommonServiceException as error:
        raise RefusedError(Reason.UNSIGNED) from error


def _is_open(context: RequestContext) -> bool:
    from thumbpipe_localstack.iam.anonymous import is_open_to_all  # noqa: PLC0415
    from thumbpipe_localstack.iam.description import describe_call, describe_request  # noqa: PLC0415

    if context.service.signing_name not in _WITH_POLICIES:
        return False
    return is_open_to_all(describe_call(context), describe_request(context))


def _is_subscribers(context: RequestContext) -> bool:
    """Return whether a subscriber makes this call by a link in a message, which contains an unguessable token."""
    if context.operation.name == "ConfirmSubscription":
        return True  # the token authorizes the call
    arn = (context.service_request or {}).get("SubscriptionArn")
    return context.operation.name == "Unsubscribe" and _find_protocol(arn or "") in _OUTSIDE


def _find_protocol(arn: str) -> str | None:
    from localstack.services.sns.models import sns_stores  # noqa: PLC0415

    parts = arn.split(":")
    if len(parts) != _ARN_PARTS:
        return None
    subscription = sns_stores[parts[4]][parts[3]].subscriptions.get(arn)
    return subscription.get("Protocol") if subscription else None
