"""Call a function for many items, several at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_in_order(function: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[R]:
    """Call a function for every item and yield the results in the items' order.

    Calls that have not started are cancelled if the caller stops early, for example on Ctrl-C.
    """
    pool = ThreadPoolExecutor(max(1, min(jobs, len(items))))
    try:
        for future in [pool.submit(function, item) for item in items]:
            yield future.result()
    finally:
        # Running calls are not awaited: a caller that stops early closes what they use, which ends them.
        pool.shutdown(wait=False, cancel_futures=True)
