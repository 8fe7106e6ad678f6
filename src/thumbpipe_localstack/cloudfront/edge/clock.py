"""The edge's source of time, and dates in headers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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


def parse_date(text: str | None) -> datetime | None:
    """Return a header's date in UTC, or None if there is none, or it is beyond the calendar.

    Anybody may send any date: a viewer in a condition, an origin in `Expires`.
    """
    try:
        moment = parsedate_to_datetime(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (IndexError, OverflowError, TypeError, ValueError):
        return None
