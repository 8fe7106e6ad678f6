"""Times of our engine and of its peers, and how they relate."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, Self

from image_bench.engines import Engines, Figures, Variant, djpeg
from image_bench.sources import SPEED, made

OURS: Final = "thumbpipe"
Ways = dict[str, tuple[str, ...]]
STILL: Final[Ways] = {"sharp": ("clone", "once"), "pyvips": ("per width", "once"), "pillow": ("per width", "once")}
ANIMATED: Final[Ways] = dict.fromkeys(STILL, ("animated",))
ONE: Final[Ways] = dict.fromkeys(STILL, ("one",))
SAME_EFFORT: Final[Ways] = {"sharp": ("once, our effort",), "pyvips": ("once, our effort",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A row of the table: what is made of which source, and the ratio that is allowed."""

    source: str
    output: str
    limit: float
    job: str = "default"

    @property
    def variants(self) -> list[Variant]:
        """Ours and every way of every peer."""
        peers = [ONE] if self.job == "one" else [ANIMATED] if "GIF" in self.source else [STILL, SAME_EFFORT]
        ways = [(engine, job) for group in peers for engine, jobs in group.items() for job in jobs]
        return [Variant(engine=engine, job=job) for engine, job in [(OURS, self.job), *ways]]


RECIPE: Final = "default recipe"
TASKS: Final = (
    Task(source="JPEG 12 MP", output=RECIPE, limit=0.6),
    Task(source="JPEG 12 MP", output="one JPEG inside 256 x 256", limit=1.0, job="one"),
    *(
        Task(source=f"{name} 12 MP", output=RECIPE, limit=0.8)
        for name in ("progressive JPEG", "PNG", "WebP", "TIFF", "AVIF", "HEIC")
    ),
    Task(source="GIF 60 x 480 x 270", output=RECIPE, limit=1.0),
    Task(source="JPEG 48 MP", output=RECIPE, limit=0.6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds of one variant: the median and its quartiles by the clock, the processor's median."""

    engine: str
    job: str
    runs: int
    ms: float
    quartiles_ms: tuple[float, float]
    cpu_ms: float
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a task took each engine.

    Attributes:
        task: What was made of which source.
        timings: Of each engine's ways.
        floor_ms: What `djpeg` took.
        load: How many processes wanted a processor, on average over a minute.
    """

    task: Task
    timings: tuple[Timing, ...]
    floor_ms: float | None
    load: float | None

    def ours(self) -> Timing:
        """Return our own."""
        return next(each for each in self.timings if each.engine == OURS)

    def best(self, engine: str | None = None, figure: str = "ms") -> Timing | None:
        """Return the fastest way of a peer, or of all peers, with the peer's own default effort."""
        peers = [each for each in self.timings if each.engine != OURS and "our effort" not in each.job]
        chosen = (each for each in peers if engine in {None, each.engine})
        return min(chosen, key=lambda each: float(getattr(each, figure)), default=None)

    def ratio(self, figure: str = "ms") -> float:
        """Return ours ÷ best peer, by the clock (`ms`) or by the processor's time (`cpu_ms`)."""
        best = self.best(figure=figure)
        return float(getattr(self.ours(), figure) / getattr(best, figure)) if best else float("nan")

    def ratio_at_our_effort(self) -> float | None:
        """Return ours ÷ the best peer that is told to encode WebP with as little effort as ours."""
        peers = [each.ms for each in self.timings if "our effort" in each.job]
        return self.ours().ms / min(peers) if peers else None

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read what `as_json` has written."""
        timings = [{**each, "quartiles_ms": tuple(each["quartiles_ms"])} for each in row["timings"]]
        return cls(
            task=Task(**{field.name: row[field.name] for field in fields(Task)}),
            timings=tuple(Timing(**each) for each in timings),
            floor_ms=row["djpeg_ms"],
            load=row.get("load"),
        )

    def as_json(self) -> dict[str, object]:
        """Return it for the JSON file."""
        return {
            **asdict(self.task),
            "ratio": round(self.ratio(), 3),
            "ratio_of_processor_time": round(self.ratio("cpu_ms"), 3),
            "ratio_at_our_effort": self.ratio_at_our_effort() and round(self.ratio_at_our_effort() or 0, 3),
            "djpeg_ms": self.floor_ms and round(self.floor_ms, 1),
            "load": self.load,
            "timings": [asdict(each) for each in self.timings],
        }


def measure(runs: int, chosen: str | None) -> Iterator[Row]:
    """Measure each task: one run of every variant, then the next of every variant."""
    with Engines() as engines:
        for task in TASKS:
            if chosen is None or chosen.lower() in f"{task.source} {task.output}".lower():
                yield _measured(engines, task, made(task.source, SPEED[task.source]), runs)


def _measured(engines: Engines, task: Task, source: Path, runs: int) -> Row:
    found: dict[Variant, list[Figures]] = {}
    floors: list[float] = []
    for run in range(runs + 1):
        for variant in task.variants if run == 0 else list(found):
            figures = engines.run(variant, source)
            if isinstance(figures, str):
                continue
            found.setdefault(variant, [])
            if run:  # the first one warms up
                found[variant].append(figures)
        floor = djpeg(source) if task.job == "one" else None
        floors += [floor] if floor else []
    return Row(
        task=task,
        timings=tuple(_timing(variant, figures) for variant, figures in found.items()),
        floor_ms=median(floors) if floors else None,
        load=round(os.getloadavg()[0], 1),
    )


def _timing(variant: Variant, figures: list[Figures]) -> Timing:
    times = [each.ms for each in figures]
    low, _, high = quantiles(times, n=4, method="inclusive") if len(times) > 1 else (times[0],) * 3
    return Timing(
        engine=variant.engine,
        job=variant.job,
        runs=len(times),
        ms=round(median(times), 1),
        quartiles_ms=(round(low, 1), round(high, 1)),
        cpu_ms=round(median(each.cpu_ms for each in figures), 1),
        bytes=sum(figures[0].bytes),
    )
