"""Whether all rows of a JPEG are there. Pillow does not check: it requires an end mark, and accepts any."""

from io import BytesIO
from typing import Final

from PIL import Image, JpegImagePlugin

from thumbpipe.core.imaging.machine_faults import reraise_machine_fault
from thumbpipe.core.imaging.open.jpeg.scans import is_covered
from thumbpipe.core.imaging.open.jpeg.segments import END
from thumbpipe.core.imaging.open.jpeg.walk_jpeg import bare

_FILLERS: Final = (b"\xaa\x55" * 32, b"\x00\x37\x7e\x18" * 16)
_GREYS: Final = frozenset({127, 128})  # in RGB, and in CMYK


def is_whole(source: bytes) -> bool:
    """Say whether all rows are there, in every scan.

    Decoders ignore what follows the last pixel. So bytes appended to the file change the picture only if they are taken
    for missing pixels.

    Args:
        source: A JPEG within the limits, with its end mark or without.
    """
    end = source.rfind(END)
    pixels = bare(source[:end] if end > 0 else source).rstrip(b"\xff")  # half of an end mark
    if not is_covered(pixels):
        return False
    shown = _decoded(pixels + END)
    try:
        return all(_decoded(pixels + filler + END) == shown for filler in _FILLERS)
    except OSError as error:  # they were taken for pixels, but cannot be decoded
        reraise_machine_fault(error)
        return False


def _decoded(source: bytes) -> bytes:
    """Decode to half the size: enough to see a block that differs."""
    with JpegImagePlugin.JpegImageFile(BytesIO(source)) as image:
        image.draft(None, (image.width // 2, image.height // 2))
        return image.tobytes()


def may_lack_rows(image: Image.Image) -> bool:
    """Say whether the last pixel is of the grey that libjpeg fills in for what is missing."""
    corner = image.crop((image.width - 1, image.height - 1, image.width, image.height)).getpixel((0, 0))
    levels = corner if isinstance(corner, tuple) else (corner,)
    return _GREYS.issuperset(levels)
