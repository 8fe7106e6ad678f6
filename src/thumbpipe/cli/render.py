"""`thumbpipe render`: the thumbnailer's image engine, without AWS."""

import os
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from thumbpipe.cli.errors import explained
from thumbpipe.cli.files import Names, find_photos
from thumbpipe.cli.options import STANDARD_INPUT, FolderOption, JobsOption, JsonOption, check_paths, make_folder
from thumbpipe.cli.outcome import Job, Outcome
from thumbpipe.cli.output import file_progress, print_json, print_table
from thumbpipe.cli.parallel import map_in_order
from thumbpipe.cli.recipe import RecipeOptions, limits
from thumbpipe.cli.sheet import write_sheet
from thumbpipe.cli.worker import Workers
from thumbpipe.core.imaging.recipe import Fit, Gravity, OutputFormat, Recipe

DEFAULT: Final = Recipe()
CORES: Final = os.cpu_count() or 1


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
    widths: Annotated[
        str | None,
        typer.Option(metavar="PX,...", help="Widths.", show_default=",".join(map(str, DEFAULT.widths))),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help=f"Of {', '.join(OutputFormat)}.", show_default=",".join(DEFAULT.formats)),
    ] = None,
    fit: Annotated[
        Fit, typer.Option(help="The whole picture, as wide as --widths say; or the part that covers --size.")
    ] = DEFAULT.fit,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Exact width and height, with --fit cover.")] = None,
    gravity: Annotated[
        Gravity, typer.Option(help="Which part --fit cover keeps: the middle, or what draws the eye.")
    ] = DEFAULT.gravity,
    quality: Annotated[
        str | None,
        typer.Option(metavar="1-100", help="For all formats, or for each, such as webp=80,jpeg=75."),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="#RRGGBB",
            help="Shown through transparent parts in formats without transparency.",
            show_default=DEFAULT.background,
        ),
    ] = None,
    allow_truncated: Annotated[
        bool, typer.Option("--allow-truncated", help="Render a truncated file as far as it can be decoded.")
    ] = False,
    jobs: JobsOption = CORES,
    as_json: JsonOption = False,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a contact sheet: one HTML file with all pictures.")
    ] = None,
) -> None:
    """Make thumbnails on this machine, without AWS, into FOLDER/<file's name>/.

    Ends with status 1 if a file was refused.
    """
    options = RecipeOptions(
        widths=widths,
        formats=formats,
        fit=fit,
        size=size,
        gravity=gravity,
        quality=quality,
        background=background,
        allow_truncated=allow_truncated,
    )
    work = _jobs(paths, output, options)
    make_folder(output)
    outcomes = []
    with closing(_outcomes(work, jobs, show_progress=not (as_json and sys.stdout.isatty()))) as coming:
        for outcome in coming:
            outcomes.append(outcome)
            if as_json:
                print_json(outcome.to_json())
    if not as_json:
        print_table(("File", "Format", "Pixels", "Renditions", "Size", "ms", "Error"), map(_row, outcomes))
    if sheet:
        write_sheet(sheet, list(zip(work, outcomes, strict=True)))
    if any(outcome.facts is None for outcome in outcomes):
        raise typer.Exit(1)


def _jobs(paths: list[Path], output: Path, options: RecipeOptions) -> list[Job]:
    if paths.count(STANDARD_INPUT) > 1:
        raise typer.BadParameter("Standard input can be read only once, but `-` is given twice.")
    recipe, most, names = options.recipe(), limits(), Names(output)
    return [
        Job(
            path=path,
            folder=output / names.unique(name),
            recipe=recipe,
            limits=most,
            source=sys.stdin.buffer.read(most.max_bytes + 1) if path == STANDARD_INPUT else None,
        )
        for path, name in find_photos(paths, leave_out=output)
    ]


def _outcomes(work: list[Job], jobs: int, *, show_progress: bool) -> Generator[Outcome]:
    """Render several files at a time, and yield their outcomes in the order given."""
    with file_progress(show=show_progress) as progress, Workers() as workers:
        task = progress.add_task("Rendering", total=len(work))

        def run(job: Job) -> Outcome:
            done = workers.carry_out(job)
            progress.advance(task)
            return done

        yield from map_in_order(run, work, jobs)


def _row(outcome: Outcome) -> tuple[object, ...]:
    facts = outcome.facts
    if facts is None:
        return outcome.path, None, None, None, None, outcome.elapsed_ms, outcome.message
    size = sum(rendition.bytes for rendition in outcome.renditions)
    pixels = f"{facts.width} x {facts.height}"
    return outcome.path, facts.format, pixels, len(outcome.renditions), decimal(size), outcome.elapsed_ms, None
