"""Pictures → files. Only pixels go in, so only pixels come out: no EXIF, XMP, profile or comment."""

from io import BytesIO
from typing import Final

from PIL import Image

from thumbpipe.core import vips
from thumbpipe.core.alpha import straight
from thumbpipe.core.animation import Animation
from thumbpipe.core.recipe import OutputFormat, Recipe

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

_AVIF_QUALITY: Final = 60

# Chosen by `benchmarks/quality.py` and `benchmarks/images.py`; docs/image-engine.md has the figures.
_OPTIONS: Final[dict[OutputFormat, dict[str, object]]] = {
    OutputFormat.WEBP: {"quality": 80, "method": 4},
    OutputFormat.JPEG: {"quality": 80, "optimize": True, "qtables": _TABLES},
    OutputFormat.AVIF: {"quality": _AVIF_QUALITY, "speed": 6, "subsampling": "4:4:4", "max_threads": 1},
    OutputFormat.PNG: {"compress_level": 6},
}

_HASTY_METHOD: Final = 2
_HASTY_ABOVE_PIXELS: Final = 750_000
"""Of four widths the largest has three quarters of the pixels: method 2 takes a quarter off a photo's time, for 4 %
more bytes of that one. A portrait of 640 px is below."""

_VP8X_FLAGS_AT: Final = 20
_VP8X_HAS_ALPHA: Final = 0x10


def encode(image: Image.Image, output: OutputFormat, recipe: Recipe) -> bytes:
    """Encode one picture.

    Args:
        image: In mode L, RGB or RGBa.
        output: The format.
        recipe: Has the quality, and the background that shows through where the format has no transparency.
    """
    plain = straight(image)
    if output is OutputFormat.JPEG and plain.mode == "RGBA":
        canvas = Image.new("RGB", plain.size, recipe.background)
        canvas.paste(plain, mask=plain)
        plain = canvas
    if output is OutputFormat.AVIF:
        data = vips.avif(plain, recipe.quality_of(output) or _AVIF_QUALITY)
        if data is not None:
            return data
    file = BytesIO()
    plain.save(file, output.value, **_options(plain.size, output, recipe))
    return file.getvalue()


def _options(size: tuple[int, int], output: OutputFormat, recipe: Recipe) -> dict[str, object]:
    options, quality = dict(_OPTIONS[output]), recipe.quality_of(output)
    if quality is not None and "quality" in options:
        options["quality"] = quality
    if "method" in options and size[0] * size[1] > _HASTY_ABOVE_PIXELS:
        options["method"] = _HASTY_METHOD
    return options


def encode_animation(animation: Animation, recipe: Recipe) -> bytes:
    """Encode an animated WebP."""
    frames = [straight(frame) for frame in animation.frames]
    first, *rest = frames
    # A frame in four would be encoded twice, whole and as what has changed, to be found by seeking. Pages play.
    no_key_frames = {"kmin": 0, "kmax": 0}
    options = _options(first.size, OutputFormat.WEBP, recipe) | {"method": _HASTY_METHOD} | no_key_frames
    file = BytesIO()
    first.save(
        file,
        OutputFormat.WEBP.value,
        save_all=True,
        append_images=rest,
        duration=list(animation.durations_ms),
        loop=animation.plays,
        **options,
    )
    data = bytearray(file.getvalue())
    if data[12:16] == b"VP8X" and any(frame.mode == "RGBA" for frame in frames):
        # libwebp crops transparent margins away, and then says that there is no transparency: decoders show black.
        data[_VP8X_FLAGS_AT] |= _VP8X_HAS_ALPHA
    return bytes(data)
