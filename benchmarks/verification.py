"""What it costs that the engine checks signatures: a warm presign and the engine's start, with the check and without.

    python -m nox -s bench -- verification

Both sides are measured in turns, so that what else the machine does falls on both. For presigning, two stacks run side
by side, one with each setting.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from thumbpipe_devkit.engine.embedded import EmbeddedEngine
from thumbpipe_devkit.loopback import local_client
from thumbpipe_devkit.processes.children import Children
from thumbpipe_devkit.runs.folders import open_run
from thumbpipe_devkit.stack.lifecycle import Options, running_stack

WITHOUT: Final = {"VERIFY_SIGNATURES": "0"}
PRESIGNS: Final = 200
WARM_UPS: Final = 10
STARTS: Final = 6

Spans = Sequence[tuple[float, float]]
"""Seconds with the check and without, round by round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Medians, in the unit.

    Attributes:
        added: Of the differences between two measurements that came one after the other.
        goal: What the check may add at most.
    """

    name: str
    unit: str
    checked: float
    unchecked: float
    added: float
    goal: float

    @classmethod
    def of(cls, spans_s: Spans, *, name: str, unit: str, goal: float) -> "Cost":
        """Make one of seconds."""
        factor = {"ms": 1000, "s": 1}[unit]
        checked, unchecked = zip(*spans_s, strict=True)
        return cls(
            name=name,
            unit=unit,
            checked=factor * statistics.median(checked),
            unchecked=factor * statistics.median(unchecked),
            added=factor * statistics.median(one - other for one, other in spans_s),
            goal=goal,
        )


def measure(console: Console) -> list[Cost]:
    """Measure both."""
    return [_presigning(console), _starting()]


def _presigning(console: Console) -> Cost:
    with (
        running_stack(Options(command="bench"), console) as checked,
        running_stack(Options(command="bench", engine_settings=WITHOUT), console) as unchecked,
        local_client(timeout=60) as http,
    ):

        def ask(api_url: str) -> Callable[[], object]:
            body = {"filename": "bench.jpg", "content_type": "image/jpeg", "size_bytes": 1000}
            return lambda: http.post(f"{api_url}/api/uploads", json=body).raise_for_status()

        sides = ask(checked.api_url), ask(unchecked.api_url)
        _in_turns(sides, WARM_UPS)
        spans = _in_turns(sides, PRESIGNS)
    return Cost.of(spans, name="presign, warm, median", unit="ms", goal=2)


def _starting() -> Cost:
    _start({})  # What the first start alone reads from the disk.
    spans = _in_turns((lambda: _start({}), lambda: _start(WITHOUT)), STARTS)
    return Cost.of(spans, name="the engine's start to ready, median", unit="s", goal=0.5)


def _start(settings: dict[str, str]) -> None:
    with open_run() as run, Children() as children:
        engine = EmbeddedEngine(
            children, state=run.folder / "engine", logs=run.logs, say=lambda _: None, settings=settings
        )
        engine.start()


def _in_turns(sides: tuple[Callable[[], object], Callable[[], object]], rounds: int) -> Spans:
    """Run both sides alternately, each as often first as second, and return the seconds of each round."""
    spans = []
    for number in range(rounds):
        took = [0.0, 0.0]
        for side in (0, 1) if number % 2 else (1, 0):
            begin = time.perf_counter()
            sides[side]()
            took[side] = time.perf_counter() - begin
        spans.append((took[0], took[1]))
    return spans


def main() -> None:
    """Measure and print."""
    console = Console()
    table = Table("what", "checked", "not checked", "added", "goal", "")
    for cost in measure(console):
        figures = (f"{value:.2f} {cost.unit}" for value in (cost.checked, cost.unchecked, cost.added))
        table.add_row(cost.name, *figures, f"≤ {cost.goal:g}", "✓" if cost.added <= cost.goal else "✗")
    console.print(table)


if __name__ == "__main__":
    main()
