"""Splits a function's output into log events.

Everything arrives through one pipe, which keeps the order: text of ``print`` and of subprocesses, one event a line, and
in between the frames in which awslambdaric sends log records, one event a record, however many lines it has.
"""

import time
from dataclasses import dataclass
from typing import Final

_FRAME_MAGIC: Final = b"\xa5\x5a\x00"  # not valid in UTF-8
_FRAME_HEAD: Final = 16  # type (4), length (4), microseconds since the epoch (8)
_LONGEST_EVENT: Final = 256 * 1024  # CloudWatch's limit; longer lines are split, as Lambda does


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a log stream: milliseconds since the epoch, and a text without the trailing newline."""

    timestamp: int
    text: str


def now_ms() -> int:
    """Return the milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class OutputParser:
    """Splits a stream of bytes into log events."""

    def __init__(self) -> None:
        self._rest = b""
        self._latest = 0

    def feed(self, data: bytes) -> list[LogEvent]:
        """Parse more bytes and return the events that they complete."""
        self._rest += data
        events: list[LogEvent] = []
        while (event := self._take_one()) is not None:
            events.append(event)
        return [event for event in events if event.text]

    def finish(self) -> list[LogEvent]:
        """Return a last line without a newline as an event."""
        rest, self._rest = self._rest, b""
        return [self._to_event(rest, now_ms())] if rest.strip() else []

    def _take_one(self) -> LogEvent | None:
        magic = self._rest.find(_FRAME_MAGIC)
        if magic == 0:
            return self._take_frame()
        newline = self._rest.find(b"\n")
        ends = [end for end in (magic, newline) if end >= 0]
        if not ends and len(self._rest) < _LONGEST_EVENT:
            return None
        end = min([*ends, _LONGEST_EVENT])
        line, self._rest = self._rest[:end], self._rest[end + (end == newline) :]
        return self._to_event(line, now_ms())

    def _take_frame(self) -> LogEvent | None:
        if len(self._rest) < _FRAME_HEAD:
            return None
        end = _FRAME_HEAD + int.from_bytes(self._rest[4:8], "big")
        if len(self._rest) < end:
            return None
        timestamp = int.from_bytes(self._rest[8:_FRAME_HEAD], "big") // 1000
        body, self._rest = self._rest[_FRAME_HEAD:end], self._rest[end:]
        return self._to_event(body, timestamp)

    def _to_event(self, data: bytes, timestamp: int) -> LogEvent:
        # Frames have the time when they were written, lines when they were read: keep the times in order.
        self._latest = max(self._latest, timestamp)
        return LogEvent(self._latest, data.decode(errors="replace").rstrip("\r\n").replace("\r", "\n"))
