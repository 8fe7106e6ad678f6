"""Output: formatted on a terminal, plain if it is redirected."""

import json
from collections.abc import Iterable, Mapping, Sequence

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text


def warn(text: str) -> None:
    """Print a sentence on standard error."""
    typer.echo("\n".join(clean(line) for line in text.splitlines()), err=True)


def print_json(value: Mapping[str, object], *, indent: int | None = None) -> None:
    """Print one JSON value; control characters are escaped, which makes no difference to a parser."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    shown = (character if character.isprintable() or character == "\n" else _escaped(character) for character in text)
    typer.echo("".join(shown))


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; without a terminal a line for each row, with tabs between cells and without headers."""
    console = Console(highlight=False)
    cells = [[clean("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not console.is_terminal:
        for row in cells:
            typer.echo("\t".join(row))
        return
    table = Table(*headers, header_style="bold")
    for row in cells:
        table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    console.print(table)


def clean(text: str) -> str:
    """Replace what would move the cursor or change the terminal: filenames are not trusted."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


def _style(cell: str) -> str:
    return {"ready": "green", "failed": "red", "pending": "yellow"}.get(cell, "")


def byte_progress() -> Progress:
    """A progress bar counting bytes, on standard error; silent without a terminal."""
    return _progress(DownloadColumn(), TimeRemainingColumn())


def file_progress(*, show: bool = True) -> Progress:
    """A progress bar counting files, on standard error; silent without a terminal."""
    return _progress(MofNCompleteColumn(), TimeRemainingColumn(), show=show)


def _progress(*columns: DownloadColumn | MofNCompleteColumn | TimeRemainingColumn, show: bool = True) -> Progress:
    console = Console(stderr=True)
    shown = (TextColumn("{task.description}"), BarColumn(), *columns)
    return Progress(*shown, console=console, transient=True, disable=not (show and console.is_terminal))
