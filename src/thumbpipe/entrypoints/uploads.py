"""The Lambda function that reserves uploads."""

import json
import os
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from thumbpipe.adapters.api import Api, JsonObject, Request, Response, Route, problem
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.adapters.presigned_post import presign_upload
from thumbpipe.adapters.settings import UploadsSettings
from thumbpipe.core.catalog.ids import ENTROPY_BYTES
from thumbpipe.core.catalog.image import format_time
from thumbpipe.core.catalog.upload_request import InvalidRequestError, UploadRequest, pending_image
from thumbpipe.entrypoints._wiring import dynamodb_client, s3_client, serve, traced, utc_now

_MAX_BODY_BYTES: Final = 16 * 1024

logger = Logger()
metrics = Metrics()
settings = UploadsSettings.from_env(os.environ)
s3 = s3_client(accelerate=settings.transfer_acceleration)
catalog = DynamoDBCatalog(dynamodb_client(), settings.catalog_table, shards=settings.catalog_shards)


def reserve_upload(request: Request) -> Response:
    """Handle POST /api/uploads."""
    if len(request.body) > _MAX_BODY_BYTES:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body has more than {_MAX_BODY_BYTES} bytes.")
    if request.media_type != "application/json":
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The content type of the body must be application/json.")
    try:
        # Deeply nested brackets raise a RecursionError, not a ValueError.
        body = json.loads(request.body)
        upload_request = UploadRequest.parse(body, max_bytes=settings.max_upload_bytes)
    except InvalidRequestError as error:
        errors = [{"field": each.field, "message": each.message} for each in error.errors]
        return problem(HTTPStatus.BAD_REQUEST, str(error), errors=errors)
    except (ValueError, RecursionError):
        return problem(HTTPStatus.BAD_REQUEST, "The body is not valid JSON.")
    at = utc_now()
    image = pending_image(
        upload_request,
        at=at,
        entropy=os.urandom(ENTROPY_BYTES),
        lifetime=timedelta(seconds=settings.pending_ttl_seconds),
        form_lifetime=timedelta(seconds=settings.upload_expires_seconds),
    )
    catalog.reserve(image)
    upload = presign_upload(
        s3,
        settings.image_bucket,
        image,
        max_bytes=settings.max_upload_bytes,
        lifetime_seconds=settings.upload_expires_seconds,
    )
    metrics.add_metric(name="UploadsReserved", unit=MetricUnit.Count, value=1)
    logger.info("Upload reserved", image_id=image.id, size_bytes=image.size_bytes)
    content = {
        "id": image.id,
        "upload": {"url": upload.url, "fields": upload.fields},
        "expires_at": format_time(at + timedelta(seconds=settings.upload_expires_seconds)),
    }
    return Response(status=HTTPStatus.CREATED, content=content)


api = Api(
    [Route(method="POST", path="/api/uploads", handle=reserve_upload)],
    page_origins=settings.page_origins,
)


@traced
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@metrics.log_metrics
def handler(event: JsonObject, context: LambdaContext) -> JsonObject:  # noqa: ARG001 - Lambda passes it
    """Handle a request from API Gateway."""
    return serve(api, event, logger, metrics)
