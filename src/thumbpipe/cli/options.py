"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated, Final

import typer

from thumbpipe.cli.errors import UserError
from thumbpipe.core.catalog.ids import is_id

STANDARD_INPUT: Final = Path("-")

ApiOption = Annotated[
    str | None,
    typer.Option(
        "--api",
        envvar="THUMBPIPE_API",
        metavar="URL",
        help="The API's URL; by default that of the stack running on this machine.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, max=64, metavar="N", help="How many at the same time.")]
FolderOption = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where to write the files.")]
IdsArgument = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Ids of images, as `thumbpipe list` shows them.")
]


def check_id(text: str) -> str:
    """Return the id.

    Raises:
        UserError: It does not have the form of an id.
    """
    if not is_id(text):
        raise UserError(f"{text} is not an image's id: 26 capital letters and digits. `thumbpipe list` shows them.")
    return text


def check_paths(paths: list[Path]) -> list[Path]:
    """Return the paths, which exist; standard input always does.

    Raises:
        typer.BadParameter: One does not exist.
    """
    for path in paths:
        if path != STANDARD_INPUT and not path.exists():
            raise typer.BadParameter(f"{path} does not exist.")
    return paths


def make_folder(folder: Path) -> None:
    """Make a folder for results.

    Raises:
        UserError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be created: {error.strerror}.") from error
