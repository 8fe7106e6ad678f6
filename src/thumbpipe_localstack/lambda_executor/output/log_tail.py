"""The end of an invocation's log, which Lambda returns with the response if it is asked to."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent

TAIL_BYTES: Final = 4096
"""Lambda returns the last 4 KB."""


class LogTail:
    """Keeps as much of a log as Lambda returns, so that a function that prints a lot takes no memory for it."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()  # output is read by one thread, and the platform's lines come from another

    def add(self, events: Iterable[LogEvent]) -> None:
        """Append events, one line each, and forget lines that no longer belong to the last 4 KB."""
        with self._lock:
            for event in events:
                line = f"{event.text[-TAIL_BYTES:]}\n".encode()[-TAIL_BYTES:]
                self._lines.append(line)
                self._size += len(line)
                while self._size - len(self._lines[0]) >= TAIL_BYTES:
                    self._size -= len(self._lines.popleft())

    def take(self) -> str:
        """Return the text, at most 4 KB of UTF-8, and begin anew."""
        with self._lock:
            kept = b"".join(self._lines)[-TAIL_BYTES:]
            self._lines.clear()
            self._size = 0
        return kept.decode(errors="ignore")  # the first character may be cut
