"""Writes lines to log groups, by default in us-east-1, where CloudFront's are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from thumbpipe_localstack.clients import client_of
from thumbpipe_localstack.cloudfront.telemetry.background import BACKGROUND, Outlet
from thumbpipe_localstack.cloudwatch import Event, write_events

_REGION: Final = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line for a log stream.

    Attributes:
        account_id: The account of the log group.
        group: The log group's name.
        timestamp: Milliseconds since the epoch.
        creates_group: Whether a missing log group is created.
        region: The region of the log group.
    """

    account_id: str
    group: str
    stream: str
    timestamp: int
    message: str
    creates_group: bool = True
    region: str = _REGION


def write(lines: Sequence[LogLine]) -> None:
    """Write lines to their streams, in order."""
    streams: dict[tuple[str, str, str, str, bool], list[Event]] = defaultdict(list)
    for line in lines:
        where = line.account_id, line.region, line.group, line.stream, line.creates_group
        streams[where].append((line.timestamp, line.message))
    for (account_id, region, group, stream, creates_group), events in streams.items():
        write_events(client_of("logs", account_id, region), group, stream, events, creates_group=creates_group)


_OUTLET: Final = Outlet(BACKGROUND, write)


def put(line: LogLine) -> None:
    """Queue a line, which is written within seconds."""
    _OUTLET.put(line)
