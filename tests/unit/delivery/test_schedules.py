"""Concurrent deliveries and deletions, in generated orders."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Semaphore, Thread, local
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakes.values import png
from fakes.world import World
from thumbpipe.core.catalog.ids import hashed_id

KEY: Final = "raw/cat.png"
CONTENTS: Final = (png("red"), png("blue"), b"text")


class Turns:
    """Run operations side by side, one effect at a time, in an order that is handed in."""

    def __init__(self) -> None:
        self._current = local()

    def before(self, _effect: str) -> None:
        """End an operation's turn; outside of operations it does nothing."""
        if actor := getattr(self._current, "actor", None):
            actor.pause()

    def run(self, operations: Sequence[Callable[[], object]], order: Sequence[int]) -> None:
        """Let the operations take turns in this order, then each go to its end."""
        actors = [Actor(operation, self._current) for operation in operations]
        for turn in order:
            actors[turn % len(actors)].step()
        for actor in actors:
            actor.finish()


class Actor:
    def __init__(self, operation: Callable[[], object], current: local) -> None:
        self._operation = operation
        self._current = current
        self._go = Semaphore(0)
        self._paused = Semaphore(0)
        self._done = False
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def pause(self) -> None:
        self._paused.release()
        self._go.acquire()

    def step(self) -> None:
        if not self._done:
            self._go.release()
            assert self._paused.acquire(timeout=20)

    def finish(self) -> None:
        while not self._done:
            self.step()
        self._thread.join(timeout=20)
        if self._error:
            raise self._error

    def _run(self) -> None:
        self._go.acquire()
        self._current.actor = self
        try:
            self._operation()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the test sees it
            self._error = error
        self._done = True
        self._paused.release()


@settings(deadline=None, max_examples=150)
@given(
    contents=st.lists(st.sampled_from(CONTENTS), min_size=2, max_size=4),
    repeats=st.lists(st.integers(0, 3), max_size=2),
    deletions=st.integers(0, 2),
    order=st.lists(st.integers(0, 7), max_size=60),
)
# A repeat of the second photo ends after the fourth, and puts into a folder that was the third's as well.
@example(contents=[CONTENTS[0]] * 3 + [CONTENTS[1]], repeats=[1], deletions=0, order=[4, 4])
def test_the_final_state_is_correct_in_any_order(
    contents: list[bytes], repeats: list[int], deletions: int, order: list[int]
) -> None:
    turns = Turns()
    world = World(before=turns.before)
    events = [world.upload(KEY, contents[0])]
    world.process(events[0])
    events += [world.upload(KEY, content) for content in contents[1:]]
    operations: list[Callable[[], object]] = [partial(world.process, each) for each in events]
    operations += [partial(world.process, events[index % len(events)]) for index in repeats]
    operations += [partial(world.delete, hashed_id(KEY))] * deletions
    turns.run(operations, order)
    if deletions:
        world.assert_empty()
    world.assert_true()
