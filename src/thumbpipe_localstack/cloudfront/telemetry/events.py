"""Lines in log groups of us-east-1, where CloudFront writes its own."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from thumbpipe_localstack.cloudfront.telemetry.background import BACKGROUND, Outlet
from thumbpipe_localstack.cloudfront.telemetry.clients import client_of

_REGION = "us-east-1"
_EVENTS_A_CALL = 1_000  # CloudWatch takes 10,000 and 1 MiB
_BYTES_A_CALL = 900_000
_BYTES_AN_EVENT = 26  # which CloudWatch counts for each event besides its text


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line for a log stream.

    Attributes:
        account_id: Whose log group it is.
        group: The log group's name; made if it is not there and `creates_group`.
        timestamp: Milliseconds since the epoch.
        creates_group: Whether the group is CloudFront's own to make.
        region: Where the group is.
    """

    account_id: str
    group: str
    stream: str
    timestamp: int
    message: str
    creates_group: bool = True
    region: str = _REGION


def write(lines: Sequence[LogLine]) -> None:
    """Write lines to their streams, each stream's in their order."""
    streams: dict[tuple[str, str, str, str], list[LogLine]] = defaultdict(list)
    for line in lines:
        streams[line.account_id, line.region, line.group, line.stream].append(line)
    for (account_id, region, _, _), events in streams.items():
        logs = client_of("logs", account_id, region)
        for batch in _split(sorted(events, key=lambda line: line.timestamp)):
            _write_batch(logs, batch)


def _split(lines: Sequence[LogLine]) -> list[list[LogLine]]:
    batches: list[list[LogLine]] = [[]]
    size = 0
    for line in lines:
        size += len(line.message.encode()) + _BYTES_AN_EVENT
        if batches[-1] and (size > _BYTES_A_CALL or len(batches[-1]) == _EVENTS_A_CALL):
            batches.append([])
            size = 0
        batches[-1].append(line)
    return batches


def _write_batch(logs: Any, batch: Sequence[LogLine]) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
    where = {"logGroupName": batch[0].group, "logStreamName": batch[0].stream}
    events = [{"timestamp": line.timestamp, "message": line.message} for line in batch]
    try:
        logs.put_log_events(**where, logEvents=events)
    except logs.exceptions.ResourceNotFoundException:
        if batch[0].creates_group:
            _create(logs.create_log_group, logGroupName=batch[0].group)
        _create(logs.create_log_stream, **where)
        logs.put_log_events(**where, logEvents=events)


def _create(call: Callable[..., object], **arguments: str) -> None:
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise


_OUTLET = Outlet(BACKGROUND, write)


def put(line: LogLine) -> None:
    """Take a line, which is written within some seconds."""
    _OUTLET.put(line)
