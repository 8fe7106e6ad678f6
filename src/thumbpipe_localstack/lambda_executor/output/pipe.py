"""The pipes for functions' output, read by one thread for all."""

import os
import selectors
import threading
from collections.abc import Callable
from typing import Final

from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent, OutputParser

_READ_SIZE: Final = 1 << 16


class Output:
    """The pipe of one process, read without blocking."""

    def __init__(self, descriptor: int, sink: Callable[[list[LogEvent]], None]) -> None:
        self.descriptor = descriptor
        self._sink = sink
        self._parser = OutputParser()
        self._lock = threading.Lock()
        self._closed = False

    def drain(self, *, last_line: bool = False) -> bool:
        """Forward everything that the process has printed so far.

        Args:
            last_line: Whether to forward a line that has no newline yet.

        Returns:
            False once the pipe has ended.
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
        """Close the pipe after forwarding what is left in it."""
        self.drain(last_line=True)
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self.descriptor)

    def _emit(self, events: list[LogEvent]) -> None:
        if events:
            self._sink(events)


class OutputPump:
    """A thread that reads the pipes of all environments."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        threading.Thread(target=self._run, name="lambda-output", daemon=True).start()

    def add(self, output: Output) -> None:
        """Read a pipe until it ends or is removed."""
        with self._lock:
            self._selector.register(output.descriptor, selectors.EVENT_READ, output)
        os.write(self._wake_write, b"+")

    def remove(self, output: Output) -> None:
        """Stop reading a pipe, and close it."""
        with self._lock:
            registered = self._selector.get_map().get(output.descriptor)
            if registered and registered.data is output:  # not a later one with the same file descriptor
                self._selector.unregister(output.descriptor)
            output.close()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    os.read(self._wake_read, _READ_SIZE)
                elif not key.data.drain():
                    self.remove(key.data)
