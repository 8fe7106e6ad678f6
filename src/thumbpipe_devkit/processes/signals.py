"""Signals such as Ctrl-C: the first one ends the run, and further ones do not disturb the cleanup."""

import os
import signal
import threading
import time
from types import FrameType
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The user or the system has requested the end of the run."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = 128 + number


def listen() -> None:
    """Raise `Interrupted` for the first signal that requests the end; later ones are ignored."""
    for number in _ENDING:
        signal.signal(number, _interrupt)


class Shield:
    """Blocks signals during the cleanup, and restores their handlers afterwards."""

    def __init__(self) -> None:
        self._before = {number: signal.getsignal(number) for number in _ENDING}

    def block(self) -> None:
        """Block signals from now on."""
        for number in _ENDING:
            # A handler, not SIG_IGN: an ignored signal would stay ignored in our children.
            signal.signal(number, _ignore)

    def restore(self) -> None:
        """Restore the handlers, unless a signal has already started the end of the process."""
        if not _interrupted.is_set():
            for number, handler in self._before.items():
                signal.signal(number, handler)


def end_with_parent() -> None:
    """Send SIGTERM to this process when its parent has ended: a killed nox cannot do it."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


_interrupted = threading.Event()


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _interrupted.set()
    Shield().block()
    raise Interrupted(number)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing."""


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
