"""What it costs that the engine checks signatures: a warm presign and the engine's start, with the check and without.

    python -m nox -s bench -- verification

Both sides are measured in turns, so that what else the machine does falls on both. For presigning, two stacks run side
by side, one with each setting.
"""

import statistics
import time
from collections.abc import Callable
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
STARTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Medians of both sides, in the unit.

    Attributes:
        goal: What the check may add at most.
    """

    name: str
    unit: str
    checked: float
    unchecked: float
    goal: float

    @property
    def added(self) -> float:
        """What the check adds."""
        return self.checked - self.unchecked


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
        ours, others = _in_turns(sides, PRESIGNS)
    return Cost(name="presign, warm, median", unit="ms", checked=1000 * ours, unchecked=1000 * others, goal=2)


def _starting() -> Cost:
    _start({})  # What the first start alone reads from the disk.
    ours, others = _in_turns((lambda: _start({}), lambda: _start(WITHOUT)), STARTS)
    return Cost(name="the engine's start to ready, median", unit="s", checked=ours, unchecked=others, goal=0.5)


def _start(settings: dict[str, str]) -> None:
    with open_run() as run, Children() as children:
        engine = EmbeddedEngine(
            children, state=run.folder / "engine", logs=run.logs, say=lambda _: None, settings=settings
        )
        engine.start()


def _in_turns(sides: tuple[Callable[[], object], Callable[[], object]], rounds: int) -> tuple[float, float]:
    """Run both sides alternately, each as often first as second, and return their median seconds."""
    spans: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for side in (0, 1) if number % 2 else (1, 0):
            begin = time.perf_counter()
            sides[side]()
            spans[side].append(time.perf_counter() - begin)
    return statistics.median(spans[0]), statistics.median(spans[1])


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
