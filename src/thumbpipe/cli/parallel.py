"""Call a function for many items, several at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_in_order(function: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[R]:
    """Call a function for every item and yield the results in the items' order.

    What has not begun is not begun any more when the caller stops early, for example by Ctrl-C.
    """
    pool = ThreadPoolExecutor(max(1, min(jobs, len(items))))
    try:
        for future in [pool.submit(function, item) for item in items]:
            yield future.result()
    finally:
        # A caller who stops early then closes what the running calls use, which ends them: they are not awaited.
        pool.shutdown(wait=False, cancel_futures=True)
