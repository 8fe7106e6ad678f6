"""What a person at the keyboard can mend."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from thumbpipe.cli.output import warn
from thumbpipe.core.errors import ThumbpipeError


class UserError(ThumbpipeError):
    """Shown as a sentence, without a traceback; the command ends with status 1."""


class ApiError(UserError):
    """The API refused, or did not answer as thumbpipe's API does."""


P = ParamSpec("P")
R = TypeVar("R")


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with a sentence where it raises `UserError`."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UserError as err:
            warn(f"thumbpipe: {err}")
            raise typer.Exit(1) from err

    return run
