"""The fuzz target: `probe` and `render` return or refuse, whatever the bytes; anything else is a finding.

`python target.py CORPUS… -libfuzzer_options`; `run.py` starts it.
"""

import sys
import warnings
from typing import Final

import atheris

from images.fuzz.mutate import correct_checksums

with atheris.instrument_imports(include=["thumbpipe.core", "PIL"]):
    from thumbpipe.core.imaging.errors import InvalidImageError
    from thumbpipe.core.imaging.limits import Limits
    from thumbpipe.core.imaging.open.probe import probe
    from thumbpipe.core.imaging.recipe import Fit, OnTruncated, OutputFormat, Recipe
    from thumbpipe.core.imaging.render import render

# Small, so that many runs fit into a minute: larger files would only take longer.
LIMITS: Final = Limits(max_bytes=1 << 20, max_pixels=300_000, max_edge_px=4000, max_frames=12)
RECIPES: Final = (
    Recipe(widths=(16, 64), formats=(OutputFormat.WEBP,)),
    Recipe(widths=(48,), formats=(OutputFormat.JPEG, OutputFormat.PNG)),
    Recipe(widths=(32,), formats=(OutputFormat.PNG,), on_truncated=OnTruncated.RENDER),
    Recipe(formats=(OutputFormat.WEBP,), fit=Fit.COVER, size=(20, 30), on_truncated=OnTruncated.RENDER),
)


def look(source: bytes) -> None:
    """Probe and render a file, with a recipe that its size selects."""
    try:
        facts = probe(source, LIMITS)
        recipe = RECIPES[len(source) % len(RECIPES)]
        rendered = render(source, recipe, LIMITS)
    except InvalidImageError:
        return
    # A truncated file may lack frames.
    if recipe.on_truncated is OnTruncated.REFUSE and rendered.facts != facts:
        raise AssertionError(f"probe says {facts}, render says {rendered.facts}")
    if not rendered.renditions:
        raise AssertionError("A picture without renditions")


def mutate(source: bytes, max_size: int, seed: int) -> bytes:
    """Mutate a file as libFuzzer would, and correct its checksums."""
    return correct_checksums(bytes(atheris.Mutate(source, max_size)), seed)[:max_size]


def main() -> None:
    """Run libFuzzer."""
    warnings.simplefilter("ignore")
    atheris.Setup(sys.argv, look, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
