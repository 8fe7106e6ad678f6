"""Former fuzzing finds: each file is now rendered or refused, with every fuzzed recipe."""

from pathlib import Path
from typing import Final

import pytest

from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import Fit, OnTruncated, OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

FOUND: Final = Path(__file__).parent / "regressions"
RECIPES: Final = (
    Recipe(widths=(1, 64), formats=tuple(OutputFormat)),
    Recipe(widths=(32,), formats=tuple(OutputFormat), on_truncated=OnTruncated.RENDER),
    Recipe(formats=tuple(OutputFormat), fit=Fit.COVER, size=(20, 30), on_truncated=OnTruncated.RENDER),
)


@pytest.mark.parametrize("recipe", RECIPES, ids=["inside", "truncated", "cover"])
@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_fuzzing_finds_are_rendered_or_refused(path: Path, recipe: Recipe) -> None:
    source = path.read_bytes()
    try:
        probe(source, Limits())
        rendered = render(source, recipe, Limits())
    except InvalidImageError as error:
        assert error.message  # noqa: PT017 - either is right; nothing else is
    else:
        assert rendered.renditions
