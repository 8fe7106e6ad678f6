"""Queues findings, and records them in a background thread."""

import dataclasses
import logging
import queue
import threading
import time
from typing import Final

from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.model import Outcome, WebAcl
from thumbpipe_localstack.wafv2.telemetry.findings import Finding

LOG: Final = logging.getLogger(__name__)

_MOST_WAITING: Final = 20_000  # further findings are dropped: requests are never delayed, and memory is bounded
_COLLECT_SECONDS: Final = 0.1


class Recorder:
    """A thread that records findings in batches."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Finding] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, finding: Finding) -> None:
        """Queue a finding."""
        if self._queue.qsize() < _MOST_WAITING:
            self._queue.put(finding)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="waf-telemetry", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        # Imported here: they need LocalStack, and evaluation does not.
        from thumbpipe_localstack.wafv2.telemetry import log_writing, metrics, samples  # noqa: PLC0415

        while True:
            findings = self._collect()
            for write in (samples.keep, metrics.count, log_writing.write):
                try:
                    write(findings)
                except Exception:
                    LOG.exception("Cannot record findings in %s", write.__module__)

    def _collect(self) -> list[Finding]:
        """Return queued findings; after a second without any an empty list, so that metrics are sent in time."""
        collected: list[Finding] = []
        try:
            collected.append(self._queue.get(timeout=1))
        except queue.Empty:
            return collected
        time.sleep(_COLLECT_SECONDS)
        while not self._queue.empty():
            collected.append(self._queue.get())
        return collected


_recorder = Recorder()


def record(acl: WebAcl, inspected: Inspected, outcome: Outcome) -> None:
    """Record an evaluated request."""
    request = dataclasses.replace(inspected.request, body=b"")
    _recorder.put(Finding(acl=acl, request=request, labels=tuple(inspected.labels), outcome=outcome))
