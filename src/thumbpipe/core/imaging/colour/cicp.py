"""ICC profiles from code points (ITU-T H.273), as in PNG's cICP and in the nclx of AVIF and HEIC.

HDR (PQ and HLG) is tone-mapped from 1,000 cd/m² to a screen's 203, by the curve of ITU-R BT.2390, channel by channel,
so that mid-tones do not turn grey, nor highlights flat.
"""

from functools import cache
from typing import Final

from thumbpipe.core.imaging.colour.icc_writer import (
    SRGB_CURVE,
    SRGB_PRIMARIES,
    gamma_curve,
    matrix_profile,
    table_curve,
)
from thumbpipe.core.imaging.colour.transfer_functions import hlg_lights, pq_lights

Cicp = tuple[int, int, int, int]

_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
# x and y of white, red, green and blue.
_PRIMARIES: Final = {
    1: SRGB_PRIMARIES,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
_SRGB: Final = 1
# The curves of television (1, 6, 14, 15) describe cameras; as in browsers, sRGB's is used to show them.
_LIKE_SRGB: Final = frozenset({1, 6, 13, 14, 15})
_GAMMAS: Final = {4: 2.2, 5: 2.8, 8: 1.0}
PQ: Final = 16
HLG: Final = 18


@cache
def cicp_profile(cicp: Cicp, *, grey: bool) -> bytes | None:
    """Make an ICC profile; None if the colours are sRGB's, or of an unknown kind.

    Args:
        cicp: Primaries, transfer, matrix and range. The decoders have applied the last two.
        grey: Whether the picture is greyscale.
    """
    primaries, transfer, *_ = cicp
    if not is_known(cicp) or (primaries == _SRGB and transfer in _LIKE_SRGB):
        return None
    return matrix_profile(_PRIMARIES[primaries], _curve(transfer), grey=grey)


def is_known(cicp: Cicp) -> bool:
    """Say whether code points state colours of a known kind."""
    primaries, transfer, *_ = cicp
    return primaries in _PRIMARIES and transfer in _LIKE_SRGB | _GAMMAS.keys() | {PQ, HLG}


def _curve(transfer: int) -> bytes:
    if transfer in _GAMMAS:
        return gamma_curve(_GAMMAS[transfer])
    if transfer == PQ:
        return table_curve(pq_lights())
    return table_curve(hlg_lights()) if transfer == HLG else SRGB_CURVE
