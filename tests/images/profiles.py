"""Write ICC profiles of version 2: any name, any exponent, any size."""

import math
import struct
from collections.abc import Sequence
from typing import Final

SRGB: Final = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))
"""The colorants of sRGB, adapted to D50."""
_D50: Final = (0.9642, 1.0, 0.8249)


def rgb(
    name: str,
    gamma: float,
    *,
    padding: int = 0,
    lights: Sequence[float] = (),
    cicp: tuple[int, ...] = (),
) -> bytes:
    """Write a profile of sRGB's colorants.

    Args:
        name: Its description.
        gamma: The exponent that converts samples to light.
        padding: The number of unused bytes.
        lights: The light, 0 to 1, of samples at equal distances, instead of an exponent.
        cicp: Its code points, as in ICC 4.4.
    """
    tags = _head(name) | dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, SRGB), strict=True))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _table(lights) if lights else _curve(gamma))
    if cicp:
        tags[b"cicp"] = b"cicp" + bytes(4) + bytes(cicp)
    if padding:
        tags[b"zzzz"] = b"data" + bytes(4) + bytes(padding)
    return _file(b"RGB ", tags)


def grey(name: str, gamma: float) -> bytes:
    """Write a profile for greys."""
    return _file(b"GRAY", _head(name) | {b"kTRC": _curve(gamma)})


def shown(level: float, gamma: float) -> float:
    """Convert a level from 0 to 255 to sRGB, by the formula."""
    light = math.pow(level / 255, gamma)
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * math.pow(light, 1 / 2.4) - 0.055)


def _head(name: str) -> dict[bytes, bytes]:
    text = name.encode() + b"\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    return {b"desc": described, b"cprt": b"text" + bytes(4) + b"CC0\0", b"wtpt": _xyz(_D50)}


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _curve(gamma: float) -> bytes:
    if gamma == 1:
        return b"curv" + bytes(8)
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def _table(lights: Sequence[float]) -> bytes:
    entries = struct.pack(f">{len(lights)}H", *(round(65_535 * light) for light in lights))
    return b"curv" + bytes(4) + struct.pack(">I", len(lights)) + entries


def _file(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    at = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI", at + len(body), b"test", 0x02400000) + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp"
    return head.ljust(68, b"\0") + _xyz(_D50)[8:] + bytes(48) + table + body
