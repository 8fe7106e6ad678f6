"""Stored pixels → an upright sRGB picture of at most the largest rendition's size."""

from typing import Final, cast

from PIL import Image, ImageFile

from thumbpipe.core.alpha import premultiplied, straight
from thumbpipe.core.colour import to_srgb
from thumbpipe.core.probe import Picture, decoding
from thumbpipe.core.scale import scale

_SIDEWAYS: Final = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
    }
)
_DEEP_MODES: Final = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})


def read_frame(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """Decode the frame that the picture is at; at first that is the first.

    Args:
        picture: What to decode.
        size: The largest size that is wanted, upright.

    Returns:
        In mode L, RGB or RGBa, of exactly that size.

    Raises:
        InvalidImageError: The pixels cannot be decoded.
    """
    stored_size = size[::-1] if picture.turn in _SIDEWAYS else size
    with decoding(picture.facts.format):
        # JPEG alone can decode to 1/2, 1/4 or 1/8 of its size, no smaller than asked; elsewhere nothing happens.
        picture.image.draft(None, stored_size)
        picture.image.load()
        pixels = _workable(picture.image)
    # Colours and turning come after shrinking, where they cost a fraction.
    image = _finished(scale(pixels, stored_size), picture.image.info.get("icc_profile"))
    return image.transpose(picture.turn) if picture.turn is not None else image


def _workable(image: Image.Image) -> Image.Image:
    """Convert to a mode that can be shrunk: L, RGB, RGBa, CMYK, LAB or a deep grey."""
    if image.has_transparency_data and image.mode not in _DEEP_MODES:
        return premultiplied(image.convert("RGBA"))
    if image.mode in _DEEP_MODES:
        return image
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"L", "RGB", "CMYK", "LAB"} else image.convert("RGB")


def _finished(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a shrunk picture to eight bits of sRGB: L, RGB or RGBa, with nothing in it but pixels."""
    if image.mode in _DEEP_MODES:
        image = _eight_bits(image)
    # A picture as small as its rendition is Pillow's view of the file still, frames and metadata included.
    plain = image.copy() if isinstance(image, ImageFile.ImageFile) else image
    finished = to_srgb(straight(plain), profile)
    finished.info = {}
    return premultiplied(finished) if finished.mode == "RGBA" else finished


def _eight_bits(image: Image.Image) -> Image.Image:
    """Map 16-bit, 32-bit and float greys to 0 to 255, by the smallest customary white that none exceeds."""
    deep = image.convert("F")
    _low, high = cast("tuple[float, float]", deep.getextrema())  # one channel, so one pair
    customary = (1.0, 255.0, 65535.0) if image.mode == "F" else (65535.0,)
    white = next((each for each in customary if high <= each), high)
    gain = 255.0 / white if white > 0 else 1.0  # all black, or no number at all
    return deep.point(lambda value: value * gain + 0.5).convert("L")
