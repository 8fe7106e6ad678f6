"""What the functions share: AWS clients, and how a request is served.

The clients are boto3's, made by botocore's session: importing boto3 takes an eighth of a cold start more, for transfer
managers and resources that nobody here uses. Region, credentials and `AWS_ENDPOINT_URL` come from the environment.
"""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.session import Session, get_session

from thumbpipe.adapters.api import Api, JsonObject, Request, problem

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

_Answer = TypeVar("_Answer")

# At DEBUG botocore writes out each signature and each answer, the secret that seals cursors among them.
logging.getLogger("botocore").setLevel(logging.INFO)


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


@cache
def _session() -> Session:
    return get_session()


def dynamodb_client() -> "DynamoDBClient":
    """Make a DynamoDB client."""
    return cast("DynamoDBClient", _session().create_client("dynamodb"))


def ssm_client() -> "SSMClient":
    """Make an SSM client."""
    return cast("SSMClient", _session().create_client("ssm"))


def cloudfront_client() -> "CloudFrontClient":
    """Make a CloudFront client; its service has one place for all regions, which botocore knows."""
    return cast("CloudFrontClient", _session().create_client("cloudfront"))


def s3_client(*, accelerate: bool = False) -> "S3Client":
    """Make an S3 client whose presigned URLs name the bucket's regional host.

    The global host would answer for a new bucket with a redirect, which a browser's POST does not survive. An
    endpoint that is an IP address is used with the bucket in the path; botocore sees to that.

    Args:
        accelerate: Sign for the accelerated endpoint.
    """
    config = Config(
        signature_version="s3v4",
        s3={
            "addressing_style": "virtual",
            "us_east_1_regional_endpoint": "regional",
            "use_accelerate_endpoint": accelerate,
        },
    )
    return cast("S3Client", _session().create_client("s3", config=config))


def traced(handler: Callable[[JsonObject, LambdaContext], _Answer]) -> Callable[[JsonObject, LambdaContext], _Answer]:
    """Send X-Ray what a call spends its time on, where the stack's `tracing` asks for it.

    Neither event nor answer goes along: they hold file names and signed URLs.
    """
    if os.environ.get("POWERTOOLS_TRACE_DISABLED") != "false":
        return handler
    # Here, not above: X-Ray's SDK takes a third of a second, for which only those wait who want it.
    from aws_lambda_powertools import Tracer  # noqa: PLC0415

    return Tracer().capture_lambda_handler(handler, capture_response=False)


def serve(api: Api, event: JsonObject, logger: Logger, metrics: Metrics) -> JsonObject:
    """Answer API Gateway; what nobody foresaw is logged, counted and told to nobody."""
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    request = Request.from_event(event)
    try:
        answer = api.answer(request)
    except Exception:
        logger.exception("The request failed.")
        metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=1)
        answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; it is recorded.")
    return api.to_event(request, answer)
