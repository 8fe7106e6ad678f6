"""What the functions share: AWS clients, and how API requests are served.

The clients are boto3's, made by a session of botocore's: importing boto3 adds an eighth to a cold start, for transfer
managers and resources that are not used here. Region, credentials and `AWS_ENDPOINT_URL` come from the environment.
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
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

_Result = TypeVar("_Result")

# At DEBUG botocore logs each signature and each response, among them the secret that signs cursors.
logging.getLogger("botocore").setLevel(logging.INFO)


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def dynamodb_client() -> "DynamoDBClient":
    """Make a DynamoDB client."""
    return cast("DynamoDBClient", _session().create_client("dynamodb"))


def ssm_client() -> "SSMClient":
    """Make an SSM client."""
    return cast("SSMClient", _session().create_client("ssm"))


def sqs_client() -> "SQSClient":
    """Make an SQS client."""
    return cast("SQSClient", _session().create_client("sqs"))


def cloudfront_client() -> "CloudFrontClient":
    """Make a CloudFront client; its endpoint is the same for all regions, which botocore knows."""
    return cast("CloudFrontClient", _session().create_client("cloudfront"))


def s3_client(*, accelerate: bool = False) -> "S3Client":
    """Make an S3 client whose presigned URLs name the bucket's regional host.

    The global host redirects requests for a new bucket, which a browser's POST does not survive. If the endpoint is an
    IP address, botocore puts the bucket into the path.

    Args:
        accelerate: Whether URLs are for the accelerated endpoint.
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


@cache
def _session() -> Session:
    return get_session()


def traced(handler: Callable[[JsonObject, LambdaContext], _Result]) -> Callable[[JsonObject, LambdaContext], _Result]:
    """Trace a handler with X-Ray, if the stack's `tracing` is on.

    Traces contain neither events nor responses, which hold filenames and signed URLs.
    """
    if os.environ.get("POWERTOOLS_TRACE_DISABLED") != "false":
        return handler
    # Imported here, because X-Ray's SDK takes a third of a second.
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - see above

    return Tracer().capture_lambda_handler(handler, capture_response=False)


def serve(api: Api, event: JsonObject, logger: Logger, metrics: Metrics) -> JsonObject:
    """Serve an API request. Unhandled exceptions are logged, counted and answered with a generic 500."""
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    request = Request.from_event(event)
    try:
        response = api.handle(request)
    except Exception:
        logger.exception("Request failed")
        metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=1)
        response = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "An internal error occurred. It has been logged.")
    return api.to_event(request, response)
