"""The only way to wait for another process or thread: as long as necessary, up to a deadline."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

WITHIN_S: Final = 60.0
POLL_EVERY_S: Final = 0.05


def wait_until(
    what: str, probe: Callable[[], T | None], *, within_s: float = WITHIN_S, every_s: float = POLL_EVERY_S
) -> T:
    """Return the first result of `probe` that is true.

    Args:
        what: What is waited for, for the message of the error.
        probe: Is called at least once.
        within_s: The deadline, in seconds.
        every_s: The pause between two calls, in seconds.

    Raises:
        TimeoutError: The deadline passed; the message names what was waited for.
    """
    deadline = time.monotonic() + within_s
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within_s:.0f} s for {what}, last seen: {result!r}")
        time.sleep(every_s)


def happens(condition: Callable[[], bool], within_s: float) -> bool:
    """Tell whether the condition becomes true in time."""
    try:
        return wait_until("it", condition, within_s=within_s)
    except TimeoutError:
        return False
