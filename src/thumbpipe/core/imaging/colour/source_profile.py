"""The profile of a picture's colours: the embedded one, or one made from code points or gamma."""

import struct
from typing import Any, Final

from thumbpipe.core.imaging.colour.cicp import cicp_profile, is_known
from thumbpipe.core.imaging.colour.hdr_profile import tone_mapped
from thumbpipe.core.imaging.colour.icc_writer import SRGB_PRIMARIES, gamma_curve, matrix_profile
from thumbpipe.core.imaging.errors import decoding
from thumbpipe.core.imaging.open.picture import Picture
from thumbpipe.core.imaging.open.sniff import SourceFormat

_GREY_MODES: Final = frozenset({"1", "L", "I", "I;16"})
_SRGB_GAMMA: Final = 1 / 2.2
_NEAR: Final = 0.01
_ADAPTIVE_BELOW: Final = 1e-4


def source_profile(picture: Picture) -> bytes | None:
    """Return the embedded profile, or one made from what else the file says about its colours."""
    image, icc, cicp = picture.image, picture.icc, picture.cicp
    is_png = picture.facts.format == SourceFormat.PNG
    grey = image.mode in _GREY_MODES
    # PNG's code points take precedence over a profile; in AVIF and HEIC they describe the coding of its samples.
    if cicp and is_known(cicp) and (is_png or not icc):
        return cicp_profile(cicp, grey=grey)
    if icc or not is_png:
        return icc and (tone_mapped(icc) or icc)
    with decoding(picture.facts.format):
        return _described_profile(image.info, grey=grey)


def _described_profile(info: dict[Any, Any], *, grey: bool) -> bytes | None:
    """Make an ICC profile from gAMA and cHRM; None if they describe sRGB, or are malformed.

    Args:
        info: What Pillow has read from the chunks.
        grey: Whether the pixels have no colour.
    """
    if "srgb" in info or not (info.get("gamma") or info.get("chromaticity")):
        return None
    gamma = info.get("gamma") or _SRGB_GAMMA
    points = info.get("chromaticity")
    primaries = tuple(points) if points and not grey and min(points[1::2]) > _ADAPTIVE_BELOW else SRGB_PRIMARIES
    near = all(abs(a - b) < _NEAR for a, b in zip(primaries, SRGB_PRIMARIES, strict=True))
    if near and abs(gamma - _SRGB_GAMMA) < _NEAR:
        return None
    try:
        return matrix_profile(SRGB_PRIMARIES if near else primaries, gamma_curve(1 / gamma), grey=grey)
    except (ArithmeticError, ValueError, struct.error):  # malformed
        return None
