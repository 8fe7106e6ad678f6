"""Takes what was found in requests, and has it told by a thread of its own."""

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

_MOST_WAITING: Final = 20_000  # what comes beyond is not told: requests are not held up, and memory has its bound
_COLLECT_SECONDS: Final = 0.1


class Recorder:
    """One thread that tells of all requests, in batches."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Finding] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, finding: Finding) -> None:
        """Take a finding."""
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
        # Here, not above: they need the engine, and what judges requests does not.
        from thumbpipe_localstack.wafv2.telemetry import log_writing, metrics, samples  # noqa: PLC0415

        while True:
            findings = self._collect()
            for tell in (samples.keep, metrics.count, log_writing.write):
                try:
                    tell(findings)
                except Exception:
                    LOG.exception("%s: telling of requests failed", tell.__module__)

    def _collect(self) -> list[Finding]:
        """Return what has come; nothing after a while without anything, so that metrics leave in time."""
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
    """Have a request told of."""
    request = dataclasses.replace(inspected.request, body=b"")
    _recorder.put(Finding(acl=acl, request=request, labels=tuple(inspected.labels), outcome=outcome))
