"""The guard: a process that outlives the engine by a moment and ends what the engine could not.

It runs in a session of its own, reads one JSON message a line and, when its input ends because the engine is gone
(stopped, killed, crashed), kills every environment that is still known and removes their folders. Standard library
only: it is started by path, without site-packages.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def kill_environment(pid: int, marker: str) -> None:
    """Kill an environment: its process group and, on Linux, whoever left the group but still carries its marker.

    Args:
        pid: Process id of the environment, which leads its own session and group.
        marker: ``NAME=value`` of the environment variable that every process of the environment inherited.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for stray in _find_marked(marker):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(stray, signal.SIGKILL)


def _find_marked(marker: str) -> list[int]:
    wanted = marker.encode()
    return [
        int(folder.name)
        for folder in _PROC.glob("[0-9]*")
        if int(folder.name) != os.getpid() and wanted in _read_environ(folder).split(b"\0")
    ]


def _read_environ(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:  # gone meanwhile, or somebody else's
        return b""


def main(root: str) -> None:
    """Follow the engine until it is gone, then clean up.

    Args:
        root: Folder with everything that the engine's environments have on disk.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the engine decides when the guard ends, not the terminal
    living: dict[int, str] = {}
    for line in sys.stdin:
        message = json.loads(line)
        if "started" in message:
            living[message["started"]] = message["marker"]
        else:
            living.pop(message["ended"], None)
    for pid, marker in living.items():
        kill_environment(pid, marker)
    shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
