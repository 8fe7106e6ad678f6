"""Options of Pillow's encoders."""

from typing import Final

from thumbpipe.core.imaging.recipe import OutputFormat, Recipe

# mozjpeg's table 2, tuned for multi-scale structural similarity: at equal SSIMULACRA 2 scores a JPEG has some 8 % fewer
# bytes than with the tables of the standard, and takes no longer.
_LIGHT: Final = (
    (12, 17, 20, 21, 30, 34, 56, 63),
    (18, 20, 20, 26, 28, 51, 61, 55),
    (19, 20, 21, 26, 33, 58, 69, 55),
    (26, 26, 26, 30, 46, 87, 86, 66),
    (31, 33, 36, 40, 46, 96, 100, 73),
    (40, 35, 46, 62, 81, 100, 111, 91),
    (46, 66, 76, 86, 102, 121, 120, 101),
    (68, 90, 90, 96, 113, 102, 105, 103),
)
_COLOUR: Final = (
    (8, 12, 15, 15, 86, 96, 96, 98),
    (13, 13, 15, 26, 90, 96, 99, 98),
    (12, 15, 18, 96, 99, 99, 99, 99),
    (17, 16, 90, 96, 99, 99, 99, 99),
    (96, 96) + 6 * (99,),
    *(3 * (8 * (99,),)),
)
_TABLES: Final = [[step for row in rows for step in row] for rows in (_LIGHT, _COLOUR)]

AVIF_QUALITY: Final = 60

# Chosen by `benchmarks/quality.py` and `benchmarks/images.py`; docs/image-engine.md has the figures.
_OPTIONS: Final[dict[OutputFormat, dict[str, object]]] = {
    OutputFormat.WEBP: {"quality": 80, "method": 4},
    OutputFormat.JPEG: {"quality": 80, "optimize": True, "qtables": _TABLES},
    OutputFormat.AVIF: {"quality": AVIF_QUALITY, "speed": 6, "subsampling": "4:4:4", "max_threads": 1},
    OutputFormat.PNG: {"compress_level": 6},
}

HASTY_METHOD: Final = 2
_HASTY_ABOVE_PIXELS: Final = 750_000
"""The largest default width has three quarters of all pixels: method 2 saves a quarter of a photo's time, for
4 % more bytes of that file. A portrait of 640 px has fewer pixels."""


def encoder_options(size: tuple[int, int], output: OutputFormat, recipe: Recipe) -> dict[str, object]:
    """Return the options of a format's encoder.

    Args:
        size: The image's, in pixels.
        output: The format.
        recipe: Has the quality.
    """
    chosen, quality = dict(_OPTIONS[output]), recipe.quality_of(output)
    if quality is not None and "quality" in chosen:
        chosen["quality"] = quality
    if "method" in chosen and size[0] * size[1] > _HASTY_ABOVE_PIXELS:
        chosen["method"] = HASTY_METHOD
    return chosen
