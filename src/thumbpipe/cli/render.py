"""`thumbpipe render`: the thumbnailer's own engine, without AWS."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.filesize import decimal

from thumbpipe.cli.errors import UserError, explained
from thumbpipe.cli.files import Names, find_photos
from thumbpipe.cli.options import STANDARD_INPUT, FolderOption, JobsOption, JsonOption, check_paths
from thumbpipe.cli.output import file_progress, print_json, print_table
from thumbpipe.cli.parallel import map_in_order
from thumbpipe.core.errors import ErrorCode, InvalidImageError
from thumbpipe.core.recipe import Limits, OutputFormat, Recipe
from thumbpipe.core.render import Rendered, Rendition, render

DEFAULT: Final = Recipe()
CORES: Final = os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file."""

    path: Path
    elapsed_ms: float
    rendered: Rendered | None = None
    files: tuple[Path, ...] = ()
    code: str | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """One line of `--json`."""
        head: dict[str, Any] = {"file": str(self.path), "ok": self.rendered is not None}
        if self.rendered is None:
            return head | {"error": {"code": self.code, "message": self.message}, "elapsed_ms": self.elapsed_ms}
        facts = self.rendered.facts
        return head | {
            "format": facts.format,
            "width": facts.width,
            "height": facts.height,
            "frames": facts.frames,
            "has_alpha": facts.has_alpha,
            "placeholder": self.rendered.placeholder,
            "elapsed_ms": self.elapsed_ms,
            "renditions": [
                {
                    "width": rendition.width,
                    "height": rendition.height,
                    "format": rendition.format.value,
                    "path": str(path),
                    "bytes": len(rendition.data),
                }
                for rendition, path in zip(self.rendered.renditions, self.files, strict=True)
            ],
        }


@explained
def render_files(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|FOLDER|-...",
            callback=check_paths,
            help="Photos, folders with photos at any depth, `-` for standard input.",
        ),
    ],
    *,
    output: FolderOption,
    widths: Annotated[str, typer.Option(metavar="PX,...", help="Widths.")] = ",".join(map(str, DEFAULT.widths)),
    formats: Annotated[str, typer.Option(metavar="NAME,...", help=f"Of {', '.join(OutputFormat)}.")] = ",".join(
        DEFAULT.formats
    ),
    background: Annotated[
        str, typer.Option(metavar="#RRGGBB", help="Shown through transparency where the format has none.")
    ] = DEFAULT.background,
    jobs: JobsOption = CORES,
    as_json: JsonOption = False,
) -> None:
    """Make thumbnails on this machine, without AWS, into FOLDER/<file's name>/.

    Ends with status 1 if a file was refused.
    """
    recipe, names = _recipe(widths, formats, background), Names()
    work = [(path, output / names.unique(name)) for path, name in find_photos(paths)]
    with file_progress() as progress:
        task = progress.add_task("Rendering", total=len(work))

        def run(item: tuple[Path, Path]) -> Outcome:
            done = _render_one(*item, recipe)
            progress.advance(task)
            return done

        outcomes = list(map_in_order(run, work, jobs))
    if as_json:
        for outcome in outcomes:
            print_json(outcome.to_json())
    else:
        print_table(("File", "Format", "Pixels", "Renditions", "Size", "ms", "Error"), map(_row, outcomes))
    if any(outcome.rendered is None for outcome in outcomes):
        raise typer.Exit(1)


def _recipe(widths: str, formats: str, background: str) -> Recipe:
    """Read the options.

    Raises:
        typer.BadParameter: They make no recipe.
    """
    names = [name.strip().lower() for name in formats.split(",")]
    strangers = [name for name in names if name not in set(OutputFormat)]
    if strangers:
        raise typer.BadParameter(f"--formats takes {', '.join(OutputFormat)}; not {', '.join(strangers)}.")
    if not all(width.strip().isdecimal() for width in widths.split(",")):
        raise typer.BadParameter(f"--widths takes whole numbers with commas between them; not {widths}.")
    try:
        return Recipe(
            widths=tuple(int(width) for width in widths.split(",")),
            formats=tuple(OutputFormat(name) for name in names),
            background=background,
        )
    except ValueError as err:
        raise typer.BadParameter(str(err)) from err


def _render_one(path: Path, folder: Path, recipe: Recipe) -> Outcome:
    """Render a file into a folder; a refusal is an outcome.

    Raises:
        UserError: The results cannot be written.
    """
    started = time.perf_counter()

    def elapsed_ms() -> float:
        return round((time.perf_counter() - started) * 1000, 1)

    limits = Limits()
    try:
        rendered = render(_read(path, limits), recipe, limits)
    except InvalidImageError as err:
        return Outcome(path=path, elapsed_ms=elapsed_ms(), code=err.code.value, message=err.message)
    except OSError as err:
        return Outcome(path=path, elapsed_ms=elapsed_ms(), code="unreadable", message=f"{err.strerror}.")
    files = tuple(folder / f"{rendition.width}.{rendition.format.extension}" for rendition in rendered.renditions)
    _write(files, rendered.renditions)
    return Outcome(path=path, elapsed_ms=elapsed_ms(), rendered=rendered, files=files)


def _read(path: Path, limits: Limits) -> bytes:
    """Read a file, but no more of it than may be rendered."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(limits.max_bytes + 1)
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise InvalidImageError(
            ErrorCode.TOO_MANY_BYTES, f"The file has {size:,} bytes; at most {limits.max_bytes:,} are taken."
        )
    return path.read_bytes()


def _write(files: tuple[Path, ...], renditions: tuple[Rendition, ...]) -> None:
    try:
        for path, rendition in zip(files, renditions, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(rendition.data)
    except OSError as err:
        raise UserError(f"{err.filename} cannot be written: {err.strerror}.") from err


def _row(outcome: Outcome) -> tuple[object, ...]:
    rendered = outcome.rendered
    if rendered is None:
        return outcome.path, None, None, None, None, outcome.elapsed_ms, outcome.message
    facts, size = rendered.facts, sum(len(rendition.data) for rendition in rendered.renditions)
    pixels = f"{facts.width} x {facts.height}"
    return outcome.path, facts.format, pixels, len(rendered.renditions), decimal(size), outcome.elapsed_ms, None
