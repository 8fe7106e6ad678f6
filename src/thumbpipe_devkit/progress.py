"""Progress of the set-up: one line per step, with its duration; on a terminal with a spinner."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Final, Self

import rich.progress
from rich.console import Console

QUIET_S: Final = 10.0


class Step:
    """One step in progress."""

    def __init__(self, steps: "Steps", title: str) -> None:
        self._steps = steps
        self._title = title
        self._last_word = time.monotonic()
        self._task = steps.bars.add_task(title, total=None)

    def detail(self, text: str) -> None:
        """Show the step's progress: immediately on a terminal, else every few seconds."""
        self._steps.bars.update(self._task, description=f"{self._title} [dim]{text}")
        if not self._steps.console.is_terminal and time.monotonic() - self._last_word > QUIET_S:
            self._last_word = time.monotonic()
            self._steps.console.print(f"  … {self._title}: {text}", markup=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Print one line about the step."""
        self._steps.say(f"  … {text}")

    def end(self) -> None:
        """Remove the spinner."""
        self._steps.bars.remove_task(self._task)


class Steps:
    """Prints the steps of one run; steps may run concurrently in threads."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bars = rich.progress.Progress(
            rich.progress.SpinnerColumn(),
            rich.progress.TextColumn("{task.description}"),
            rich.progress.TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show one step until its block ends, then print its line with its duration."""
        start = time.monotonic()
        step = Step(self, title)
        try:
            yield step
        except BaseException:
            self._line("✗", title, start)
            raise
        else:
            self._line("✓", title, start)
        finally:
            step.end()

    def say(self, text: str) -> None:
        """Print one line above the spinners."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _line(self, mark: str, title: str, start: float) -> None:
        with self._lock:
            self.say(f"{mark} {title:<58} {time.monotonic() - start:6.1f} s")
