"""S3's events, as the queue delivers them."""

import json
from datetime import datetime
from typing import Final
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes.s3_event import S3Event, S3EventRecord

from thumbpipe.core.catalog.object_keys import RAW_PREFIX
from thumbpipe.core.delivery.object_store import ObjectVersion
from thumbpipe.core.delivery.photo_event import PhotoEvent, comparable_sequencer
from thumbpipe.core.errors import ThumbpipeError

_TEST_EVENT: Final = "s3:TestEvent"
_UNVERSIONED: Final = "null"
"""The version id of an object that is older than its bucket's versioning."""


class UnknownMessageError(ThumbpipeError):
    """The message is not an S3 event about a stored photo."""


def read_message(body: str, *, bucket: str) -> tuple[PhotoEvent, ...]:
    """Parse the body of an SQS message.

    Args:
        body: As S3 wrote it.
        bucket: The bucket that the events must be about.

    Returns:
        The events; none for s3:TestEvent, which S3 sends when notifications are configured.

    Raises:
        UnknownMessageError: It is anything else; such a message must not get lost.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise UnknownMessageError("The message is not JSON.") from error
    if not isinstance(message, dict):
        raise UnknownMessageError("The message is not a JSON object.")
    if message.get("Event") == _TEST_EVENT:
        return ()
    if not isinstance(message.get("Records"), list):
        raise UnknownMessageError("The message has no Records.")
    return tuple(_photo_event(record, bucket) for record in S3Event(message).records)


def _photo_event(record: S3EventRecord, bucket: str) -> PhotoEvent:
    try:
        name = record.event_name
        stored = record.s3.get_object
        key = unquote_plus(stored.key)
        if record.s3.bucket.name != bucket or not name.startswith("ObjectCreated:") or not key.startswith(RAW_PREFIX):
            raise UnknownMessageError(f"{name} of {key!r} in {record.s3.bucket.name} is not about a stored photo.")
        return PhotoEvent(
            source=ObjectVersion(key=key, version_id=stored.version_id or _UNVERSIONED, etag=stored.etag),
            size_bytes=stored.size,
            sequencer=comparable_sequencer(stored.sequencer),
            time=datetime.fromisoformat(record.event_time),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownMessageError(f"Malformed S3 event record: {error}.") from error
