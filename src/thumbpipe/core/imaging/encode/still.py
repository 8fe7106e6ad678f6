"""Encode images. Only their pixels are encoded: no EXIF, XMP, profile or comment."""

from io import BytesIO

from PIL import Image

from thumbpipe.core.imaging.alpha import straight
from thumbpipe.core.imaging.encode.avif import encode_avif
from thumbpipe.core.imaging.encode.encoder_options import AVIF_QUALITY, encoder_options
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe


def encode_still(image: Image.Image, output: OutputFormat, recipe: Recipe) -> bytes:
    """Encode an image.

    Args:
        image: In mode L, RGB or RGBa.
        output: The format.
        recipe: Has the quality, and the background for formats without transparency.
    """
    plain = straight(image)
    if output is OutputFormat.JPEG and plain.mode == "RGBA":
        canvas = Image.new("RGB", plain.size, recipe.background)
        canvas.paste(plain, mask=plain)
        plain = canvas
    if output is OutputFormat.AVIF:
        data = encode_avif(plain, recipe.quality_of(output) or AVIF_QUALITY)
        if data is not None:
            return data
    file = BytesIO()
    plain.save(file, output.value, **encoder_options(plain.size, output, recipe))
    return file.getvalue()
