"""Ctrl-C and its like: the first one ends the run, and nothing disturbs the cleaning up."""

import os
import signal
import threading
import time
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):  # noqa: N818 - as KeyboardInterrupt
    """The user, or the system, asks for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_status = 128 + number


def listen() -> None:
    """Turn the first signal that asks for the end into `Interrupted`."""
    for number in _ENDING:
        signal.signal(number, _interrupt)


def shield() -> None:
    """Let no signal disturb what follows: the end is under way."""
    for number in _ENDING:
        # A handler, not SIG_IGN: an ignored signal would stay ignored in our children.
        signal.signal(number, _ignore)


def end_with_parent() -> None:
    """Ask for the end when the process that started us is gone; nox, killed, cannot tell us."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _interrupt(number: int, _frame: FrameType | None) -> None:
    shield()
    raise Interrupted(number)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing."""


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)
