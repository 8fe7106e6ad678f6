"""The devkit's child processes, which end with the devkit, and are all ended together."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

from thumbpipe_devkit.paths import CHECKOUT

STOPPED_WITHIN_S: Final = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The signal that ends a command, and the seconds before it is killed."""

    by: signal.Signals = signal.SIGTERM
    grace_s: float = 3


class StoppedError(Exception):
    """A child was to be started after shutdown had begun."""


class Child:
    """One running command, which ends if the object is garbage-collected or this process ends: see `supervisor`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def supervisor_pid(self) -> int:
        """The process id of the supervisor."""
        return self._process.pid

    def lines(self) -> Iterator[str]:
        """Yield the command's output, line by line, until it ends."""
        if self._process.stdout is not None:
            with self._process.stdout as output:
                yield from output

    def poll(self) -> int | None:
        """The exit status, or None while the command runs."""
        return self._process.poll()

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for the end and return the exit status.

        Raises:
            subprocess.TimeoutExpired: The command still runs.
        """
        return self._process.wait(timeout_s)

    def stop(self) -> None:
        """End the command with all its descendants, and wait for them."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Children:
    """Starts children and ends all of them on leaving."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[Child] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            running = list(self._running)
        enders = [threading.Thread(target=child.stop) for child in running]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def spawn(
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes] | int,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        ending: Ending = Ending(),
    ) -> Child:
        """Start a command; its standard error joins its output.

        Args:
            command: The program and its arguments.
            output: An open file, or `subprocess.PIPE` for `Child.lines`.
            env: The complete environment; None for this process's own.
            cwd: The working folder.
            ending: How it is ended early.

        Raises:
            StoppedError: Shutdown has begun.
        """
        environment = dict(os.environ if env is None else env)
        supervisor = [
            sys.executable,
            "-P",
            "-m",
            "thumbpipe_devkit.processes.supervisor",
            ending.by.name,
            str(ending.grace_s),
        ]
        # env(1) restores the command's own PYTHONPATH, so that only the supervisor sees the devkit's.
        restored = _restoring("PYTHONPATH", environment.get("PYTHONPATH"))
        with self._lock:
            if self._closed:
                raise StoppedError
            process = subprocess.Popen(  # noqa: S603 - the devkit's own command line
                [*supervisor, *restored, *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=environment | {"PYTHONPATH": str(CHECKOUT / "src")},
                text=True,
                errors="replace",
                start_new_session=True,
            )
            child = Child(process)
            self._running.append(child)
        return child

    def run(self, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None) -> int:
        """Run a command to its end with its output appended to a log, and return its exit status."""
        with log.open("ab") as output:
            return self.spawn(command, output=output, env=env).wait()


def _restoring(name: str, value: str | None) -> list[str]:
    return ["env", "-u", name] if value is None else ["env", f"{name}={value}"]
