"""Runs one command until it or the devkit ends, and leaves none of its processes behind.

Standard input is a pipe (the leash) whose other end only the devkit holds. However the devkit ends, including by
SIGKILL, the kernel closes that end; the command then gets a signal and a grace period. After that, all remaining
processes of the command and its descendants are killed.

Usage: python -m thumbpipe_devkit.processes.supervisor SIGNAL GRACE_SECONDS COMMAND...
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Final

import psutil

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36


class _Stop(BaseException):
    """The parent has ended."""


def main() -> int:
    """Run the command named in `sys.argv` and return its exit status."""
    stop_signal, grace_s, command = signal.Signals[sys.argv[1]], float(sys.argv[2]), sys.argv[3:]
    # Handlers, not SIG_IGN: an ignored signal would stay ignored in the command.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    linux = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if linux is not None:
        # Orphaned descendants become children of this process, so that they are found at the end.
        linux.prctl(_PR_SET_CHILD_SUBREAPER, 1)

    supervisor = os.getpid()

    def die_with_supervisor() -> None:
        if linux is not None:
            linux.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != supervisor:
                # It ended before it could be monitored.
                os._exit(1)

    child = subprocess.Popen(  # noqa: S603 - the devkit's own command line
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_supervisor,  # noqa: PLW1509 - no threads are running yet
    )
    try:
        signal.signal(signal.SIGTERM, _raise_stop)
        threading.Thread(target=_watch_leash, daemon=True).start()
        status = child.wait()
    except _Stop:
        signal.signal(signal.SIGTERM, lambda *_: None)
        status = _ask_to_end(child, stop_signal, grace_s)
    signal.signal(signal.SIGTERM, lambda *_: None)
    _kill_family(child.pid)
    return status if status >= 0 else 128 - status


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


def _watch_leash() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _family(leader: int) -> list[psutil.Process]:
    """Return all processes that the command started: descendants, and others in its session."""
    found = {process.pid: process for process in psutil.Process().children(recursive=True)}
    for process in psutil.process_iter():
        with contextlib.suppress(OSError):
            if process.pid not in found and os.getsid(process.pid) == leader:
                found[process.pid] = process
    return list(found.values())


def _ask_to_end(child: subprocess.Popen[bytes], stop_signal: signal.Signals, grace_s: float) -> int:
    child.send_signal(stop_signal)
    try:
        return child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _kill_family(leader: int) -> None:
    """Kill the remaining processes; twice, for those that were just being started."""
    for _ in range(2):
        family = _family(leader)
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(family, timeout=5)


if __name__ == "__main__":
    sys.exit(main())
