import subprocess
import sys
from typing import Final

import pytest

RENDER: Final = """
import io, sys
from PIL import Image
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render
source = io.BytesIO()
Image.new("RGB", (64, 48)).save(source, "JPEG")
render(source.getvalue(), Recipe(formats=tuple(OutputFormat)), Limits())
"""


@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("pi_heif", "a JPEG does not pay for HEIC"),
        ("PIL.FpxImagePlugin", "Pillow has not loaded every plug-in that it has"),
        ("PIL.EpsImagePlugin", "the same"),
        ("numpy", "it would not fit the zip"),
    ],
)
def test_rendering_a_jpeg_leaves_alone(module: str, why: str) -> None:
    script = f"{RENDER}\nassert {module!r} not in sys.modules, {why!r}"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
