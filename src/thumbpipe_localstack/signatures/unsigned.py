"""Calls that nobody has signed: what a policy or AWS itself lets everybody do."""

from typing import Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

# Services whose resources may admit everybody by a policy of their own.
_WITH_POLICIES: Final = ("sns", "sqs")

# Where a subscriber who is no account of AWS's may end what he did not begin.
_OUTSIDE: Final = ("http", "https", "email", "email-json")

_ARN_PARTS: Final = 7  # the subscription's id is one part more than a topic's ARN has

_UNVERIFIABLE: Final = (
    "The token of a web identity or of SAML cannot be verified here, and would give everybody every role. Sign the "
    "request."
)
_OF_TOKENS: Final = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


def may_be_open(context: RequestContext) -> bool:
    """Tell whether anything of a request's service may be everybody's, so that it is worth being read."""
    return context.service is not None and context.service.signing_name in ("s3", "sts", *_WITH_POLICIES)


def require_open(context: RequestContext) -> None:
    """Check a call.

    Raises:
        RefusedError: It is not everybody's.
    """
    service, operation = context.service.service_name, context.operation.name
    if service == "s3":
        _require_public(context)
    elif service == "sts" and operation in _OF_TOKENS:
        raise RefusedError(Reason.FORBIDDEN, _UNVERIFIABLE)
    elif not (service == "sns" and _is_subscribers(context)) and not _is_open(context):
        raise RefusedError(Reason.UNSIGNED)


def _require_public(context: RequestContext) -> None:
    # Here and below, not above: what policies need takes a quarter of a second to load.
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
    """Tell whether it is what a subscriber does by the links in a message: both name what nobody else knows."""
    if context.operation.name == "ConfirmSubscription":
        return True  # the token says who may
    arn = (context.service_request or {}).get("SubscriptionArn")
    return context.operation.name == "Unsubscribe" and _find_protocol(arn or "") in _OUTSIDE


def _find_protocol(arn: str) -> str | None:
    from localstack.services.sns.models import sns_stores  # noqa: PLC0415

    parts = arn.split(":")
    if len(parts) != _ARN_PARTS:
        return None
    subscription = sns_stores[parts[4]][parts[3]].subscriptions.get(arn)
    return subscription.get("Protocol") if subscription else None
