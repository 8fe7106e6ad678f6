"""What the functions share: AWS clients, and how a request is served.

Clients are plain boto3: region, credentials and `AWS_ENDPOINT_URL` come from the environment.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from thumbpipe.adapters.api import Api, JsonObject, Request, problem

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def utc_now() -> datetime:
    """Tells the time."""
    return datetime.now(UTC)


def s3_client(*, accelerate: bool = False) -> "S3Client":
    """Makes an S3 client whose presigned URLs name the bucket's regional host.

    The global host would answer for a new bucket with a redirect, which a browser's POST does not survive. An
    endpoint that is an IP address is used with the bucket in the path; botocore sees to that.

    Args:
        accelerate: Sign for the accelerated endpoint.
    """
    return boto3.client(
        "s3",
        config=Config(
            signature_version="s3v4",
            s3={
                "addressing_style": "virtual",
                "us_east_1_regional_endpoint": "regional",
                "use_accelerate_endpoint": accelerate,
            },
        ),
    )


def serve(api: Api, event: JsonObject, logger: Logger, metrics: Metrics) -> JsonObject:
    """Answers API Gateway; what nobody foresaw is logged, counted and told to nobody."""
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    request = Request.from_event(event)
    try:
        answer = api.answer(request)
    except Exception:
        logger.exception("The request failed.")
        metrics.add_metric(name="ServerErrors", unit=MetricUnit.Count, value=1)
        answer = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; it is recorded.")
    return api.to_event(request, answer)
