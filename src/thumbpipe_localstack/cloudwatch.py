"""Log events and metrics, sent to CloudWatch in batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

_EVENTS_A_CALL: Final = 1_000  # CloudWatch takes 10,000 and 1 MiB
_BYTES_A_CALL: Final = 900_000
_BYTES_AN_EVENT: Final = 26  # which CloudWatch counts for each event in addition to its text
_DATA_A_CALL: Final = 500  # CloudWatch takes 1,000 and 1 MB

Event = tuple[int, str]
"""Milliseconds since the epoch, and the text."""


def write_events(
    logs: Any,  # noqa: ANN401 - boto3 makes its clients at run time
    group: str,
    stream: str,
    events: Iterable[Event],
    *,
    creates_group: bool = True,
) -> None:
    """Write events to a log stream in order of time; a missing stream is created.

    Args:
        logs: A client of CloudWatch Logs.
        group: The log group's name.
        stream: The log stream's name.
        events: The events.
        creates_group: Whether a missing log group is created as well.
    """
    where = {"logGroupName": group, "logStreamName": stream}
    for batch in batches(sorted(events, key=lambda event: event[0])):
        entries = [{"timestamp": timestamp, "message": message} for timestamp, message in batch]
        try:
            logs.put_log_events(**where, logEvents=entries)
        except logs.exceptions.ResourceNotFoundException:
            if creates_group:
                _create(logs.create_log_group, logGroupName=group)
            _create(logs.create_log_stream, **where)
            logs.put_log_events(**where, logEvents=entries)


def batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Split events into batches that one call may carry, in order."""
    batch: list[Event] = []
    held = 0
    for event in events:
        size = len(event[1].encode()) + _BYTES_AN_EVENT
        if batch and (held + size > _BYTES_A_CALL or len(batch) == _EVENTS_A_CALL):
            yield batch
            batch, held = [], 0
        batch.append(event)
        held += size
    if batch:
        yield batch


def _create(call: Callable[..., object], **arguments: str) -> None:
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise


def send_metrics(cloudwatch: Any, namespace: str, data: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401
    """Send metric data.

    Args:
        cloudwatch: A client of CloudWatch.
        namespace: The metrics' namespace.
        data: As `PutMetricData` takes them.
    """
    for first in range(0, len(data), _DATA_A_CALL):
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=data[first : first + _DATA_A_CALL])
