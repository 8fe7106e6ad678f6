"""The results as Markdown: `python benchmarks/image_bench/tables.py` prints what docs/image-engine.md shows."""

import json
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).resolve().parents[1] / "results"
PEERS: Final = ("sharp", "pyvips", "pillow")
HEAD: Final = (
    "| source → output | ours | sharp | pyvips | Pillow | ratio | of processor time | at most | same effort | load |"
)


def speed(rows: list[dict[str, Any]]) -> list[str]:
    """Medians in milliseconds by the clock, quartiles of ours, and ratios."""
    lines = [HEAD, "| --- |" + " --- |" * 9]
    for row in rows:
        ours = next(each for each in row["timings"] if each["engine"] == "thumbpipe")
        cells = [f"{ours['ms']:.0f} ({ours['quartiles_ms'][0]:.0f}–{ours['quartiles_ms'][1]:.0f})"]  # noqa: RUF001 - the sign itself
        for peer in PEERS:
            times = [e["ms"] for e in row["timings"] if e["engine"] == peer and "effort" not in e["job"]]
            cells.append(f"{min(times):.0f}" if times else "—")
        same = row["ratio_at_our_effort"]
        cells += [f"{row['ratio']:.2f}", f"{row['ratio_of_processor_time']:.2f}", f"{row['limit']:.2f}"]
        lines.append(
            f"| {row['source']} → {row['output']} | {' | '.join(cells)} | {same or '—'} | {row.get('load') or '—'} |"
        )
    return lines


def memory(costs: list[dict[str, Any]]) -> list[str]:
    """Peaks, and what became of each file."""
    lines = ["| file | bytes | outcome | ms | peak MB | at most |", "| --- |" + " --- |" * 5]
    for cost in costs:
        outcome = cost["outcome"] if cost["outcome"] == "rendered" else f"`{cost['outcome']}`"
        size = f"{cost['size']:,}"
        lines.append(
            f"| {cost['name']} | {size} | {outcome} | {cost['ms']:.0f} | {cost['peak_mb']} | {cost['limit_mb']} |"
        )
    return lines


def quality(results: dict[str, Any]) -> list[str]:
    """Our bytes ÷ sharp's."""
    widths, formats = (list(dict.fromkeys(parts)) for parts in zip(*(key.split() for key in results), strict=True))
    lines = ["| width | " + " | ".join(formats) + " |", "| --- |" + " --- |" * len(formats)]
    for width in widths:
        found = [results.get(f"{width} {each}") for each in formats]
        cells = [f"{each['bytes_ratio']:.3f}" if each else "—" for each in found]
        lines.append(f"| {width} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Print all tables."""
    images = json.loads((RESULTS / "images.json").read_text())
    tables = [speed(images["speed"]), quality(json.loads((RESULTS / "quality.json").read_text()))]
    tables += [memory(images["memory"]), memory(images["bombs"])]
    for table in tables:
        print("\n".join(table), end="\n\n")
    print("Memory in MB after every 50 photos:", *images["growth_mb"])


if __name__ == "__main__":
    main()
