"""Orientation: which decoders turn pictures upright themselves, and how the others' are turned."""

from typing import Final

from PIL import Image, ImageFile

from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.open.tiff.sampled_file import SampledTiff
from thumbpipe.core.imaging.open.tiff.vips_file import VipsTiffFile

UPRIGHT: Final = 1

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture of each EXIF orientation but `UPRIGHT` upright."""

_SIDEWAYS: Final = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
    }
)

# Pillow (TIFF) and libheif (HEIC) turn these upright themselves, while they decode.
_TURNED_BY_DECODER: Final = frozenset({SourceFormat.TIFF, SourceFormat.HEIC})


def valid_orientation(value: object) -> int:
    """Return the orientation that a file states, 1 to 8; anything else means upright."""
    return value if isinstance(value, int) and value in _TURNS else UPRIGHT


def decoder_turns(image: ImageFile.ImageFile, source_format: SourceFormat) -> bool:
    """Say whether a picture is upright once it is decoded."""
    return source_format in _TURNED_BY_DECODER and not isinstance(image, VipsTiffFile | SampledTiff)


def upright_turn(orientation: int) -> Image.Transpose | None:
    """Return what turns a picture of an EXIF orientation upright; None if it is upright."""
    return _TURNS.get(orientation)


def is_sideways(turn: Image.Transpose | None) -> bool:
    """Say whether a turn swaps width and height."""
    return turn in _SIDEWAYS
