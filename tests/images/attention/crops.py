"""Crop windows of a picture: thumbpipe's, its peers', and the centre."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyvips
from PIL import Image

from images.attention.photos import Box
from images.corpora.fetch import UnreachableError, cache_folder
from thumbpipe.core.imaging.recipe import Gravity
from thumbpipe.core.imaging.resize.crop import Target

Size = tuple[int, int]
Crop = Callable[[Image.Image, Size], Box]
"""Takes a picture and a window's size, and returns the window's position."""

SMARTCROP: Final = "smartcrop@2.0.5"
_MIDDLE: Final = (0.5, 0.5)


def by_thumbpipe(image: Image.Image, size: Size) -> Box:
    """Crop like a recipe with the gravity `attention`."""
    return _around(image, size, Target(size=size, gravity=Gravity.ATTENTION).focused(lambda: image).focus or _MIDDLE)


def by_centre(image: Image.Image, size: Size) -> Box:
    """Crop the middle."""
    return _around(image, size, _MIDDLE)


def _around(image: Image.Image, size: Size, focus: tuple[float, float]) -> Box:
    left, top = (
        min(max(0, round(whole * at - part / 2)), whole - part)
        for whole, at, part in zip(image.size, focus, size, strict=True)
    )
    return left, top, left + size[0], top + size[1]


def by_libvips(image: Image.Image, size: Size) -> Box:
    """Crop with libvips' `attention`."""
    whole = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, 3, "uchar")
    cropped = whole.copy(interpretation="srgb").smartcrop(*size, interesting="attention")
    return -cropped.xoffset, -cropped.yoffset, size[0] - cropped.xoffset, size[1] - cropped.yoffset


@contextmanager
def smartcrop() -> Iterator[Crop]:
    """Start smartcrop.js.

    Raises:
        UnreachableError: There is no Node.js, or the package cannot be fetched.
    """
    node = shutil.which("node")
    if node is None:
        raise UnreachableError("no Node.js on PATH")
    command: list[str | Path] = [node, Path(__file__).with_name("smartcrop.mjs"), _package()]
    with (
        tempfile.NamedTemporaryFile() as pixels,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
    ):
        requests, responses = process.stdin, process.stdout
        assert requests
        assert responses

        def crop(image: Image.Image, size: Size) -> Box:
            Path(pixels.name).write_bytes(image.convert("RGBA").tobytes())
            job = {"pixels": pixels.name, "width": image.width, "height": image.height, "size": size}
            print(json.dumps(job), file=requests, flush=True)
            left, top, right, bottom = json.loads(responses.readline())
            return left, top, right, bottom

        yield crop
        requests.close()


def _package() -> Path:
    """Install smartcrop.js from npm into the cache, once."""
    folder = cache_folder() / SMARTCROP.replace("@", "-")
    package = folder / "node_modules" / "smartcrop"
    npm = shutil.which("npm")
    if not package.exists():
        if npm is None:
            raise UnreachableError("no npm on PATH")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run([npm, "install", "--silent", "--no-save", "--prefix", folder, SMARTCROP], check=True)
        except subprocess.CalledProcessError as error:
            raise UnreachableError(f"{SMARTCROP} cannot be installed") from error
    return package
