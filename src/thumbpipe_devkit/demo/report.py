"""The demo's table."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.markup import escape
from rich.table import Table

from thumbpipe_devkit.demo.pipeline import Outcome

_COLOURS: Final = {"ready": "green", "failed": "red", "refused": "red", "pending": "yellow"}


def table(outcomes: Sequence[Outcome]) -> Table:
    """One row per photo: the photo, its result, and how many bytes a page saves with its largest rendition."""
    shown = Table("file", "size", "state", "renditions", "bytes saved", "ms to ready")
    for column in shown.columns[1:]:
        column.justify = "right"
    for outcome in outcomes:
        state = f"[{_COLOURS.get(outcome.state, 'white')}]{outcome.state}[/]"
        cells = [size_of(outcome.photo.path.stat().st_size), state, _renditions(outcome), _saved(outcome)]
        shown.add_row(
            escape(outcome.photo.path.name), *cells, "" if outcome.ready_ms is None else str(outcome.ready_ms)
        )
    return shown


def size_of(count: int) -> str:
    """Format a number of bytes, such as `1.2 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"  # noqa: PLR2004 - the figure says what it is


def _renditions(outcome: Outcome) -> str:
    renditions: list[Mapping[str, Any]] = outcome.image.get("renditions") or []
    return str(len(renditions)) if renditions else ""


def _saved(outcome: Outcome) -> str:
    """The difference in size between the photo and its widest rendition, in the smallest format."""
    renditions: list[Mapping[str, Any]] = outcome.image.get("renditions") or []
    if not renditions:
        return ""
    widest = min(renditions, key=lambda rendition: (-rendition["width"], rendition["bytes"]))
    size = outcome.photo.path.stat().st_size
    saved = size - int(widest["bytes"])
    return f"{size_of(saved)} ({saved / size:.0%})" if saved > 0 else "none"
