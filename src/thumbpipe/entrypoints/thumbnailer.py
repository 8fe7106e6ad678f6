"""The Lambda function that makes thumbnails of photos that S3 reports as stored."""

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
from thumbpipe.adapters.photo_queue import PhotoQueue
from thumbpipe.adapters.s3_events import UnknownMessageError, read_message
from thumbpipe.adapters.s3_store import S3ObjectStore
from thumbpipe.adapters.settings import ThumbnailerSettings
from thumbpipe.adapters.sqs_batch import Invocation, plan_batch, receive_count
from thumbpipe.core.delivery.photo_event import PhotoEvent
from thumbpipe.core.delivery.process import Outcome, PhotoProcessor
from thumbpipe.entrypoints._wiring import dynamodb_client, s3_client, sqs_client, traced, utc_now

logger = Logger()
metrics = Metrics()
batch_processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
settings = ThumbnailerSettings.from_env(os.environ)
photo_processor = PhotoProcessor(
    store=S3ObjectStore(s3_client(), settings.image_bucket),
    catalog=DynamoDBCatalog(dynamodb_client(), settings.catalog_table, shards=settings.catalog_shards),
    recipe=settings.recipe,
    limits=settings.limits,
    clock=utc_now,
)


queue = PhotoQueue(sqs_client)


def record_handler(record: SQSRecord) -> None:
    """Process one message. Exceptions propagate: it is received again, and finally moved to the dead-letter queue."""
    try:
        photo_events = read_message(record.body, bucket=settings.image_bucket)
        if not photo_events:
            logger.info("Ignored s3:TestEvent")
        for photo_event in photo_events:
            process_event(photo_event)
    except Exception:
        logger.exception("Message failed", message_id=record.message_id)
        raise


def process_event(event: PhotoEvent) -> None:
    """Process one S3 event, and log and count its result."""
    started = perf_counter()
    result = photo_processor.process(event)
    milliseconds = (perf_counter() - started) * 1000
    error = result.image.error if result.image else None
    logger.info(
        "Photo processed",
        image_id=result.image_id,
        outcome=result.outcome,
        error_code=error.code if error else None,
        size_bytes=event.size_bytes,
        milliseconds=round(milliseconds),
    )
    metrics.add_metric(name=f"Photos{result.outcome.capitalize()}", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="PhotoBytes", unit=MetricUnit.Bytes, value=event.size_bytes)
    metrics.add_metric(name="ProcessingTime", unit=MetricUnit.Milliseconds, value=milliseconds)
    if result.outcome is Outcome.FAILED and error:
        with single_metric(name="PhotosFailedByCode", unit=MetricUnit.Count, value=1) as metric:
            metric.add_dimension(name="code", value=error.code)


def is_unfinished(record: SQSRecord) -> bool:
    """Say whether a message has a photo that may still have to be rendered."""
    try:
        return not all(map(photo_processor.is_processed, read_message(record.body, bucket=settings.image_bucket)))
    except UnknownMessageError:
        return False  # it fails at once
    except Exception:
        logger.exception("Message state unknown", message_id=record.message_id)
        return True


def expect_failure(record: SQSRecord) -> None:
    """Record the failure of a message's photos before the last attempt, which may be unable to."""
    try:
        for photo_event in read_message(record.body, bucket=settings.image_bucket):
            photo_processor.expect_failure(photo_event)
    except Exception:
        logger.exception("Failure not recorded", message_id=record.message_id)


@traced
@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: JsonObject, context: LambdaContext) -> PartialItemFailureResponse:
    """Process a batch of messages, and return those that failed."""
    metrics.add_metric(name="Messages", unit=MetricUnit.Count, value=len(event["Records"]))
    plan = plan_batch(
        [SQSRecord(record) for record in event["Records"]],
        max_receive_count=settings.max_receive_count,
        is_unfinished=is_unfinished,
    )
    for record in plan.last:
        if receive_count(record) >= settings.max_receive_count:
            expect_failure(record)
    invocation = Invocation(
        plan=plan,
        queue=queue,
        process=record_handler,
        remaining_ms=context.get_remaining_time_in_millis,
        max_receive_count=settings.max_receive_count,
        logger=logger,
    )
    return process_partial_response(
        event={"Records": [record.raw_event for record in plan.order]},
        record_handler=invocation.handle,
        processor=batch_processor,
        context=context,
    )
