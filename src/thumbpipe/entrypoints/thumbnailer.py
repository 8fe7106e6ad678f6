"""The Lambda function that makes thumbnails of the photos that the queue tells about."""

import os
from time import perf_counter

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from thumbpipe.adapters.api import JsonObject
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.adapters.s3_events import read_message
from thumbpipe.adapters.s3_store import S3ObjectStore
from thumbpipe.adapters.settings import ThumbnailerSettings
from thumbpipe.core.delivery.photo_event import PhotoEvent
from thumbpipe.core.delivery.process import Outcome, Pipeline
from thumbpipe.entrypoints._wiring import dynamodb_client, s3_client, traced, utc_now

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
settings = ThumbnailerSettings.from_env(os.environ)
pipeline = Pipeline(
    store=S3ObjectStore(s3_client(), settings.image_bucket),
    catalog=DynamoDBCatalog(dynamodb_client(), settings.catalog_table, shards=settings.catalog_shards),
    recipe=settings.recipe,
    limits=settings.limits,
    clock=utc_now,
)


def deliver(news: PhotoEvent) -> None:
    """Deliver one photo, and record how it went."""
    started = perf_counter()
    delivered = pipeline.process(news)
    milliseconds = (perf_counter() - started) * 1000
    error = delivered.image.error if delivered.image else None
    logger.info(
        "A photo is dealt with.",
        image_id=delivered.image_id,
        outcome=delivered.outcome,
        error_code=error.code if error else None,
        size_bytes=news.size_bytes,
        milliseconds=round(milliseconds),
    )
    metrics.add_metric(name=f"Photos{delivered.outcome.capitalize()}", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="PhotoBytes", unit=MetricUnit.Bytes, value=news.size_bytes)
    metrics.add_metric(name="ProcessingTime", unit=MetricUnit.Milliseconds, value=milliseconds)
    if delivered.outcome is Outcome.FAILED and error:
        with single_metric(name="PhotosFailedByCode", unit=MetricUnit.Count, value=1) as metric:
            metric.add_dimension(name="code", value=error.code)


def record_handler(record: SQSRecord) -> None:
    """Deal with one message; what it raises brings the message back, and in the end to the dead-letter queue."""
    try:
        photos = read_message(record.body, bucket=settings.image_bucket)
        if not photos:
            logger.info("S3 has tested its notifications.")
        for news in photos:
            deliver(news)
    except Exception:
        logger.exception("A message failed; it will come again.", message_id=record.message_id)
        raise


@traced
@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: JsonObject, context: LambdaContext) -> PartialItemFailureResponse:
    """Answer the queue with the messages that failed."""
    metrics.add_metric(name="Messages", unit=MetricUnit.Count, value=len(event["Records"]))
    return process_partial_response(event=event, record_handler=record_handler, processor=processor, context=context)
