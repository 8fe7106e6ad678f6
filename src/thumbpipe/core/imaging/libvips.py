"""libvips, and how pixels are passed to it and back."""

from functools import cache
from types import ModuleType
from typing import Any, Final

from PIL import Image

from thumbpipe.core.imaging.machine_faults import reraise_machine_fault

BANDS: Final = {"L": 1, "RGB": 3, "RGBa": 4}
"""The modes that libvips shrinks, and their numbers of channels."""

_MIN_SAMPLES: Final = 200_000
"""With fewer, passing the pixels to libvips and back costs more than it saves: 70,000 pixels in colour."""


@cache
def libvips() -> ModuleType | None:
    """Return pyvips; None if it is not installed: then Pillow does everything."""
    try:
        # Imported with the first picture, so that it does not slow cold starts.
        import pyvips  # noqa: PLC0415 - see above
    except (ImportError, OSError) as error:
        reraise_machine_fault(error)
        return None
    # One thread: a function has hardly more than one processor, and renders one picture at a time.
    pyvips.concurrency_set(1)
    pyvips.cache_set_max(0)
    module: ModuleType = pyvips
    return module


def pays(have: tuple[int, int], want: tuple[int, int], bands: int) -> bool:
    """Say whether it pays to shrink a picture by libvips.

    Args:
        have: The picture's size.
        want: The size that it is shrunk to.
        bands: The number of channels.
    """
    return have[0] * have[1] * bands >= _MIN_SAMPLES and want[0] <= have[0] and want[1] <= have[1] and have != want


def from_samples(vips: ModuleType, data: bytes, size: tuple[int, int], bands: int) -> Any:  # noqa: ANN401 - no types
    """Make a libvips image from eight-bit samples, without copying them.

    Args:
        vips: The library.
        data: Rows of pixels.
        size: The picture's.
        bands: The number of channels.
    """
    return vips.Image.new_from_memory(data, *size, bands, "uchar")


def resized(pixels: Any, size: tuple[int, int], mode: str) -> Image.Image | None:  # noqa: ANN401 - the same
    """Resize a libvips image to an exact size with Lanczos, and convert it to a Pillow image.

    Args:
        pixels: The libvips image. If it was opened lazily, it is decoded now.
        size: The size of the result.
        mode: The mode of the result.

    Returns:
        None if libvips rounds an edge to another length.
    """
    done = pixels.resize(size[0] / pixels.width, vscale=size[1] / pixels.height)
    if (done.width, done.height) != size:
        return None
    return Image.frombytes(mode, size, done.write_to_memory())
