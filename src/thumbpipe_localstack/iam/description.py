"""A parsed request in the terms of policies."""

from datetime import UTC, datetime
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.iam.calls import Call
from thumbpipe_localstack.iam.conditions import Context

# IAM's prefix where it differs from both botocore's service name and its signing name.
_PREFIXES: Final = {"monitoring": "cloudwatch", "tagging": "tag"}


def describe_call(context: RequestContext) -> Call:
    """Return the API call that a request makes."""
    signing_name = context.service.signing_name
    parameters = dict(context.service_request or {})
    if context.operation.name == "PostObject":
        parameters |= _read_post_form(context)
    return Call(
        service=_PREFIXES.get(signing_name, signing_name),
        operation=context.operation.name,
        parameters=parameters,
        partition=context.partition,
        region=context.region,
        account=context.account_id,
        method=context.request.method,
        path=context.request.path,
    )


def _read_post_form(context: RequestContext) -> dict[str, Any]:
    form = {name.lower(): value for name, value in context.request.form.items()}
    file = context.request.files.get("file")
    key = form.get("key", "").replace("${filename}", (file.filename or "") if file else "")
    fields = {"Key": key, "ACL": form.get("acl"), "Tagging": form.get("tagging")}
    return {name: value for name, value in fields.items() if value}


def describe_request(context: RequestContext) -> Context:
    """Return a request's condition keys that do not depend on the caller."""
    now = datetime.now(UTC)
    headers = context.request.headers
    known = {
        "aws:currenttime": now.isoformat(),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:principalisawsservice": "false",
        "aws:referer": headers.get("Referer"),
        "aws:requestedregion": context.region,
        # LocalStack stands in for AWS's HTTPS endpoints: a policy that requires TLS would deny every HTTP request.
        "aws:securetransport": "true",
        "aws:sourceip": context.request.remote_addr,
        "aws:useragent": headers.get("User-Agent"),
        "aws:viaawsservice": "false",
    }
    return {key: (value,) for key, value in known.items() if value}
