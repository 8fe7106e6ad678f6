"""The Lambda function that lists, shows and deletes images."""

import os
from functools import cache
from http import HTTPStatus
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from thumbpipe.adapters.api import Api, JsonObject, Request, Response, Route, problem
from thumbpipe.adapters.cloudfront_cache import invalidate_renditions
from thumbpipe.adapters.cloudfront_signer import CloudFrontSigner, KeyCache, signing_key_from_ssm
from thumbpipe.adapters.cloudfront_urls import Distribution
from thumbpipe.adapters.cursor import CursorSealer, InvalidCursorError, key_from_ssm
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.adapters.image_json import image_json
from thumbpipe.adapters.s3_store import S3ObjectStore
from thumbpipe.adapters.settings import GallerySettings
from thumbpipe.core.catalog.ids import is_id
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.delivery.delete import delete_image
from thumbpipe.entrypoints._wiring import (
    cloudfront_client,
    dynamodb_client,
    s3_client,
    serve,
    ssm_client,
    traced,
    utc_now,
)

_DEFAULT_LIMIT: Final = 50
_MAX_LIMIT: Final = 100

logger = Logger()
metrics = Metrics()
settings = GallerySettings.from_env(os.environ)
store = S3ObjectStore(s3_client(), settings.image_bucket)
catalog = DynamoDBCatalog(dynamodb_client(), settings.catalog_table, shards=settings.catalog_shards)
# Made when they are needed: SSM's client for signatures and second pages, CloudFront's for deletions.
ssm = cache(ssm_client)
cloudfront = cache(cloudfront_client)
cursors = CursorSealer(lambda: key_from_ssm(ssm(), settings.cursor_key_parameter))


def _signer() -> CloudFrontSigner | None:
    parameter = settings.signing_key_parameter
    if parameter is None:
        return None
    key = KeyCache(lambda: signing_key_from_ssm(ssm(), parameter), on_error=_warn_of_key)
    return CloudFrontSigner(key, lifetime_seconds=settings.url_expires_seconds)


def _warn_of_key(error: Exception) -> None:
    # Without the error's text: it might contain the secret.
    logger.warning("Signing key not refreshed", error=type(error).__name__)


distribution = Distribution(settings.delivery_url, original_downloads=settings.original_downloads, signer=_signer())


def list_images(request: Request) -> Response:
    """Handle GET /api/images."""
    limit = _limit(request.query.get("limit"))
    if limit is None:
        return _refusal("limit", f"A whole number from 1 to {_MAX_LIMIT} is expected.")
    cursor = request.query.get("cursor")
    try:
        before = cursors.open(cursor) if cursor is not None else None
    except InvalidCursorError:
        return _refusal("cursor", "The next_cursor of an earlier response is expected.")
    images = catalog.page(before=before, limit=limit + 1, now=utc_now())
    shown = images[:limit]
    content = {
        "items": [image_json(image, distribution) for image in shown],
        "next_cursor": cursors.seal(shown[-1].sort_key) if len(images) > limit else None,
    }
    return Response(status=HTTPStatus.OK, content=content)


def show_image(_request: Request, image_id: str) -> Response:
    """Handle GET /api/images/{id}."""
    image = _find(image_id)
    if image is None:
        return problem(HTTPStatus.NOT_FOUND, "There is no such image.")
    return Response(status=HTTPStatus.OK, content=image_json(image, distribution))


def remove_image(_request: Request, image_id: str) -> Response:
    """Handle DELETE /api/images/{id}; deleting an image that does not exist succeeds."""
    image = delete_image(image_id, store=store, catalog=catalog) if is_id(image_id) else None
    if image is not None:
        _invalidate(image)
        metrics.add_metric(name="ImagesDeleted", unit=MetricUnit.Count, value=1)
        logger.info("Image deleted", image_id=image_id)
    return Response(status=HTTPStatus.NO_CONTENT)


def _invalidate(image: Image) -> None:
    """Remove a deleted image's renditions from the cache. A failure is logged and counted; the deletion stands."""
    try:
        invalidate_renditions(cloudfront(), settings.distribution_id, image)
    except (BotoCoreError, ClientError):
        metrics.add_metric(name="InvalidationsFailed", unit=MetricUnit.Count, value=1)
        logger.exception("Cache invalidation failed", image_id=image.id)


def _refusal(field: str, message: str) -> Response:
    errors = [{"field": field, "message": message}]
    return problem(HTTPStatus.BAD_REQUEST, f"{field}: {message}", errors=errors)


def _find(image_id: str) -> Image | None:
    image = catalog.get(image_id) if is_id(image_id) else None
    return None if image is None or image.expired(utc_now()) else image


def _limit(text: str | None) -> int | None:
    if text is None:
        return _DEFAULT_LIMIT
    # isdecimal alone would accept the digits of other scripts, and a number of any length.
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_LIMIT))):
        return None
    return int(text) if 1 <= int(text) <= _MAX_LIMIT else None


api = Api(
    [
        Route(method="GET", path="/api/images", handle=list_images),
        Route(method="GET", path="/api/images/([^/]+)", handle=show_image),
        Route(method="DELETE", path="/api/images/([^/]+)", handle=remove_image),
    ],
    page_origins=settings.page_origins,
)


@traced
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@metrics.log_metrics
def handler(event: JsonObject, context: LambdaContext) -> JsonObject:  # noqa: ARG001 - Lambda passes it
    """Handle a request from API Gateway."""
    return serve(api, event, logger, metrics)
