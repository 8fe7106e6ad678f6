"""The `thumbpipe` command."""

from typing import Annotated

import typer

from thumbpipe.cli.download import download
from thumbpipe.cli.images import delete, list_images, show
from thumbpipe.cli.render import render_files
from thumbpipe.cli.status import status
from thumbpipe.cli.upload import upload
from thumbpipe.cli.version import own_version

app = typer.Typer(
    name="thumbpipe",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(upload)
app.command("list")(list_images)
app.command()(show)
app.command()(download)
app.command()(delete)
app.command("render")(render_files)
app.command()(status)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer's signature
    if wanted:
        typer.echo(f"thumbpipe {own_version()}")
        raise typer.Exit


@app.callback()
def thumbpipe(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Upload photos and get thumbnails: through thumbpipe's API, or on this machine only (render)."""
    del version


def main() -> None:
    """Run the command."""
    app()
