"""The guard process, which ends the environments when LocalStack has ended.

It runs in its own session and reads one JSON message a line. When its input ends because LocalStack stopped, was
killed or crashed, it kills the environments that are left and removes their folders. It uses the standard library
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
    """Kill an environment: its process group and, on Linux, processes that left the group, by their marker.

    Args:
        pid: Process id of the environment, which leads its own session and group.
        marker: ``NAME=value`` of the environment variable that its processes inherit.
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
    except OSError:  # ended in the meantime, or another user's
        return b""


def main(root: str) -> None:
    """Wait for the end of LocalStack, then clean up.

    Args:
        root: Folder with all files of the environments.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with LocalStack, not by Ctrl-C
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
