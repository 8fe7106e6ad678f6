"""Write ICC profiles for pictures that state their primaries and their curve instead of embedding one."""

import struct
from collections.abc import Sequence
from typing import Final

Matrix = tuple[tuple[float, float, float], ...]

SRGB_PRIMARIES: Final = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
"""x and y of white, red, green and blue, as PNG orders them."""

_D50: Final = (0.9642, 1.0, 0.8249)
_BRADFORD: Final[Matrix] = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
SRGB_CURVE: Final = b"para" + struct.pack(
    ">IHH5i", 0, 3, 0, *(round(term * 65_536) for term in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)
"""The curve of sRGB."""

_MAX_GAMMA: Final = 10.0


_SPACE: Final = slice(16, 20)
_COLOURS: Final = frozenset({b"rXYZ", b"gXYZ", b"bXYZ"})


def gamma_curve(gamma: float) -> bytes:
    """Write the curve of a gamma: light is the sample raised to that power."""
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * min(gamma, _MAX_GAMMA))) + bytes(2)


def table_curve(lights: Sequence[float]) -> bytes:
    """Write a curve as a table: the light, 0 to 1, of samples at equal distances from black to white."""
    entries = struct.pack(f">{len(lights)}H", *(round(65_535 * light) for light in lights))
    return b"curv" + bytes(4) + struct.pack(">I", len(lights)) + entries


def matrix_profile(primaries: tuple[float, ...], curve: bytes, *, grey: bool) -> bytes:
    """Write a profile.

    Args:
        primaries: x and y of white, red, green and blue.
        curve: The curve from samples to light.
        grey: Whether it is for greyscale.

    Raises:
        ValueError: The primaries lie on one line.
    """
    tags = {b"desc": _description(), b"cprt": b"text" + bytes(5), b"wtpt": _xyz(_D50)}
    if grey:
        tags[b"kTRC"] = curve
    else:
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
        columns = zip(*_adapted(primaries), strict=True)
        tags |= {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
    return _file(tags, b"GRAY" if grey else b"RGB ")


def with_curves(icc: bytes, tags: dict[bytes, bytes], curve: bytes) -> bytes:
    """Write a profile with the colours of another and a new curve.

    Args:
        icc: The other profile.
        tags: The contents of its tags.
        curve: The curve from samples to light.
    """
    kept = {name: data for name, data in tags.items() if name in _COLOURS}
    curves = (b"kTRC",) if icc[_SPACE] == b"GRAY" else (b"rTRC", b"gTRC", b"bTRC")
    head = {b"desc": _description(), b"cprt": b"text" + bytes(5), b"wtpt": _xyz(_D50)}
    return _file(head | kept | dict.fromkeys(curves, curve), icc[_SPACE])


def _file(tags: dict[bytes, bytes], space: bytes) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += padded
    head = struct.pack(">I4sI4s4s4s", at + len(body), bytes(4), 0x02400000, b"mntr", space, b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(_D50)[8:]
    return head.ljust(128, b"\0") + table + body


def _description() -> bytes:
    text = b"as the file states\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


def _adapted(primaries: tuple[float, ...]) -> Matrix:
    """Return the matrix from light to XYZ, adapted to D50 by Bradford."""
    points = list(zip(primaries[0::2], primaries[1::2], strict=True))
    white, *colours = ((x / y, 1.0, (1 - x - y) / y) for x, y in points)
    columns = _transposed(tuple(colours))
    gains = _applied(_inverse(columns), white)
    to_xyz = tuple(tuple(value * gain for value, gain in zip(row, gains, strict=True)) for row in columns)
    have, want = _applied(_BRADFORD, white), _applied(_BRADFORD, _D50)
    cones = tuple(tuple(value * to / of for value in row) for row, to, of in zip(_BRADFORD, want, have, strict=True))
    return _product(_product(_inverse(_BRADFORD), _matrix(cones)), _matrix(to_xyz))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    if not determinant:
        raise ValueError("The primaries lie on one line.")
    return _matrix(tuple(tuple(value / determinant for value in row) for row in cofactors))


def _product(left: Matrix, right: Matrix) -> Matrix:
    return _transposed(tuple(_applied(left, column) for column in _transposed(right)))


def _transposed(rows: tuple[tuple[float, ...], ...]) -> Matrix:
    return _matrix(tuple(zip(*rows, strict=True)))


def _applied(matrix: Matrix, vector: tuple[float, float, float]) -> tuple[float, float, float]:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def _matrix(rows: tuple[tuple[float, ...], ...]) -> Matrix:
    return tuple((row[0], row[1], row[2]) for row in rows)
