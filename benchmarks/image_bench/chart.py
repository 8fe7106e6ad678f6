"""Figures as SVG, readable on light and dark pages."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import log
from typing import Final

from image_bench.speed import OURS, STILL, Row

NAMES: Final = {OURS: "thumbpipe", "sharp": "sharp", "pyvips": "pyvips", "pillow": "Pillow thumbnail()"}
COLOURS: Final = {OURS: "#e4572e", "sharp": "#4f8a8b", "pyvips": "#6c7a89", "pillow": "#b0a990"}
STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#222}.small{font-size:11px}"
    ".line{stroke:#8888;fill:none}@media(prefers-color-scheme:dark){text{fill:#ddd}}"
)
WIDTH: Final = 820
LEFT: Final = 210
PANEL: Final = (240, 210)
GAP: Final = 40


def bars(rows: Sequence[Row]) -> str:
    """Draw one group of bars a row: time relative to the fastest peer, which is 1."""
    scale, parts, top = (WIDTH - LEFT - 150) / 3, [], 52
    for row in rows:
        best = row.best()
        if best is None:
            continue
        name = row.task.source + (", one of 256 px" if row.task.job == "one" else "")
        parts.append(f'<text x="{LEFT - 10}" y="{top + 24}" text-anchor="end">{escape(name)}</text>')
        for engine in (OURS, *STILL):
            timing = row.ours() if engine == OURS else row.best(engine)
            if timing is None:
                continue
            ratio = timing.ms / best.ms
            width = min(ratio, 3) * scale
            parts.append(
                f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="10" fill="{COLOURS[engine]}"/>'
                f'<text class="small" x="{LEFT + width + 6:.1f}" y="{top + 9}">'
                f"{timing.ms:.0f} ms{'' if timing is best else f' · {ratio:.2f}'}</text>"
            )
            top += 12
        top += 12
    keys = [
        f'<rect x="{LEFT + 140 * at}" y="24" width="10" height="10" fill="{COLOURS[engine]}"/>'
        f'<text x="{LEFT + 16 + 140 * at}" y="33">{NAMES[engine]}</text>'
        for at, engine in enumerate((OURS, *STILL))
    ]
    title = "Time for 4 widths in WebP and JPEG, one thread; shorter is better, the fastest peer is 1"
    return _svg(top, [f'<text x="10" y="14">{title}</text>', *keys, *parts], title)


Point = tuple[float, float]


def curves(
    panels: Mapping[str, Mapping[str, Sequence[Point]]],
    marked: Mapping[str, Mapping[str, Point]],
    columns: int,
) -> str:
    """Draw bytes (a logarithmic scale) against quality.

    Args:
        panels: By name and engine, points of (bytes, score).
        marked: By name and engine, where the engine's default lies.
        columns: How many panels are beside one another.
    """
    parts: list[str] = []
    for at, (name, lines) in enumerate(panels.items()):
        corner = 40 + at % columns * (PANEL[0] + GAP), 50 + at // columns * (PANEL[1] + 56)
        parts += _panel(name, lines, marked[name], corner)
    rows = -(-len(panels) // columns)
    bottom = 50 + rows * (PANEL[1] + 56)
    keys = [
        f'<text x="{40 + 120 * i}" y="{bottom}" style="fill:{COLOURS[e]}">{e}</text>'
        for i, e in enumerate(next(iter(panels.values())))
    ]
    title = "SSIMULACRA 2 score against bytes of a rendition; up and left is better, dots are the defaults"
    width = 40 + columns * (PANEL[0] + GAP)
    return _svg(bottom + 12, [f'<text x="10" y="18">{title}</text>', *parts, *keys], title, width)


def _panel(
    name: str, lines: Mapping[str, Sequence[Point]], marks: Mapping[str, Point], corner: tuple[int, int]
) -> Iterator[str]:
    left, top = corner
    points = [point for line in lines.values() for point in line]
    low, high = (extreme(log(x) for x, _ in points) for extreme in (min, max))
    floor, ceiling = (extreme(y for _, y in points) for extreme in (min, max))

    def placed(point: Point) -> tuple[float, float]:
        x = left + (log(point[0]) - low) / (high - low) * PANEL[0]
        return x, top + PANEL[1] - (point[1] - floor) / (ceiling - floor) * PANEL[1]

    yield f'<rect class="line" x="{left}" y="{top}" width="{PANEL[0]}" height="{PANEL[1]}"/>'
    yield f'<text x="{left}" y="{top - 8}">{escape(name)}</text>'
    for value, where in ((ceiling, top + 10), (floor, top + PANEL[1])):
        yield f'<text class="small" x="{left - 4}" y="{where}" text-anchor="end">{value:.0f}</text>'
    for value, where in ((min(points)[0], left), (max(points)[0], left + PANEL[0] - 44)):
        yield f'<text class="small" x="{where}" y="{top + PANEL[1] + 14}">{value / 1000:.0f} kB</text>'
    for engine, line in lines.items():
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(placed, line))
        yield f'<polyline points="{path}" fill="none" stroke="{COLOURS[engine]}" stroke-width="2"/>'
        x, y = placed(marks[engine])
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[engine]}"/>'


def _svg(height: int, parts: Sequence[str], title: str, width: int = WIDTH) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" aria-label="{escape(title)}">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )
