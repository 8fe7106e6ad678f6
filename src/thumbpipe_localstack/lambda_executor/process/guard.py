"""Keeps environments from outliving the engine, however it ends."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from thumbpipe_localstack.lambda_executor.process import guard_main


class Guard:
    """The engine's side of the guard process, which holds the other end of a pipe that only the engine has.

    Args:
        root: Folder that the guard removes when the engine is gone.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._living: dict[int, str] = {}
        self._is_ending = False
        self._process = self._start()

    def started(self, pid: int, marker: str) -> None:
        """Tell the guard about an environment's process, which leads its own group and carries the marker."""
        with self._lock:
            self._living[pid] = marker
            self._send({"started": pid, "marker": marker})
            is_late = self._is_ending
        if is_late:
            guard_main.kill_environment(pid, marker)

    def ended(self, pid: int) -> None:
        """Tell the guard that an environment's process is gone."""
        with self._lock:
            self._living.pop(pid, None)
            self._send({"ended": pid})

    def kill_all(self) -> None:
        """End every environment, now and later: the engine stops, and must not wait for what they are at."""
        with self._lock:
            self._is_ending = True
            living = list(self._living.items())
        for pid, marker in living:
            guard_main.kill_environment(pid, marker)

    def close(self) -> None:
        """Have the guard do its work now, and wait for it."""
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
            raise RuntimeError("the guard was started without a pipe")
        if self._process.stdin.closed:  # it has done its work: nobody is left to be told
            return
        try:
            self._process.stdin.writelines(json.dumps(message) + "\n" for message in messages)
            self._process.stdin.flush()
        except BrokenPipeError:  # somebody ended the guard: another one takes over
            with suppress(BrokenPipeError):
                self._process.communicate()
            self._process = self._start()
            self._send(*({"started": pid, "marker": marker} for pid, marker in self._living.items()))
