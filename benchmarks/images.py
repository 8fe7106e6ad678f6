"""The image engine beside sharp, libvips and Pillow: times as ratios in one run, memory, and what bombs cost.

    nox -s bench -- images                 times: a table, benchmarks/results/images.json, docs/images/speed.svg
    nox -s bench -- images memory          memory and bombs, into the same file
    nox -s bench -- images --only png      some rows; the others stay as they were

Each engine has a process of its own and one thread, and all share one core. A run is one rendering by each, in turn, of
a file that is in memory; the first run does not count. Quality is 80 everywhere; otherwise a peer has its own defaults,
and the ratio is to the fastest way of the fastest peer. Node.js with npm must be installed; sharp is fetched.
"""

import argparse
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from image_bench import chart, memory, speed

RESULTS: Final = Path(__file__).resolve().parent / "results" / "images.json"
FIGURE: Final = Path(__file__).resolve().parents[1] / "docs" / "images" / "speed.svg"


def measure_speed(runs: int, only: str | None) -> None:
    """Measure times, print the table, and write the results; rows that are not measured stay as they were."""
    head = f"{'source':<24} {'output':<26} {'ours':>7} {'sharp':>7} {'pyvips':>7} {'Pillow':>7}"
    print(f"{head} {'ratio':>6} {'cpu':>6} {'limit':>6} {'same effort':>12}")
    rows = []
    if hasattr(os, "sched_setaffinity"):  # one core for all: no engine gains, or waits, by a second
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for row in speed.measure(runs, only):
        rows.append(row)
        peers = [row.best(engine) for engine in speed.STILL]
        cells = " ".join(f"{each.ms:>7.0f}" if each else f"{'-':>7}" for each in [row.ours(), *peers])
        same = row.ratio_at_our_effort()
        floor = f"   djpeg: {row.floor_ms:.0f} ms, x {row.ours().ms / row.floor_ms:.2f}" if row.floor_ms else ""
        print(
            f"{row.task.source:<24} {row.task.output:<26} {cells} {row.ratio():>6.2f} {row.ratio('cpu_ms'):>6.2f}"
            f" {row.task.limit:>6.2f} {f'{same:.2f}' if same else '-':>12}{floor}",
            flush=True,
        )
    before = [speed.Row.from_json(row) for row in results().get("speed", [])]
    by_task = {row.task: row for row in [*before, *rows]}
    rows = [by_task[task] for task in speed.TASKS if task in by_task]
    write({"machine": platform.machine(), "cores": os.cpu_count(), "speed": [row.as_json() for row in rows]})
    FIGURE.write_text(chart.bars(rows))


def measure_memory() -> None:
    """Measure memory, print the tables and write the results."""
    print(f"{'file':<32} {'bytes':>12} {'outcome':<16} {'ms':>8} {'peak MB':>8} {'limit':>6}")
    tables = {"memory": memory.pictures(), "bombs": memory.refusals()}
    found: dict[str, object] = {}
    for table, costs in tables.items():
        rows = []
        for each in costs:
            rows.append(asdict(each))
            print(
                f"{each.name:<32} {each.size:>12,} {each.outcome:<16} {each.ms:>8.1f} {each.peak_mb:>8}"
                f" {each.limit_mb:>6}",
                flush=True,
            )
        found[table] = rows
    measured = memory.growth()
    print(f"Growth: {measured[-1] - measured[0]:.1f} MB from photo 50 to photo {memory.GROWTH_PHOTOS}: {measured}")
    write({**found, "growth_mb": measured})


def results() -> dict[str, Any]:
    """Return what earlier measurements have left."""
    return cast("dict[str, Any]", json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def write(figures: dict[str, object]) -> None:
    """Put figures into the results, beside what another measurement left."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**results(), **figures}, indent=2) + "\n")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="The image engine beside its peers.")
    parser.add_argument("what", nargs="?", choices=("speed", "memory"), default="speed")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--only", help="rows whose name has this")
    options = parser.parse_args()
    if options.what == "memory":
        measure_memory()
    else:
        measure_speed(options.runs, options.only)


if __name__ == "__main__":
    main()
