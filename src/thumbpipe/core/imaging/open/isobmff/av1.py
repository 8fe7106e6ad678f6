"""The sizes in an AV1 stream, whatever its container says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError
from thumbpipe.core.imaging.open.isobmff.bit_reader import BitReader
from thumbpipe.core.imaging.open.isobmff.budget import Budget

Size = tuple[int, int]

_SEQUENCE_HEADER: Final = 1
_FRAMES: Final = frozenset({3, 6, 7})  # frame header, frame, repeated frame header
_HEAD_BYTES: Final = 512  # 32 operating points of 90 bits, and some
_CHOSEN_BY_FRAME: Final = 2
_KEY_FRAME: Final = 0
_SWITCH_FRAME: Final = 3
_LONG_LEVELS: Final = 7
_SIZE_BYTES: Final = 8
_HAS_EXTENSION: Final = 4
_HAS_SIZE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sequence:
    """The parts of a sequence header that are needed to find sizes."""

    size: Size
    largest: Size
    reduced: bool
    time_bits: int
    id_bits: int
    screen_content: int
    integer_motion: int


def coded_sizes(parts: Iterable[bytes], budget: Budget) -> Iterator[Size]:
    """Yield the size in each sequence header, and the largest possible size of each frame that overrides it.

    Args:
        parts: OBUs, as an item, a sample or an `av1C` box contains them.
        budget: How many OBUs are read.

    Raises:
        DamagedError: They are damaged, or there are too many.
    """
    sequence = None
    for kind, payload in chain.from_iterable(map(_units, parts)):
        budget.spend()
        if kind == _SEQUENCE_HEADER:
            sequence = _sequence(BitReader(payload))
            yield sequence.size
        elif kind in _FRAMES and sequence and not sequence.reduced and _overrides_size(BitReader(payload), sequence):
            yield sequence.largest


def _units(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and the first bytes of each OBU."""
    at = 0
    while at < len(data):
        head = data[at]
        at += 2 if head & _HAS_EXTENSION else 1
        length = len(data) - at
        if head & _HAS_SIZE:
            length, at = _leb128(data, at)
        yield head >> 3 & 15, data[at : at + min(length, _HEAD_BYTES)]
        at += length


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data[at : at + _SIZE_BYTES]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follow
            return value, at + index + 1
    raise DamagedError("an AV1 stream is damaged")


def _sequence(bits: BitReader) -> _Sequence:
    bits.take(3 + 1)
    reduced, time_bits = bits.flag(), 0
    if reduced:
        bits.take(5)
    else:
        time_bits = _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    size = bits.take(width_bits) + 1, bits.take(height_bits) + 1
    id_bits = 0
    if not reduced and bits.flag():
        id_bits = bits.take(4) + 2
        id_bits += bits.take(3) + 1
    bits.take(3)
    screen_content, integer_motion = (_CHOSEN_BY_FRAME, _CHOSEN_BY_FRAME) if reduced else _tools(bits)
    return _Sequence(
        size=size,
        largest=(1 << width_bits, 1 << height_bits),
        reduced=reduced,
        time_bits=time_bits,
        id_bits=id_bits,
        screen_content=screen_content,
        integer_motion=integer_motion,
    )


def _skip_operating_points(bits: BitReader) -> int:
    """Skip the operating points, and return the number of bits of a shown frame's time."""
    delay_bits, time_bits, equal_intervals = 0, 0, False
    if bits.flag():
        bits.take(64)
        equal_intervals = bits.flag()
        if equal_intervals:
            bits.exponential()
        if bits.flag():
            delay_bits = bits.take(5) + 1
            bits.take(32 + 5)
            time_bits = bits.take(5) + 1
    delays_displayed = bits.flag()
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > _LONG_LEVELS:
            bits.take(1)
        if delay_bits and bits.flag():
            bits.take(2 * delay_bits + 1)
        if delays_displayed and bits.flag():
            bits.take(4)
    return 0 if equal_intervals else time_bits


def _tools(bits: BitReader) -> tuple[int, int]:
    """Return when screen content tools and integer motion vectors are used: 0 never, 1 always, 2 by frame."""
    bits.take(4)
    if bits.flag():
        bits.take(2)
    screen_content = _CHOSEN_BY_FRAME if bits.flag() else bits.take(1)
    if not screen_content:
        return 0, _CHOSEN_BY_FRAME
    return screen_content, _CHOSEN_BY_FRAME if bits.flag() else bits.take(1)


def _overrides_size(bits: BitReader, sequence: _Sequence) -> bool:
    """Say whether a frame states its own size, which decoders do not limit to the sequence's."""
    if bits.flag():  # an earlier frame is shown again
        return False
    kind, is_shown = bits.take(2), bits.flag()
    bits.take(sequence.time_bits if is_shown else 1)
    if kind != _SWITCH_FRAME and not (kind == _KEY_FRAME and is_shown):
        bits.take(1)
    bits.take(1)
    screen_content = bits.take(1) if sequence.screen_content == _CHOSEN_BY_FRAME else sequence.screen_content
    if screen_content and sequence.integer_motion == _CHOSEN_BY_FRAME:
        bits.take(1)
    bits.take(sequence.id_bits)
    return kind == _SWITCH_FRAME or bits.flag()
