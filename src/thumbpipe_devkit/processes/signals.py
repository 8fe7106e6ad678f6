"""Ctrl-C and its like: the first one ends the run, and nothing disturbs the cleaning up."""

import os
import signal
import threading
import time
from types import FrameType
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """The user, or the system, asks for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = 128 + number


def listen() -> None:
    """Turn the first signal that asks for the end into `Interrupted`; the later ones find the end under way."""
    for number in _ENDING:
        signal.signal(number, _interrupt)


class Shield:
    """Lets no signal disturb the cleaning up, and none be lost after it."""

    def __init__(self) -> None:
        self._before = {number: signal.getsignal(number) for number in _ENDING}

    def block(self) -> None:
        """Ignore signals from now on."""
        for number in _ENDING:
            # A handler, not SIG_IGN: an ignored signal would stay ignored in our children.
            signal.signal(number, _ignore)

    def restore(self) -> None:
        """Hear signals again, unless one has begun the end of the whole process."""
        if not _interrupted.is_set():
            for number, handler in self._before.items():
                signal.signal(number, handler)


def end_with_parent() -> None:
    """Ask for the end when the process that started us is gone; nox, killed, cannot tell us."""
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
