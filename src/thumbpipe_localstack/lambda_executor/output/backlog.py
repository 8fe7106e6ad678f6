"""Log events that wait to be written, in bounded memory."""

import threading
from collections import deque
from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent

Stream = TypeVar("Stream", bound=Hashable)

BACKLOG_BYTES: Final = 16 << 20
"""For each stream, as CloudWatch Logs counts: the text and 26 bytes for each event."""

_BYTES_AN_EVENT: Final = 26


class Backlog(Generic[Stream]):
    """The events of each log stream that are not written yet.

    A function may print faster than CloudWatch Logs takes it. The oldest events of its stream are dropped then, so that
    its last ones, the report of the invocation among them, are there.
    """

    def __init__(self) -> None:
        self._waiting: dict[Stream, _Waiting] = {}
        self._change = threading.Condition()

    def put(self, stream: Stream, events: Iterable[LogEvent]) -> None:
        """Add events, in order."""
        with self._change:
            self._waiting.setdefault(stream, _Waiting()).add(events)
            self._change.notify()

    def wait(self) -> None:
        """Wait until there are events."""
        with self._change:
            self._change.wait_for(lambda: self._waiting)

    def take(self) -> dict[Stream, list[LogEvent]]:
        """Take all events. Where some were dropped, the first one says how many."""
        with self._change:
            taken, self._waiting = self._waiting, {}
        return {stream: waiting.list_events() for stream, waiting in taken.items()}


class _Waiting:
    def __init__(self) -> None:
        self._events: deque[LogEvent] = deque()
        self._size = 0
        self._dropped = 0

    def add(self, events: Iterable[LogEvent]) -> None:
        for event in events:
            self._events.append(event)
            self._size += _measure(event)
            while self._size > BACKLOG_BYTES:
                self._size -= _measure(self._events.popleft())
                self._dropped += 1

    def list_events(self) -> list[LogEvent]:
        if not self._dropped:
            return list(self._events)
        words = f"{self._dropped} log events are missing here: they were printed faster than they could be written"
        return [LogEvent(self._events[0].timestamp, words), *self._events]


def _measure(event: LogEvent) -> int:
    return len(event.text) + _BYTES_AN_EVENT
