"""The curves of bright films, PQ and HLG (ITU-R BT.2100), down to the light of a screen (BT.2408, BT.2390)."""

from math import exp
from typing import Final

_ENTRIES: Final = 1_024
_WHITE, _PEAK, _MOST = 203.0, 1_000.0, 10_000.0  # cd/m²: a page's white, a film's highlights, what PQ can say

_M1, _M2 = 2_610 / 16_384, 128 * 2_523 / 4_096
_C1, _C2, _C3 = 3_424 / 4_096, 32 * 2_413 / 4_096, 32 * 2_392 / 4_096
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_SYSTEM_GAMMA: Final = 1.2  # of a screen of 1,000 cd/m²


def pq_lights() -> list[float]:
    """Return the light, 0 to 1, of PQ's samples."""
    return [_mapped(min(sample / (_ENTRIES - 1), _code(_PEAK))) for sample in range(_ENTRIES)]


def hlg_lights() -> list[float]:
    """Return the light, 0 to 1, of HLG's samples."""
    lights = (_PEAK * _scene(sample / (_ENTRIES - 1)) ** _SYSTEM_GAMMA for sample in range(_ENTRIES))
    return [_mapped(_code(min(light, _PEAK))) for light in lights]


def _scene(sample: float) -> float:
    return sample * sample / 3 if sample <= 0.5 else (exp((sample - _C) / _A) + _B) / 12  # noqa: PLR2004 (BT.2100's)


def _code(light: float) -> float:
    """Return PQ's sample of a light in cd/m²."""
    power = (light / _MOST) ** _M1
    return float(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def _light(code: float) -> float:
    power = code ** (1 / _M2)
    return float(_MOST * (max(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def _mapped(code: float) -> float:
    """Bend what is brighter than some half of white, so that the peak is white: BT.2390's curve, on PQ's samples."""
    peak = _code(_PEAK)
    white = _code(_WHITE) / peak
    knee = 1.5 * white - 0.5
    part = code / peak
    if part > knee:
        t = (part - knee) / (1 - knee)
        rising = (2 * t**3 - 3 * t**2 + 1) * knee
        bending = (t**3 - 2 * t**2 + t) * (1 - knee)
        part = rising + bending + (3 * t**2 - 2 * t**3) * white
    return min(1.0, _light(part * peak) / _WHITE)
