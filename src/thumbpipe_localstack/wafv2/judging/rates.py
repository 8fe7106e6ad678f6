"""Request rates: counts by key within a window, evaluated periodically, as on AWS.

Times are those of the requests. Counts are stored in slots as long as the evaluation interval. Each evaluation drops
the slots that have left the window, and determines the keys over the limit. So blocking begins and ends with an
evaluation, never in between.
"""

import os
import threading
from collections import deque
from typing import Final

MOST_KEYS: Final = 10_000  # as on AWS: further keys are not counted
_DEFAULT_EVALUATION_SECONDS: Final = 10.0
_SHORTEST_EVALUATION_SECONDS: Final = 0.1


def evaluation_seconds() -> float:
    """Return the evaluation interval: AWS's ten seconds, or `WAFV2_RATE_EVALUATION_SECONDS`."""
    wanted = float(os.environ.get("WAFV2_RATE_EVALUATION_SECONDS") or _DEFAULT_EVALUATION_SECONDS)
    return max(wanted, _SHORTEST_EVALUATION_SECONDS)


class RateWindow:
    """The counts of one rate-based rule."""

    def __init__(self, limit: int, window: float, step: float) -> None:
        """Make a window.

        Args:
            limit: Most requests within the window.
            window: Its length in seconds.
            step: Seconds between two evaluations.
        """
        self._limit = limit
        self._step = step
        self._slots_kept = max(1, round(window / step))
        self._slots: deque[tuple[int, dict[str, int]]] = deque()
        self._totals: dict[str, int] = {}
        self._limited: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def count(self, key: str, now: float) -> bool:
        """Count a request, and return whether the last evaluation found its key over the limit."""
        slot = int(now / self._step)
        with self._lock:
            if not self._slots or slot > self._slots[-1][0]:
                self._evaluate(slot)
                self._slots.append((slot, {}))
            if key in self._totals or len(self._totals) < MOST_KEYS:
                counts = self._slots[-1][1]
                counts[key] = counts.get(key, 0) + 1
                self._totals[key] = self._totals.get(key, 0) + 1
            return key in self._limited

    def limited(self, now: float) -> list[str]:
        """Return the keys that are over the limit now."""
        slot = int(now / self._step)
        with self._lock:
            if self._slots and slot > self._slots[-1][0]:
                self._evaluate(slot)
            return sorted(self._limited)

    def _evaluate(self, slot: int) -> None:
        while self._slots and self._slots[0][0] < slot - self._slots_kept:
            for key, count in self._slots.popleft()[1].items():
                left = self._totals[key] - count
                if left:
                    self._totals[key] = left
                else:
                    del self._totals[key]
        self._limited = frozenset(key for key, total in self._totals.items() if total > self._limit)


class RateWindows:
    """The windows of a web ACL, which survive changes of other statements."""

    def __init__(self) -> None:
        self._windows: dict[str, RateWindow] = {}
        self._used: dict[str, RateWindow] = {}

    def use(self, key: str, limit: int, window: float) -> RateWindow:
        """Return the window of a key, with its counts."""
        found = self._windows.get(key) or RateWindow(limit, window, evaluation_seconds())
        self._used[key] = found
        return found

    def keep_used(self) -> None:
        """Drop the windows that were not used since the last call."""
        self._windows, self._used = self._used, {}

    def find(self, prefix: str) -> RateWindow | None:
        """Return the window whose key has a prefix."""
        return next((window for key, window in self._windows.items() if key.startswith(prefix)), None)
