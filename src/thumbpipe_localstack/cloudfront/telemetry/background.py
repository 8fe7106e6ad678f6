"""A background thread that writes logs and metrics in batches; requests only put items into queues.

Items are collected for some seconds, so that neither CloudWatch nor S3 is called for each request. Queues are bounded:
if items come faster than they can be written, the oldest are dropped.
"""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

_LOG: Final = logging.getLogger(__name__)
_FLUSH_SECONDS: Final = 2.0
_MOST_HELD: Final = 20_000

T = TypeVar("T")


class Background:
    """The thread, and the outlets that it flushes; it starts with the first item."""

    def __init__(self, seconds: float = _FLUSH_SECONDS) -> None:
        self._seconds = seconds
        self._outlets: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, flush: Callable[[], None]) -> None:
        """Register a function that is called every few seconds."""
        self._outlets.append(flush)

    def wake(self) -> None:
        """Flush all outlets within seconds."""
        if not self._wanted.is_set():
            self._wanted.set()
            if self._thread is None:
                self._start()

    def flush(self) -> None:
        """Flush all outlets now, in this thread."""
        with self._writing:
            self._wanted.clear()
            for flush in self._outlets:
                try:
                    flush()
                except Exception as error:  # noqa: BLE001 - the other outlets are flushed all the same
                    _LOG.warning("Cannot write CloudFront's logs or metrics: %s", error)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cloudfront-telemetry", daemon=True)
                self._thread.start()
                self._flush_at_shutdown()

    def _flush_at_shutdown(self) -> None:
        with contextlib.suppress(ImportError):  # without LocalStack, as in tests
            # Imported here: the module is used without LocalStack, too.
            from localstack.runtime.shutdown import SHUTDOWN_HANDLERS  # noqa: PLC0415

            SHUTDOWN_HANDLERS.register(self.flush)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._wanted.wait()
            pause.wait(self._seconds)
            self.flush()


class Outlet(Generic[T]):
    """A bounded queue of items of one kind, and the function that writes a batch of them."""

    def __init__(self, background: Background, write: Callable[[Sequence[T]], None]) -> None:
        self._items: deque[T] = deque(maxlen=_MOST_HELD)
        self._write = write
        self._background = background
        background.add(self._flush)

    def put(self, item: T) -> None:
        """Queue an item."""
        self._items.append(item)
        self._background.wake()

    def _flush(self) -> None:
        batch: list[T] = []
        while self._items:
            batch.append(self._items.popleft())
        if batch:
            self._write(batch)


BACKGROUND: Final = Background()
