"""The edge's source of time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Two readings of the time, both in seconds.

    Attributes:
        wall: Seconds since the epoch, to compare with dates in headers.
        monotonic: Seconds on a monotonic clock, for ages and lifetimes.
    """

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


SYSTEM_CLOCK: Final = Clock()
