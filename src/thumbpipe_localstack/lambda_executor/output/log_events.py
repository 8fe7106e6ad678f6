"""What a function prints, cut into log events.

Everything arrives through one pipe, so that order is kept: text of ``print`` and of subprocesses, one event a line,
and between it the frames in which awslambdaric sends log records, one event a record, however many lines it has.
"""

import os
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_FRAME_MAGIC = b"\xa5\x5a\x00"  # begins no UTF-8 text
_FRAME_HEAD = 16  # type (4), length (4), microseconds since the epoch (8)
_READ_SIZE = 1 << 16
_LONGEST_EVENT = 256 * 1024  # CloudWatch's limit; longer lines are split, as Lambda does


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a log stream: milliseconds since the epoch, and a text without the trailing newline."""

    timestamp: int
    text: str


def now_ms() -> int:
    """Return the milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class OutputParser:
    """Cuts a stream of bytes into log events."""

    def __init__(self) -> None:
        self._rest = b""
        self._latest = 0

    def feed(self, data: bytes) -> list[LogEvent]:
        """Take more bytes and return the events that they complete."""
        self._rest += data
        events: list[LogEvent] = []
        while (event := self._take_one()) is not None:
            events.append(event)
        return [event for event in events if event.text]

    def finish(self) -> list[LogEvent]:
        """Return a last line that has no newline (yet) as an event."""
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
        # A frame knows when it was written, a line only when it was read: a frame after it must not seem older.
        self._latest = max(self._latest, timestamp)
        return LogEvent(self._latest, data.decode(errors="replace").rstrip("\r\n").replace("\r", "\n"))


class Output:
    """The pipe of one process, read without ever waiting for it."""

    def __init__(self, descriptor: int, sink: Callable[[list[LogEvent]], None]) -> None:
        self.descriptor = descriptor
        self._sink = sink
        self._parser = OutputParser()
        self._lock = threading.Lock()
        self._closed = False

    def drain(self, *, last_line: bool = False) -> bool:
        """Hand on everything that the process has printed so far.

        Args:
            last_line: Whether to hand on a line that has no newline yet.

        Returns:
            False once the process can print no more.
        """
        with self._lock:
            if self._closed:
                return False
            is_open = self._read()
            if last_line or not is_open:
                self._emit(self._parser.finish())
            return is_open

    def _read(self) -> bool:
        try:
            while data := os.read(self.descriptor, _READ_SIZE):
                self._emit(self._parser.feed(data))
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        """Close the pipe after what is left in it was handed on."""
        self.drain(last_line=True)
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self.descriptor)

    def _emit(self, events: list[LogEvent]) -> None:
        if events:
            self._sink(events)


class OutputPump:
    """One thread that reads the pipes of all environments."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        threading.Thread(target=self._run, name="lambda-output", daemon=True).start()

    def add(self, output: Output) -> None:
        """Read this pipe until it ends or is removed."""
        with self._lock:
            self._selector.register(output.descriptor, selectors.EVENT_READ, output)
        os.write(self._wake_write, b"+")

    def remove(self, output: Output) -> None:
        """Read this pipe no more, and close it."""
        with self._lock:
            registered = self._selector.get_map().get(output.descriptor)
            if registered and registered.data is output:  # not a later one that was given the same number
                self._selector.unregister(output.descriptor)
            output.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    os.read(self._wake_read, _READ_SIZE)
                elif not key.data.drain():
                    self.remove(key.data)
