"""The transfer functions of HDR, PQ and HLG (ITU-R BT.2100), tone-mapped to a screen (BT.2408, BT.2390)."""

from math import exp
from typing import Final

_ENTRIES: Final = 1_024
# cd/m²: white on a page, the highlights of HDR, the most that PQ can encode
_WHITE: Final = 203.0
_PEAK: Final = 1_000.0
_MOST: Final = 10_000.0

_M1: Final = 2_610 / 16_384
_M2: Final = 128 * 2_523 / 4_096
_C1: Final = 3_424 / 4_096
_C2: Final = 32 * 2_413 / 4_096
_C3: Final = 32 * 2_392 / 4_096
_A: Final = 0.17883277
_B: Final = 0.28466892
_C: Final = 0.55991073
_SYSTEM_GAMMA: Final = 1.2  # of a screen of 1,000 cd/m²


def pq_lights() -> list[float]:
    """Return the tone-mapped light, 0 to 1, of PQ's samples."""
    return [_mapped(min(sample / (_ENTRIES - 1), _code(_PEAK))) for sample in range(_ENTRIES)]


def hlg_lights() -> list[float]:
    """Return the tone-mapped light, 0 to 1, of HLG's samples."""
    lights = (_PEAK * hlg_scene(sample / (_ENTRIES - 1)) ** _SYSTEM_GAMMA for sample in range(_ENTRIES))
    return [_mapped(_code(min(light, _PEAK))) for light in lights]


def _mapped(code: float) -> float:
    """Compress what is brighter than about half of white, so that the peak is white: BT.2390's curve, on PQ samples."""
    peak = _code(_PEAK)
    white = _code(_WHITE) / peak
    knee = 1.5 * white - 0.5
    part = code / peak
    if part > knee:
        t = (part - knee) / (1 - knee)
        rising = (2 * t**3 - 3 * t**2 + 1) * knee
        bending = (t**3 - 2 * t**2 + t) * (1 - knee)
        part = rising + bending + (3 * t**2 - 2 * t**3) * white
    return min(1.0, pq_light(part * peak) / _WHITE)


def hlg_scene(sample: float) -> float:
    """Return the light of a scene, 0 to 1, that HLG's sample encodes."""
    return sample * sample / 3 if sample <= 0.5 else (exp((sample - _C) / _A) + _B) / 12  # noqa: PLR2004 - as BT.2100 writes it


def _code(light: float) -> float:
    """Return the PQ sample of a light in cd/m²."""
    power = (light / _MOST) ** _M1
    return float(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def pq_light(code: float) -> float:
    """Return the light in cd/m² that PQ's sample encodes."""
    power = code ** (1 / _M2)
    return float(_MOST * (max(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))
