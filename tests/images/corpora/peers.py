"""Other decoders: their rendering of the same files, upright, on white and in sRGB."""

import io
import shutil
import subprocess
import tempfile
from functools import cache
from typing import Final

import pyvips
from PIL import Image, ImageCms

from thumbpipe.core.imaging.errors import InvalidImageError
from thumbpipe.core.imaging.open.sniff import SourceFormat, sniff

PATIENCE_S: Final = 30.0
_COMMANDS: Final = ("magick", "convert")
"""ImageMagick 7's name, and that of 6."""


def by_libvips(source: bytes) -> Image.Image | None:
    """Decode a whole picture with libvips and its colour conversion; None if it cannot."""
    try:
        image = pyvips.Image.new_from_buffer(source, "", fail_on="truncated").autorot()
        if image.get_typeof("icc-profile-data"):
            image = image.icc_transform("srgb", embedded=True, black_point_compensation=True, depth=8)
        image = image.colourspace("srgb")
        if image.hasalpha():
            image = image.flatten(background=[255.0])
        image = image.cast("uchar")[0:3]
        return Image.frombytes("RGB", (image.width, image.height), image.write_to_memory())
    except pyvips.Error:
        return None


@cache
def imagemagick() -> str | None:
    """Return ImageMagick's command, if it is installed."""
    return next(filter(None, map(shutil.which, _COMMANDS)), None)


def by_imagemagick(source: bytes, *, is_strict: bool = False) -> Image.Image | None:
    """Decode by ImageMagick, with its own colour conversion.

    Args:
        source: The file.
        is_strict: Whether a warning counts as a failure: it shows what there is of damaged files.

    Returns:
        None if it cannot.
    """
    command = imagemagick()
    try:
        source_format = sniff(source)
    except InvalidImageError:
        return None
    if command is None:
        return None
    # Only the first picture; for a GIF, with its canvas.
    steps = ["-coalesce"] if source_format is SourceFormat.GIF else []
    with tempfile.NamedTemporaryFile(suffix=".icc") as profile:
        profile.write(_srgb())
        profile.flush()
        steps += ["-auto-orient", "-black-point-compensation", "-intent", "perceptual", "-profile", profile.name]
        steps += ["-background", "white", "-alpha", "remove", "-alpha", "off", "-depth", "8", "-type", "TrueColor"]
        done = subprocess.run(
            [command, *(["-regard-warnings"] if is_strict else []), f"{source_format.value}:-[0]", *steps, "ppm:-"],
            input=source,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    if done.returncode or not done.stdout:
        return None
    with Image.open(io.BytesIO(done.stdout)) as opened:
        return opened.convert("RGB")


@cache
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def on_white(image: Image.Image) -> Image.Image:
    """Lay a picture on white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    straight = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", straight.size, "white"), straight).convert("RGB")
