"""Keeps environments from outliving the engine, however it ends."""

import json
import subprocess
import sys
import threading
from pathlib import Path

from thumbpipe_localstack.lambda_executor import _guard_main


class Guard:
    """The engine's side of the guard process, which holds the other end of a pipe that only the engine has."""

    def __init__(self, root: Path) -> None:
        self._lock = threading.Lock()
        self._living: dict[int, str] = {}
        self._process = subprocess.Popen(  # noqa: S603 - this package's own file
            [sys.executable, "-I", "-S", _guard_main.__file__, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def started(self, pid: int, marker: str) -> None:
        """Tell the guard about an environment's process, which leads its own group and carries the marker."""
        self._living[pid] = marker
        self._send({"started": pid, "marker": marker})

    def ended(self, pid: int) -> None:
        """Tell the guard that an environment's process is gone."""
        self._living.pop(pid, None)
        self._send({"ended": pid})

    def kill_all(self) -> None:
        """End every environment now: the engine stops, and must not wait for what they are at."""
        for pid, marker in list(self._living.items()):
            _guard_main.kill_environment(pid, marker)

    def _send(self, message: dict[str, int | str]) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the guard was started without a pipe")
        with self._lock:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
