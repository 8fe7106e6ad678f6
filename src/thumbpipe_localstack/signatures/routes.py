"""Who may use each of LocalStack's own routes, which are matched before any AWS service.

A test lists a running engine's routes and fails for one that is not here.
"""

from enum import Enum
from typing import Final

_ANY_HOST: Final = "<__host__>"


class Access(Enum):
    """Who may use a route."""

    OPEN = "everybody"
    READABLE = "public to read, root user to write"
    REST_API = "as the method's authorization says"
    FUNCTION_URL = "as the URL's authorization says"
    QUEUE = "as a call of SQS"
    SIGNED = "anyone with a key"
    ROOT = "root user only"


# By a part of the host's pattern, for routes with their own host names.
_HOSTS: Final = {
    ".execute-api.": Access.REST_API,
    ".lambda-url.": Access.FUNCTION_URL,
    ".s3-website.": Access.OPEN,  # which reads objects anonymously: see `websites`
    "sqs.<regex": Access.QUEUE,
    "queue.<regex": Access.QUEUE,
}

_QUEUE_PATH: Final = '/<regex("[0-9]{12}"):account_id>/<regex("[a-zA-Z0-9_-]+(.fifo)?"):queue_name>'
_EXECUTOR: Final = "/_localstack_lambda"

# By the path's pattern.
_PATHS: Final = {
    "/_aws/cloudfront/distributions": Access.ROOT,
    "/_aws/cloudwatch/metrics/raw": Access.ROOT,
    "/_aws/dynamodb/expired": Access.ROOT,
    "/_aws/events/rules/<path:rule_arn>/trigger": Access.ROOT,
    "/_aws/execute-api/<api_id>/": Access.REST_API,
    "/_aws/execute-api/<api_id>/<stage>/": Access.REST_API,
    "/_aws/execute-api/<api_id>/<stage>/<greedy_path:path>": Access.REST_API,
    "/_aws/lambda/init": Access.ROOT,
    "/_aws/lambda/runtimes": Access.ROOT,
    "/_aws/ses": Access.ROOT,
    "/_aws/sns/platform-endpoint-messages": Access.ROOT,
    "/_aws/sns/phone-opt-outs": Access.ROOT,
    # SNS's certificate, with which subscribers verify messages.
    "/_aws/sns/SimpleNotificationService-6c6f63616c737461636b69736e696365.pem": Access.OPEN,
    "/_aws/sns/sms-messages": Access.ROOT,
    "/_aws/sns/subscription-tokens/<path:subscription_arn>": Access.ROOT,
    "/_aws/sqs/messages": Access.ROOT,
    "/_aws/sqs/messages/<region>/<account_id>/<queue_name>": Access.ROOT,
    "/_localstack/config": Access.ROOT,
    "/_localstack/diagnose": Access.ROOT,
    "/_localstack/health": Access.READABLE,
    "/_localstack/info": Access.ROOT,
    "/_localstack/init": Access.READABLE,
    "/_localstack/init/<stage>": Access.READABLE,
    "/_localstack/plugins": Access.ROOT,
    "/_localstack/swagger": Access.ROOT,
    "/_localstack/usage": Access.ROOT,
    # Lambda environments in containers report here, under an unguessable id of 122 random bits.
    f"{_EXECUTOR}/<executor_id>/invocations/<req_id>/error": Access.OPEN,
    f"{_EXECUTOR}/<executor_id>/invocations/<invoke_id>/logs": Access.OPEN,
    f"{_EXECUTOR}/<executor_id>/invocations/<req_id>/response": Access.OPEN,
    f"{_EXECUTOR}/<env_id>/status/<executor_id>/error": Access.OPEN,
    f"{_EXECUTOR}/<env_id>/status/<executor_id>/ready": Access.OPEN,
    "/openapi.yaml": Access.ROOT,
    f'/queue/<regex("[a-z0-9-]+"):region>{_QUEUE_PATH}': Access.QUEUE,
    "/restapis/<api_id>/<stage>/_user_request_": Access.REST_API,
    "/restapis/<api_id>/<stage>/_user_request_/<greedy_path:path>": Access.REST_API,
    _QUEUE_PATH: Access.QUEUE,
}

_OWN: Final = ("/_localstack", "/_aws")


def classify(path: str, host: str | None) -> Access | None:
    """Return who may use a route, or None for an unlisted one.

    Args:
        path: The rule's pattern of the path.
        host: Its pattern of the host.
    """
    if host and host != _ANY_HOST:
        return next((access for part, access in _HOSTS.items() if part in host), None)
    return _PATHS.get(path)


def find_access(path: str, host: str | None) -> Access:
    """Return who may use a route; an unlisted one is for the root user or requires at least a signature."""
    found = classify(path, host)
    return found or (Access.ROOT if path.startswith(_OWN) else Access.SIGNED)
