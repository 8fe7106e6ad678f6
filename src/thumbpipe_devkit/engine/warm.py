"""Calls services while Terraform is planning, since LocalStack loads each on its first call."""

import contextlib
import threading
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from thumbpipe_devkit.aws import Credentials, client

# In the order in which Terraform needs them; the bucket's lifecycle rules take longest to apply.
_FIRST_CALLS: Final = (
    ("s3", "list_buckets"),
    ("sts", "get_caller_identity"),
    ("sqs", "list_queues"),
    ("iam", "list_roles"),
    ("logs", "describe_log_groups"),
    ("dynamodb", "list_tables"),
    ("lambda", "list_functions"),
    ("apigateway", "get_rest_apis"),
    ("cloudfront", "list_distributions"),
    ("ssm", "describe_parameters"),
)


def warm(endpoint_url: str, credentials: Credentials) -> None:
    """Call each service in the background. Errors are ignored: Terraform will report them."""
    threading.Thread(target=_call, args=(endpoint_url, credentials), daemon=True).start()


def _call(endpoint_url: str, credentials: Credentials) -> None:
    for service, operation in _FIRST_CALLS:
        with contextlib.suppress(BotoCoreError, ClientError, ResponseParserError):
            getattr(client(service, endpoint_url, "us-east-1", credentials), operation)()
