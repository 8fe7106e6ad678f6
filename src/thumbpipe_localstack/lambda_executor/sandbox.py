"""An execution environment: it starts the runtime, restarts it after a failure, and reports what happened."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thumbpipe_localstack.lambda_executor import faults
from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent, now_ms
from thumbpipe_localstack.lambda_executor.output.log_tail import LogTail
from thumbpipe_localstack.lambda_executor.output.report import Measured, Reporter
from thumbpipe_localstack.lambda_executor.runtime import Host, Program, Runtime
from thumbpipe_localstack.lambda_executor.runtime_api.server import Invocation

INIT_SECONDS: Final = 10
"""Lambda's limit for the initialization before the first invocation; a second attempt counts as invocation time."""

_STOPPED: Final = faults.Fault("Sandbox.Stopped", "The execution environment was stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An invocation's response, and what was logged during it."""

    payload: bytes
    is_error: bool
    log: str


class Sandbox:
    """One execution environment. Its folder and log stream survive a crash, as in Lambda; its process does not.

    Args:
        program: The program to run.
        reporter: Makes the platform's log lines.
        host: Shared with the other environments.
        folder: The environment's folder for temporary files, made when it starts and removed when it stops.
        sink: Receives log events.
    """

    def __init__(
        self,
        *,
        program: Program,
        reporter: Reporter,
        host: Host,
        folder: Path,
        sink: Callable[[list[LogEvent]], None],
    ) -> None:
        self._program = program
        self._timeout = program.timeout_seconds
        self._reporter = reporter
        self._host = host
        self._folder = folder
        self._sink = sink
        self._busy = threading.Lock()
        self._stopping = threading.Event()
        self._is_ready = False
        self._runtime: Runtime | None = None
        self._tail = LogTail()

    def start(self) -> None:
        """Start the initialization, without waiting for it."""
        self._start_runtime()

    def invoke(self, invocation: Invocation) -> Outcome:
        """Invoke the function.

        Errors of the function are outcomes, too: Lambda's error is returned, and the next invocation works.
        """
        with self._busy:
            outcome = self._invoke(invocation)
        if self._stopping.is_set():
            self.stop()
        return outcome

    def stop(self) -> None:
        """End the environment: at once if it is idle, else after the current invocation."""
        self._stopping.set()
        if self._busy.acquire(blocking=False):
            try:
                self._end_runtime(_STOPPED)
                shutil.rmtree(self._folder, ignore_errors=True)
            finally:
                self._busy.release()

    def _invoke(self, invocation: Invocation) -> Outcome:
        init_ms = self._initialize()
        self._write(self._reporter.start(invocation.request_id))
        started = time.perf_counter()
        fault: faults.Fault | None = None
        try:
            payload, is_error = self._run(invocation, started + self._timeout)
            if len(payload) > faults.MAX_RESPONSE_BYTES and not is_error:
                fault = faults.response_too_large()
                payload = fault.to_payload()
        except faults.FaultError as error:
            fault, payload = error.fault, error.payload or error.fault.to_payload(invocation.request_id)
        limit_ms = self._timeout * 1000 if fault and fault.status == "timeout" else float("inf")
        measured = Measured(
            duration_ms=min((time.perf_counter() - started) * 1000, limit_ms),
            init_ms=init_ms,
            memory_mb=self._program.memory_mb,
            max_memory_mb=self._runtime.read_peak_mb() if self._runtime else 0,
            produced_bytes=len(payload),
        )
        self._conclude(invocation.request_id, measured, fault)
        return Outcome(payload=payload, is_error=bool(fault) or is_error, log=self._tail.take())

    def _conclude(self, request_id: str, measured: Measured, fault: faults.Fault | None) -> None:
        if fault and fault.error_type != "Function.ResponseSizeTooLarge":
            self._end_runtime(fault)
        elif self._runtime:
            self._runtime.flush_output()
        self._write(self._reporter.end(request_id, measured, fault))

    def _initialize(self) -> float | None:
        """Wait for the initialization, unless it is done; return its milliseconds, or None if it was done or failed."""
        if self._is_ready:
            return None
        runtime = self._runtime or self._start_runtime()
        started = time.perf_counter()
        try:
            init_ms = runtime.wait_until_ready(INIT_SECONDS)
        except faults.FaultError as error:
            self._end_runtime(error.fault)
            self._write(self._reporter.init_failed((time.perf_counter() - started) * 1000, error.fault))
            return None
        self._is_ready = True
        runtime.flush_output()  # what was printed so far comes before START
        return init_ms

    def _run(self, invocation: Invocation, deadline: float) -> tuple[bytes, bool]:
        # As in Lambda, a failed initialization is repeated, as part of the invocation.
        runtime = self._runtime or self._start_runtime()
        try:
            runtime.wait_until_ready(deadline - time.perf_counter())
            self._is_ready = True
            runtime.read_peak_mb()  # so that there is a value even if the process ends at once
            return runtime.run(invocation, deadline - time.perf_counter())
        except (TimeoutError, faults.FaultError) as error:
            if isinstance(error, faults.FaultError) and error.fault.status != "timeout":
                raise
            raise faults.FaultError(faults.timed_out(self._timeout)) from None

    def _start_runtime(self) -> Runtime:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write(self._reporter.init_start())
        self._runtime = Runtime(self._program, self._host, self._log)
        return self._runtime

    def _end_runtime(self, fault: faults.Fault) -> None:
        runtime, self._runtime, self._is_ready = self._runtime, None, False
        if runtime:
            runtime.end(fault)

    def _write(self, lines: list[str]) -> None:
        now = now_ms()
        self._log([LogEvent(now, line) for line in lines])

    def _log(self, events: list[LogEvent]) -> None:
        self._tail.add(events)
        self._sink(events)
