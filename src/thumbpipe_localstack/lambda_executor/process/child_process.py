"""Starts and ends the process of an execution environment."""

import json
import os
import signal
import subprocess
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from thumbpipe_localstack.lambda_executor.process import launcher
from thumbpipe_localstack.lambda_executor.process.guard import Guard
from thumbpipe_localstack.lambda_executor.process.guard_main import kill_environment

# The environment variable that subprocesses inherit, by which they are found.
_MARKER: Final = "_LAMBDA_PROCESS"

# Linux sends the parent-death signal when the *thread* that started the child ends, so one thread starts them all.
_SPAWNER: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lambda-spawner")


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSettings:
    """What the launcher sets up before the runtime client starts.

    Attributes:
        search_path: Folders that precede the runtime's own and the standard library.
        runtime_folder: Folder with awslambdaric and boto3.
        client_module: File of the pure-Python runtime client.
        python_client: Whether it is used even where the native one loads.
        address_space: Limit of the address space in bytes, or None for no limit.
        cgroup: Folder of the cgroup to enter, or None.
        parent: LocalStack's process id.
    """

    search_path: Sequence[str]
    runtime_folder: str
    client_module: str
    python_client: bool
    address_space: int | None
    cgroup: str | None
    parent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What to start.

    Attributes:
        python: Interpreter to run.
        handler: The function's handler, ``module.function``.
        settings: What the launcher sets up.
        environ: Environment variables of the process.
        folder: Working directory.
    """

    python: Path
    handler: str
    settings: LaunchSettings
    environ: Mapping[str, str]
    folder: Path

    @property
    def command(self) -> list[str]:
        """The command line, without the interpreter's own packages."""
        settings = json.dumps(asdict(self.settings))
        return [str(self.python), "-S", "-s", "-P", launcher.__file__, self.handler, settings]


class EnvironmentProcess:
    """A process in its own session and process group, with one pipe for its output.

    Args:
        launch: What to start.
        guard: Ends the process if LocalStack ends.
    """

    def __init__(self, launch: Launch, guard: Guard) -> None:
        self._guard = guard
        # Not the environment's id: a restarted process must not be killed as a remnant of the previous one.
        run = uuid.uuid4().hex
        self._marker = f"{_MARKER}={run}"
        self.output, write_end = os.pipe()
        os.set_blocking(self.output, False)
        try:
            self._process = _SPAWNER.submit(_spawn, launch, {**launch.environ, _MARKER: run}, write_end).result()
        except BaseException:
            os.close(self.output)
            raise
        finally:
            os.close(write_end)
        self.pid = self._process.pid
        guard.started(self.pid, self._marker)

    def follow(self, on_exit: Callable[[int], None]) -> None:
        """Wait in a thread for the end of the process, and clean up after it.

        Args:
            on_exit: Called once, with the return code (negative: the signal), maybe before this returns.
        """
        threading.Thread(target=self._wait, args=[on_exit], name=f"lambda-wait-{self.pid}", daemon=True).start()

    def kill(self) -> None:
        """Kill the process and its subprocesses."""
        if self._process.poll() is None:
            kill_environment(self.pid, self._marker)

    def _wait(self, on_exit: Callable[[int], None]) -> None:
        code = self._process.wait()
        try:
            kill_environment(self.pid, self._marker)  # remaining subprocesses, which Lambda ends as well
            self._guard.ended(self.pid)
        finally:
            on_exit(code)


def _spawn(launch: Launch, environ: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - running the user's function is the purpose
        launch.command,
        env=environ,
        cwd=launch.folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def describe_exit(code: int) -> str:
    """Describe how a process ended, in Lambda's words.

    Args:
        code: Return code as ``subprocess`` gives it.
    """
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    names = {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault", signal.SIGABRT: "aborted"}
    names |= {signal.SIGTERM: "terminated", signal.SIGBUS: "bus error"}
    return f"Runtime exited with error: signal: {names.get(signal.Signals(-code), signal.strsignal(-code))}"
