"""Writes log events to CloudWatch Logs in the background."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from localstack.aws.connect import connect_to

from thumbpipe_localstack.cloudwatch import write_events
from thumbpipe_localstack.lambda_executor.output.backlog import Backlog
from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent

_LOG: Final = logging.getLogger(__name__)
_COLLECT_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStream:
    """An environment's log stream, and the credentials of the function's role to write it."""

    region: str
    group: str
    name: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False, compare=False)
    session_token: str = field(repr=False, compare=False)


class LogWriter:
    """A thread that writes the log events of all environments in batches."""

    def __init__(self) -> None:
        self._backlog: Backlog[LogStream] = Backlog()
        threading.Thread(target=self._run, name="lambda-logs", daemon=True).start()

    def put(self, stream: LogStream, events: list[LogEvent]) -> None:
        """Queue events, in order; they are written within a second."""
        if events:
            self._backlog.put(stream, events)

    def _run(self) -> None:
        while True:
            self._backlog.wait()
            time.sleep(_COLLECT_SECONDS)
            for stream, events in self._backlog.take().items():
                try:
                    _write(stream, events)
                except Exception as error:  # noqa: BLE001 - the other streams are written all the same
                    _LOG.warning("Cannot write to log group %s in %s: %s", stream.group, stream.region, error)


def _write(stream: LogStream, events: list[LogEvent]) -> None:
    client = connect_to(
        region_name=stream.region,
        aws_access_key_id=stream.access_key,
        aws_secret_access_key=stream.secret_key,
        aws_session_token=stream.session_token,
    ).logs
    write_events(client, stream.group, stream.name, [(event.timestamp, f"{event.text}\n") for event in events])
