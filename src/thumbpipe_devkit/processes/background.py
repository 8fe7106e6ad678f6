"""Background work that does not keep the process from ending."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_LAST_WORDS_S: Final = 5.0


class Background:
    """Runs functions in daemon threads.

    Not a `ThreadPoolExecutor`, which at exit waits for its threads, and so for another run's lock or a server. Here the
    threads get a short time to finish, and then end with the process.
    """

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            # A signal may have arrived while it was being started: a thread that has not begun cannot be joined.
            if thread.is_alive():
                thread.join(_LAST_WORDS_S)

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin the work, and return its future."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - raised when the future's result is read
                future.set_exception(error)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return future
