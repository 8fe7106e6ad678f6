"""Make a recipe from the options of `thumbpipe render`; defaults are those of the Lambda function."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import typer

from thumbpipe.adapters.settings import SettingsError, limits_from_env, recipe_from_env
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Fit, Gravity, OnTruncated, OutputFormat, Recipe

_SIZE: Final = re.compile(r"(\d{1,6})[x×](\d{1,6})", re.IGNORECASE)  # noqa: RUF001 - the sign that people write
_QUALITY: Final = re.compile(r"\d{1,3}")
_NAMED_QUALITY: Final = re.compile(r"([a-z]+)=(\d{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOptions:
    """The options as given; None for those that were not."""

    widths: str | None
    formats: str | None
    fit: Fit
    size: str | None
    gravity: Gravity
    quality: str | None
    background: str | None
    allow_truncated: bool

    def recipe(self) -> Recipe:
        """Parse them.

        Raises:
            typer.BadParameter: They do not make a valid recipe.
        """
        self._check_fit()
        try:
            default = recipe_from_env(os.environ)
            return replace(
                default,
                widths=_widths(self.widths) if self.widths is not None else default.widths,
                formats=_formats(self.formats) if self.formats is not None else default.formats,
                fit=self.fit,
                size=_size(self.size) if self.size is not None else None,
                gravity=self.gravity,
                quality=_quality(self.quality) if self.quality is not None else default.quality,
                background=self.background if self.background is not None else default.background,
                on_truncated=OnTruncated.RENDER if self.allow_truncated else default.on_truncated,
            )
        except (ValueError, SettingsError) as error:
            raise typer.BadParameter(str(error)) from error

    def _check_fit(self) -> None:
        covers = self.fit is Fit.COVER
        if covers != (self.size is not None):
            raise typer.BadParameter("--fit cover and --size go together: --fit cover --size 200x200.")
        if covers and self.widths is not None:
            raise typer.BadParameter("--widths goes with --fit inside; --fit cover has its --size.")
        if not covers and self.gravity is not Gravity.CENTRE:
            raise typer.BadParameter("--gravity goes with --fit cover; --fit inside keeps the whole picture.")


def limits() -> Limits:
    """Return the limits of the Lambda function.

    Raises:
        typer.BadParameter: A setting in the environment is invalid.
    """
    try:
        return limits_from_env(os.environ)
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error


def _widths(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"\d{1,6}", part, re.ASCII) for part in parts):
        raise typer.BadParameter(f"--widths takes whole numbers with commas between them; not {text}.")
    return tuple(map(int, parts))


def _formats(text: str) -> tuple[OutputFormat, ...]:
    names = [name.strip().lower() for name in text.split(",")]
    names = ["jpeg" if name == "jpg" else name for name in names]
    strangers = [name for name in names if name not in set(OutputFormat)]
    if strangers:
        raise typer.BadParameter(f"--formats takes {', '.join(OutputFormat)}; not {', '.join(strangers)}.")
    return tuple(map(OutputFormat, names))


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise typer.BadParameter(f"--size takes width x height, such as 200x150; not {text}.")
    return int(found[1]), int(found[2])


def _quality(text: str) -> int | Mapping[OutputFormat, int]:
    if _QUALITY.fullmatch(text):
        return int(text)
    named = [_NAMED_QUALITY.fullmatch(part.strip().lower()) for part in text.split(",")]
    if not all(each and each[1] in set(OutputFormat) for each in named):
        raise typer.BadParameter(f"--quality takes 1 to 100, or figures such as webp=80,jpeg=75; not {text}.")
    return {OutputFormat(each[1]): int(each[2]) for each in named if each}
