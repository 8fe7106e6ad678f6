"""Errors that the user can do something about."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from thumbpipe.cli.output import warn
from thumbpipe.core.errors import ThumbpipeError


class UserError(ThumbpipeError):
    """Is shown as a sentence, without a traceback; the command ends with status 1."""


class ApiError(UserError):
    """The API rejected a request, or did not respond as thumbpipe's API does."""


def sentence_of(error: OSError) -> str:
    """Describe a failed system call: the file, and the reason."""
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


P = ParamSpec("P")
R = TypeVar("R")


def explained(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command print a `UserError` as a sentence, and exit with status 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UserError as error:
            warn(f"thumbpipe: {error}")
            raise typer.Exit(1) from error

    return run
