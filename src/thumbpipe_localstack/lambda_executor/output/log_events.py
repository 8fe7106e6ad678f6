"""Splits a function's output into log events.

Everything arrives through one pipe, which keeps the order: text of ``print`` and of subprocesses, one event a line, and
in between the frames in which awslambdaric sends log records, one event a record, however many lines it has.
"""

import re
import time
from dataclasses import dataclass
from typing import Final

_FRAME_MAGIC: Final = b"\xa5\x5a\x00"  # not valid in UTF-8
_FRAME_LENGTH: Final = slice(4, 8)  # after the type, before the microseconds since the epoch
_FRAME_HEAD: Final = 16
_LINE_END: Final = re.compile(rb"\n|" + re.escape(_FRAME_MAGIC))
_LONGEST_EVENT: Final = 256 * 1024  # CloudWatch's limit; what is longer is split, as Lambda does


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a log stream: milliseconds since the epoch, and a text without the trailing newline."""

    timestamp: int
    text: str


def now_ms() -> int:
    """Return the milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class OutputParser:
    """Splits a stream of bytes into log events, in time that is in proportion to their number."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0  # where in the rest the search for the end of a line goes on
        self._latest = 0

    def feed(self, data: bytes) -> list[LogEvent]:
        """Parse more bytes and return the events that they complete."""
        self._rest += data
        events: list[LogEvent] = []
        start = 0
        while (taken := self._take_one(start)) is not None:
            event, start = taken
            if event.text:
                events.append(event)
        # Once for all events: to cut each one off would move the rest as often.
        self._drop(start)
        return events

    def flush(self) -> list[LogEvent]:
        """Return a last line without a newline as an event; a record of which a part is missing is waited for."""
        return [] if self._rest.startswith(_FRAME_MAGIC) else self.finish()

    def finish(self) -> list[LogEvent]:
        """Return as an event what is left when nothing more can come."""
        rest = bytes(self._rest)
        self._drop(len(rest))
        if rest.startswith(_FRAME_MAGIC):
            rest = rest[_FRAME_HEAD:]
        return [self._to_event(rest, now_ms())] if rest.strip() else []

    def _drop(self, size: int) -> None:
        del self._rest[:size]
        self._searched = max(self._searched - size, 0)

    def _take_one(self, start: int) -> tuple[LogEvent, int] | None:
        """Return the event that begins there and where the next one does, or None if it is not complete yet."""
        if self._rest.startswith(_FRAME_MAGIC, start):
            return self._take_frame(start)
        found = _LINE_END.search(self._rest, max(self._searched, start))
        limit = start + _LONGEST_EVENT
        end = found.start() if found else len(self._rest)
        self._searched = end if found else max(end - len(_FRAME_MAGIC) + 1, 0)
        if end > limit or (found is None and end == limit):
            return self._to_event(self._rest[start:limit], now_ms()), limit
        if found is None:
            return None
        return self._to_event(self._rest[start:end], now_ms()), end + (found.group() == b"\n")

    def _take_frame(self, start: int) -> tuple[LogEvent, int] | None:
        body = start + _FRAME_HEAD
        if len(self._rest) < body:
            return None
        head = bytes(self._rest[start:body])
        size = int.from_bytes(head[_FRAME_LENGTH], "big")
        end = body + min(size, _LONGEST_EVENT)
        if len(self._rest) < end:
            return None
        event = self._to_event(self._rest[body:end], int.from_bytes(head[_FRAME_LENGTH.stop :], "big") // 1000)
        if size > _LONGEST_EVENT:  # what is left follows as a frame of its own, whose head takes the place of the taken
            end -= _FRAME_HEAD
            left = (size - _LONGEST_EVENT).to_bytes(4, "big")
            self._rest[end : end + _FRAME_HEAD] = head[:4] + left + head[_FRAME_LENGTH.stop :]
        return event, end

    def _to_event(self, data: bytes | bytearray, timestamp: int) -> LogEvent:
        # Frames have the time when they were written, lines when they were read: keep the times in order.
        self._latest = max(self._latest, timestamp)
        return LogEvent(self._latest, data.decode(errors="replace").rstrip("\r\n").replace("\r", "\n"))
