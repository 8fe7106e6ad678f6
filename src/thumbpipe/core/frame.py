"""Stored pixels → an upright sRGB picture of the largest rendition's size."""

from typing import Final

from PIL import Image

from thumbpipe.core.cicp import cicp_profile, is_known
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
        image = pixels.shown(self._target, _profile(picture))
        return image.transpose(picture.turn) if picture.turn is not None else image


def _profile(picture: Picture) -> bytes | None:
    """Return the embedded profile, or one made of what else the file says about its colours."""
    image = picture.image
    icc, cicp, is_png = image.info.get("icc_profile"), picture.cicp, picture.facts.format == SourceFormat.PNG
    grey = image.mode in _GREY_MODES
    # PNG's code points overrule a profile; in AVIF and HEIC they are what the profile's samples are coded by.
    if cicp and is_known(cicp) and (is_png or not icc):
        return cicp_profile(cicp, grey=grey)
    if icc or not is_png:
        return icc
    with decoding(picture.facts.format):
        return described_profile(image.info, grey=grey)
