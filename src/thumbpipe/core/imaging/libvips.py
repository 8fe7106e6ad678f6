"""libvips, and pixels on the way to it and back."""

from functools import cache
from types import ModuleType
from typing import Any, Final

from PIL import Image

BANDS: Final = {"L": 1, "RGB": 3, "RGBa": 4}
"""How many channels the modes have that libvips shrinks."""

_MIN_SAMPLES: Final = 200_000
"""Below, handing the pixels over and back costs more than it saves: 70,000 pixels in colour."""


@cache
def libvips() -> ModuleType | None:
    """Return pyvips; without it everything works, by Pillow alone."""
    try:
        # Imported with the first picture: a cold start does not pay for it.
        import pyvips  # noqa: PLC0415
    except (ImportError, OSError):
        return None
    # One thread: a function has hardly more than one processor, and the pictures of a process wait for one another.
    pyvips.concurrency_set(1)
    pyvips.cache_set_max(0)
    module: ModuleType = pyvips
    return module


def pays(have: tuple[int, int], want: tuple[int, int], bands: int) -> bool:
    """Say whether libvips shrinks a picture of a size sooner than Pillow, and does it at all.

    Args:
        have: The picture's size.
        want: The size that it is brought to.
        bands: How many channels it has.
    """
    return have[0] * have[1] * bands >= _MIN_SAMPLES and want[0] <= have[0] and want[1] <= have[1] and have != want


def from_samples(vips: ModuleType, data: bytes, size: tuple[int, int], bands: int) -> Any:  # noqa: ANN401 (no types)
    """Show libvips samples of eight bits, which stay where they are.

    Args:
        vips: The library.
        data: Rows of pixels.
        size: The picture's.
        bands: How many channels it has.
    """
    return vips.Image.new_from_memory(data, *size, bands, "uchar")


def resized(pixels: Any, size: tuple[int, int], mode: str) -> Image.Image | None:  # noqa: ANN401 (the same)
    """Bring a picture of libvips' to exactly a size, by Lanczos, and into Pillow's hands.

    Args:
        pixels: The picture, which may be decoded only now.
        size: Its size afterwards.
        mode: What Pillow calls its channels.

    Returns:
        None where libvips rounds an edge the other way.
    """
    done = pixels.resize(size[0] / pixels.width, vscale=size[1] / pixels.height)
    if (done.width, done.height) != size:
        return None
    return Image.frombytes(mode, size, done.write_to_memory())
