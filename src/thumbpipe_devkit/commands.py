"""The commands of `python -m thumbpipe_devkit`, which the nox sessions demo, up, keys, credentials and down run."""

import argparse
import os
from pathlib import Path

from rich.console import Console

from thumbpipe_devkit import credentials, errors
from thumbpipe_devkit.demo import session as demo
from thumbpipe_devkit.errors import SetupError
from thumbpipe_devkit.keys import session as keys
from thumbpipe_devkit.processes import signals
from thumbpipe_devkit.stack.lifecycle import Options
from thumbpipe_devkit.stack.up import down, keep, up


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0, or 1 with one message.
    """
    options = _parser().parse_args(arguments)
    console = Console()
    if os.environ.get("THUMBPIPE_END_WITH_PARENT"):
        signals.end_with_parent()
    try:
        return _run(options, console)
    except SetupError as error:
        return _show(error)
    except OSError as error:
        full = errors.of_disk(error)
        if full is None:
            raise
        return _show(full)


def _show(err: SetupError) -> int:
    Console(stderr=True).print(f"\n{err}", style="red", markup=False, highlight=False, soft_wrap=True)
    return 1


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.command == "down":
        return down(console)
    if options.command == "keys":
        return keys.run(options.action, console, name=options.run, wait=options.wait)
    if options.command == "credentials":
        return credentials.show(name=options.run)
    # `keep` holds the stack for `up`.
    command = "up" if options.command == "keep" else options.command
    variables = {"delivery": "signed"} if options.signed else {}
    where = Options(
        command=command,
        endpoint_url=options.endpoint,
        port=options.port,
        variables=variables,
        is_early=command == "demo",
    )
    match options.command:
        case "demo":
            return demo.run(where, console, photos=options.photos, once=options.once)
        case "up":
            return up(where, console)
        case _:
            return keep(where, console)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m thumbpipe_devkit", description="Run the stack on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--endpoint", metavar="URL", help="use a LocalStack that is already running")
    place.add_argument("--port", type=int, help="of the engine; a free one by default")
    place.add_argument("--signed", action="store_true", help="serve photos and thumbnails by signed URLs only")
    show = commands.add_parser("demo", parents=[place], help="show the whole pipeline on photos")
    show.add_argument("--once", action="store_true", help="stop after the photos; fail unless all are ready")
    show.add_argument(
        "photos", nargs="*", type=Path, metavar="FILE|FOLDER", help="photos to send instead of the samples"
    )
    commands.add_parser("up", parents=[place], help="start the engine and the stack, and leave them running")
    commands.add_parser("down", help="stop what `up` left running")
    change = commands.add_parser("keys", help="show, rotate or retire the keys of signed URLs")
    change.add_argument("action", nargs="?", choices=("show", "rotate", "retire"), default="show")
    change.add_argument("--run", metavar="NAME", help="the run to use; by default the one that `up` left running")
    change.add_argument("--wait", action="store_true", help="wait until the URLs of the older pair have expired")
    show_key = commands.add_parser("credentials", help="print the engine's address and credentials for other programs")
    show_key.add_argument("--run", metavar="NAME", help="the run to use; by default the one of `up` or `demo`")
    commands.add_parser("keep", parents=[place], help="internal: the process that `up` leaves running")
    return parser
