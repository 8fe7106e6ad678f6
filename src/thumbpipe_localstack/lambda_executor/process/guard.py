"""Ends all environments with LocalStack, however it ends."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from thumbpipe_localstack.lambda_executor.process import guard_main


class Guard:
    """The guard process as seen by LocalStack. It reads a pipe, which closes when LocalStack ends.

    Args:
        root: Folder that the guard removes in the end.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._living: dict[int, str] = {}
        self._is_ending = False
        self._process = self._start()

    def started(self, pid: int, marker: str) -> None:
        """Report a process, which leads its own group and has the marker in its environment."""
        with self._lock:
            self._living[pid] = marker
            self._send({"started": pid, "marker": marker})
            is_late = self._is_ending
        if is_late:
            guard_main.kill_environment(pid, marker)

    def ended(self, pid: int) -> None:
        """Report the end of a process."""
        with self._lock:
            self._living.pop(pid, None)
            self._send({"ended": pid})

    def kill_all(self) -> None:
        """Kill all environments, later ones too: LocalStack stops, and must not wait for invocations."""
        with self._lock:
            self._is_ending = True
            living = list(self._living.items())
        for pid, marker in living:
            guard_main.kill_environment(pid, marker)

    def close(self) -> None:
        """Make the guard clean up, and wait for it."""
        with self._lock, suppress(BrokenPipeError):
            self._is_ending = True
            self._process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - this package's own file
            [sys.executable, "-I", "-S", guard_main.__file__, str(self._root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def _send(self, *messages: Mapping[str, object]) -> None:
        if self._process.stdin is None:
            raise RuntimeError("The guard was started without a pipe")
        if self._process.stdin.closed:  # the guard has already cleaned up
            return
        try:
            self._process.stdin.writelines(json.dumps(message) + "\n" for message in messages)
            self._process.stdin.flush()
        except BrokenPipeError:  # the guard was killed: start another one
            with suppress(BrokenPipeError):
                self._process.communicate()
            self._process = self._start()
            self._send(*({"started": pid, "marker": marker} for pid, marker in self._living.items()))
