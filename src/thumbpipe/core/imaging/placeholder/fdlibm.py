"""The cosine of Sun's fdlibm, which JavaScript engines use, to the last bit and alike on every platform.

C libraries round one value in thirty otherwise. Where a ThumbHash depends on the last bit (see `thumbhash`), that would
show. The names of the constants are fdlibm's.
"""

import struct
from math import pi
from typing import Final

_INV_PIO2: Final = 6.36619772367581382433e-01
# π/2 in pieces of 33 bits: each product with a small integer is exact. `…T` is what remains after a piece.
_PIO2_1: Final = 1.57079632673412561417e00
_PIO2_1T: Final = 6.07710050650619224932e-11
_PIO2_2: Final = 6.07710050630396597660e-11
_PIO2_2T: Final = 2.02226624879595063154e-21
_C: Final = (
    -1.13596475577881948265e-11,
    2.08757232129817482790e-09,
    -2.75573143513906633035e-07,
    2.48015872894767294178e-05,
    -1.38888888888741095749e-03,
    4.16666666666666019037e-02,
)
_S1: Final = -1.66666666666666324348e-01
_S: Final = (
    1.58969099521155010221e-10,
    -2.50507602534068634195e-08,
    2.75573137070700676789e-06,
    -1.98412698298579493134e-04,
    8.33333333332248946124e-03,
)
_QUARTER_PI: Final = 0x3FE921FB  # high words of doubles, by which fdlibm compares
_TINY: Final = 0x3E400000
_THREE_TENTHS: Final = 0x3FD33333
_LARGEST_SPLIT: Final = 0x3FE90000
_LOST_BITS: Final = 16


def cos(x: float) -> float:
    """Return the cosine of 0 ≤ x < 50."""
    if _high_word(x) <= _QUARTER_PI:
        return _kernel_cos(x, 0.0)
    quadrant, head, tail = _reduced(x)
    value = _kernel_sin(head, tail) if quadrant % 2 else _kernel_cos(head, tail)
    return -value if quadrant % 4 in {1, 2} else value


def _high_word(x: float) -> int:
    return int.from_bytes(struct.pack(">d", x)[:4], "big") & 0x7FFFFFFF


def _reduced(x: float) -> tuple[int, float, float]:
    """Take the nearest multiple of π/2 away; the rest is the sum of a head and a tail."""
    n = int(x * _INV_PIO2 + 0.5)
    rest, correction = x - n * _PIO2_1, n * _PIO2_1T
    head = rest - correction
    near = _high_word(x) == _high_word(n * (pi / 2))
    if near and (_high_word(x) >> 20) - (_high_word(head) >> 20) > _LOST_BITS:
        whole, correction = rest, n * _PIO2_2
        rest = whole - correction
        correction = n * _PIO2_2T - ((whole - rest) - correction)
        head = rest - correction
    return n, head, (rest - head) - correction


def _kernel_cos(x: float, y: float) -> float:
    high = _high_word(x)
    if high < _TINY:
        return 1.0
    z = x * x
    series = z * _polynomial(_C, z)
    if high < _THREE_TENTHS:
        return 1.0 - (0.5 * z - (series * z - x * y))
    split = 0.28125 if high > _LARGEST_SPLIT else struct.unpack(">d", struct.pack(">II", high - 0x00200000, 0))[0]
    return float((1.0 - split) - ((0.5 * z - split) - (z * series - x * y)))


def _kernel_sin(x: float, y: float) -> float:
    z = x * x
    v = z * x
    return x - ((z * (0.5 * y - v * _polynomial(_S, z)) - y) - v * _S1)


def _polynomial(coefficients: tuple[float, ...], z: float) -> float:
    total = 0.0
    for coefficient in coefficients:
        total = coefficient + z * total
    return total
