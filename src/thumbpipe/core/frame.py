"""Stored pixels → an upright sRGB picture of the largest rendition's size."""

from typing import Final

from PIL import Image, ImageFile

from thumbpipe.core.alpha import premultiplied, straight
from thumbpipe.core.colour import to_srgb
from thumbpipe.core.crop import Target
from thumbpipe.core.pixels import read_pixels
from thumbpipe.core.png import described_profile
from thumbpipe.core.probe import Picture, decoding
from thumbpipe.core.sniff import SourceFormat

_SIDEWAYS: Final = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
    }
)


_GREY_MODES: Final = frozenset({"1", "L", "I", "I;16"})


class FrameReader:
    """Decodes frames of a picture to one size.

    Args:
        picture: What to decode.
        target: What each frame is brought to, upright. A part that draws the eye is looked for in the first frame that
            is read; the others show the same part.
    """

    def __init__(self, picture: Picture, target: Target) -> None:
        self._picture = picture
        self._target = target.transposed() if picture.turn in _SIDEWAYS else target

    def read(self) -> Image.Image:
        """Decode the frame that the picture is at; at first that is the first.

        Returns:
            In mode L, RGB or RGBa.

        Raises:
            InvalidImageError: The pixels cannot be decoded.
        """
        picture = self._picture
        with decoding(picture.facts.format):
            pixels = read_pixels(picture, self._target.decoded_size(*picture.image.size))
        self._target = self._target.focused(pixels.eight_bits)
        # Colours and turning come after shrinking, where they cost a fraction.
        image = _finished(pixels.scaled(self._target), _profile(picture))
        return image.transpose(picture.turn) if picture.turn is not None else image


def _finished(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a shrunk picture to sRGB: L, RGB or RGBa, with nothing in it but pixels."""
    # A picture as small as its rendition is Pillow's view of the file still, frames and metadata included.
    plain = image.copy() if isinstance(image, ImageFile.ImageFile) else image
    finished = to_srgb(straight(plain), profile)
    finished.info = {}
    return premultiplied(finished) if finished.mode == "RGBA" else finished


def _profile(picture: Picture) -> bytes | None:
    """Return the embedded profile, or one made of what else the file says about its colours."""
    info = picture.image.info
    if info.get("icc_profile") or picture.facts.format != SourceFormat.PNG:
        return info.get("icc_profile")
    with decoding(picture.facts.format):
        return described_profile(info, grey=picture.image.mode in _GREY_MODES)
