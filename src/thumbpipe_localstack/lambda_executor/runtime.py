"""One run of a function's runtime: a process with its Runtime API, output and memory."""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thumbpipe_localstack.lambda_executor import faults
from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent
from thumbpipe_localstack.lambda_executor.output.pipe import Output, OutputPump
from thumbpipe_localstack.lambda_executor.process.child_process import (
    EnvironmentProcess,
    Launch,
    LaunchSettings,
    describe_exit,
)
from thumbpipe_localstack.lambda_executor.process.guard import Guard
from thumbpipe_localstack.lambda_executor.process.memory import MemoryWatch, create_meter
from thumbpipe_localstack.lambda_executor.runtime_api import client as runtime_client
from thumbpipe_localstack.lambda_executor.runtime_api.server import Invocation, RuntimeApi

_END_SECONDS: Final = 5.0  # for the kernel to end a killed process; only one that waits for a device takes longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What all environments share.

    Attributes:
        root: Folder for all files of environments.
        runtime_folder: Folder with awslambdaric and boto3.
        cgroup_parent: Where cgroups can be created, or None.
        python_client: Whether the pure-Python runtime client is used even where the native one loads.
    """

    root: Path
    runtime_folder: Path
    cgroup_parent: Path | None
    python_client: bool
    guard: Guard
    pump: OutputPump
    watch: MemoryWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The program of an environment.

    Attributes:
        python: Interpreter.
        handler: ``module.function``.
        task_root: The unpacked code, which is the working directory.
        search_path: Folders that precede the runtime's own in the search for modules.
        environ: The process's environment variables, except for the address of its Runtime API.
        memory_mb: Memory size.
        timeout_seconds: The invocations' timeout.
    """

    python: Path
    handler: str
    task_root: Path
    search_path: Sequence[str]
    environ: Mapping[str, str]
    memory_mb: int
    timeout_seconds: float


class Runtime:
    """A process that serves one invocation after the other until it ends."""

    def __init__(self, program: Program, host: Host, sink: Callable[[list[LogEvent]], None]) -> None:
        self._host = host
        self._ready: Future[float] = Future()
        self._outcome: Future[tuple[bytes, bool]] = Future()
        self._request_id: str | None = None
        self._ended_for: faults.Fault | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._started_at = time.perf_counter()
        self._api = RuntimeApi(self)
        self._meter = create_meter(program.memory_mb, f"lambda-{os.getpid()}-{id(self):x}", host.cgroup_parent)
        settings = LaunchSettings(
            search_path=program.search_path,
            runtime_folder=str(host.runtime_folder),
            client_module=runtime_client.__file__,
            python_client=host.python_client,
            address_space=self._meter.address_space,
            cgroup=str(self._meter.cgroup) if self._meter.cgroup else None,
            parent=os.getpid(),
        )
        launch = Launch(
            python=program.python,
            handler=program.handler,
            settings=settings,
            environ={**program.environ, "AWS_LAMBDA_RUNTIME_API": self._api.address},
            folder=program.task_root,
        )
        try:
            self._process = EnvironmentProcess(launch, host.guard)
        except BaseException:
            self._api.close()
            self._meter.close()
            raise
        self._output = Output(self._process.output, sink)
        host.pump.add(self._output)
        host.watch.add(self._meter, self._process.pid, self._on_overrun)
        # Last, since callbacks need all of the above: on a busy machine the process may already be ready, or dead.
        self._api.serve(self._process.pid)
        self._process.follow(self._on_exit)

    def wait_until_ready(self, seconds: float) -> float:
        """Wait for the initialization and return how many milliseconds it took.

        Raises:
            FaultError: if it failed or took longer; the process has ended then.
        """
        try:
            return self._ready.result(timeout=seconds)
        except TimeoutError:
            self.end(faults.timed_out(seconds))
            raise faults.FaultError(faults.timed_out(seconds)) from None

    def run(self, invocation: Invocation, seconds: float) -> tuple[bytes, bool]:
        """Invoke the handler.

        Args:
            invocation: The event.
            seconds: The remaining time.

        Returns:
            The response, and whether it is an error that the handler raised.

        Raises:
            FaultError: if the process ended without a response.
            TimeoutError: if there is no response in time; the process still runs.
        """
        with self._lock:
            outcome = self._outcome = Future[tuple[bytes, bool]]()
            self._request_id = invocation.request_id
            if self._ended_for:
                outcome.set_exception(faults.FaultError(self._ended_for))
        self._host.watch.add(self._meter, self._process.pid, self._on_overrun)
        self._api.send(invocation, int((time.time() + seconds) * 1000))
        try:
            payload, is_error = outcome.result(timeout=max(seconds, 0))
        finally:
            self._host.watch.remove(self._process.pid)
        if self._meter.address_space and (self._has_overrun() or (is_error and _is_memory_error(payload))):
            # Memory or address space ran out before the next poll; Lambda would have killed the process.
            raise faults.FaultError(faults.out_of_memory())
        return payload, is_error

    def read_peak_mb(self) -> int:
        """Return the peak memory so far, in mebibytes."""
        return self._meter.read_peak_mb(self._process.pid)

    def flush_output(self) -> None:
        """Forward what was printed so far."""
        self._output.flush()

    def end(self, fault: faults.Fault) -> None:
        """Kill the process, then forward what it printed: it may print faster than can be read.

        Args:
            fault: The reason, which is raised for those that wait for the process.
        """
        self._kill(fault)
        if not self._closed.wait(_END_SECONDS):
            self.flush_output()

    def on_ready(self) -> None:
        """See RuntimeEvents."""
        with suppress(InvalidStateError):
            self._ready.set_result((time.perf_counter() - self._started_at) * 1000)
            self._host.watch.remove(self._process.pid)

    def on_init_error(self, error: bytes) -> None:
        """See RuntimeEvents."""
        with suppress(InvalidStateError):
            self._ready.set_exception(faults.FaultError(faults.init_failed(error), error))

    def on_outcome(self, request_id: str, payload: bytes, *, is_error: bool) -> None:
        """See RuntimeEvents."""
        if request_id == self._request_id:
            with suppress(InvalidStateError):
                self._outcome.set_result((payload, is_error))

    def _has_overrun(self) -> bool:
        return self._meter.has_overrun(self._process.pid)

    def _on_overrun(self) -> None:
        self._kill(faults.out_of_memory())

    def _kill(self, fault: faults.Fault) -> None:
        with self._lock:
            self._ended_for = self._ended_for or fault
        self._process.kill()

    def _on_exit(self, code: int) -> None:
        self._host.watch.remove(self._process.pid)
        self._host.pump.remove(self._output)
        self._closed.set()
        with self._lock:
            overrun = faults.out_of_memory() if self._has_overrun() else None
            self._ended_for = self._ended_for or overrun or faults.exited(describe_exit(code))
            for waiting in (self._ready, self._outcome):
                with suppress(InvalidStateError):
                    waiting.set_exception(faults.FaultError(self._ended_for))
        self._meter.close()
        self._api.close()


def _is_memory_error(payload: bytes) -> bool:
    try:
        report = json.loads(payload)
    except ValueError:
        return False
    return isinstance(report, dict) and report.get("errorType") == "MemoryError"
