"""Embedded HDR profiles: their PQ or HLG curves are tone-mapped like those that code points state."""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from thumbpipe.core.imaging.colour.cicp import HLG, PQ, cicp_profile, is_known
from thumbpipe.core.imaging.colour.icc_writer import table_curve, with_curves
from thumbpipe.core.imaging.colour.transfer_functions import hlg_lights, hlg_scene, pq_light, pq_lights

_TAG_COUNT_AT: Final = 128
_ENTRY_BYTES: Final = 12
_MAX_TAGS: Final = 100
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC", b"kTRC")
_LEAST_ENTRIES: Final = 16
_APART: Final = 0.01
_SAMPLES: Final = (0.25, 0.5, 0.6, 0.75, 0.9)


@lru_cache(maxsize=4)
def tone_mapped(icc: bytes) -> bytes | None:
    """Return a profile with the same colours, tone-mapped for a screen; None if the profile is not HDR.

    Args:
        icc: The profile. Its code points (ICC 4.4) or its curves say whether it is HDR.
    """
    tags = _tags(icc)
    cicp = tags.get(b"cicp", b"")[8:12]
    if len(cicp) == 4 and cicp[1] in {PQ, HLG} and is_known((cicp[0], cicp[1], cicp[2], cicp[3])):  # noqa: PLR2004 - four code points
        return cicp_profile((cicp[0], cicp[1], cicp[2], cicp[3]), grey=icc[16:20] == b"GRAY")
    if any(name.startswith((b"A2B", b"D2B")) for name in tags):
        return None  # its tables map to a screen themselves
    curves = {tags[name] for name in _CURVES if name in tags}
    for is_of, lights in ((_is_pq, pq_lights), (_is_hlg, hlg_lights)):
        if curves and all(map(is_of, curves)):
            return with_curves(icc, tags, table_curve(lights()))
    return None


def _tags(icc: bytes) -> dict[bytes, bytes]:
    """Return the contents of a profile's tags; none if it is malformed."""
    try:
        (count,) = struct.unpack_from(">I", icc, _TAG_COUNT_AT)
        entries = [
            struct.unpack_from(">4sII", icc, _TAG_COUNT_AT + 4 + _ENTRY_BYTES * index)
            for index in range(min(count, _MAX_TAGS))
        ]
    except struct.error:
        return {}
    return {name: icc[at : at + size] for name, at, size in entries}


def _is_pq(curve: bytes) -> bool:
    return _is_near(curve, lambda sample: pq_light(sample) / pq_light(1))


def _is_hlg(curve: bytes) -> bool:
    return _is_near(curve, hlg_scene)


def _is_near(curve: bytes, formula: Callable[[float], float]) -> bool:
    """Say whether a table follows a formula; light is a fraction of full light."""
    count = int.from_bytes(curve[8:12], "big")
    if curve[:4] != b"curv" or count < _LEAST_ENTRIES or len(curve) < 12 + 2 * count:
        return False
    found = (struct.unpack_from(">H", curve, 12 + 2 * round(at * (count - 1)))[0] / 65_535 for at in _SAMPLES)
    steps = (round(at * (count - 1)) / (count - 1) for at in _SAMPLES)
    return all(abs(light - formula(step)) < _APART for light, step in zip(found, steps, strict=True))
