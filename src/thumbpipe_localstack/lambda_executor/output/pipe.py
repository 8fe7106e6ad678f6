"""The pipes for functions' output, read by one thread for all."""

import fcntl
import logging
import os
import selectors
import sys
import termios
import threading
from collections.abc import Callable
from typing import Final

from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent, OutputParser

_LOG: Final = logging.getLogger(__name__)
_READ_SIZE: Final = 1 << 16


class Output:
    """The pipe of one process, read without blocking."""

    def __init__(self, descriptor: int, sink: Callable[[list[LogEvent]], None]) -> None:
        self.descriptor = descriptor
        self._sink = sink
        self._parser = OutputParser()
        self._lock = threading.Lock()
        self._closed = False

    def drain(self) -> bool:
        """Forward some of what the process has printed, so that other pipes have their turn.

        Returns:
            False once the pipe has ended.
        """
        with self._lock:
            return not self._closed and self._read(_READ_SIZE)

    def flush(self) -> None:
        """Forward what the process has printed so far, a line without a newline included, and nothing later."""
        with self._lock:
            if not self._closed:
                self._read_waiting()
                self._emit(self._parser.flush())

    def close(self) -> None:
        """Close the pipe after forwarding what is left in it."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                self._read_waiting()
                self._emit(self._parser.finish())
            finally:
                os.close(self.descriptor)

    def _read_waiting(self) -> None:
        """Read what is in the pipe now: a process that prints without end would fill it again and again."""
        waiting = _count_waiting(self.descriptor)
        while waiting > 0 and self._read(min(waiting, _READ_SIZE)):
            waiting -= _READ_SIZE

    def _read(self, size: int) -> bool:
        try:
            data = os.read(self.descriptor, size)
        except BlockingIOError:
            return True
        self._emit(self._parser.feed(data))
        return bool(data)

    def _emit(self, events: list[LogEvent]) -> None:
        if events:
            self._sink(events)


def _count_waiting(descriptor: int) -> int:
    """Return how many bytes a pipe holds."""
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


class OutputPump:
    """A thread that reads the pipes of all environments in turn, a piece of each."""

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
                else:
                    self._drain(key.data)

    def _drain(self, output: Output) -> None:
        try:
            is_open = output.drain()
        except Exception:  # noqa: BLE001 - the other environments' output is read all the same
            _LOG.exception("Cannot forward a function's output")
            is_open = True
        if not is_open:
            self.remove(output)
