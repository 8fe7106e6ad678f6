import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render


@pytest.fixture
def made() -> Path:
    """The folder of made pictures."""
    return Path(__file__).parents[2] / "images" / "made"


@pytest.fixture
def photos() -> Path:
    """The folder of real photographs."""
    return Path(__file__).parents[2] / "images" / "photos"


@pytest.fixture
def png_of() -> Callable[[bytes, int], Image.Image]:
    """Render one width to PNG, which hides nothing, and open it."""

    def png_of(source: bytes, width: int = 320) -> Image.Image:
        rendered = render(source, Recipe(widths=(width,), formats=(OutputFormat.PNG,)), Limits())
        return Image.open(io.BytesIO(rendered.renditions[0].data))

    return png_of
