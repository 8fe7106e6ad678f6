"""The sizes in an HEVC stream, whatever its container says."""

from collections.abc import Iterator
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError
from thumbpipe.core.imaging.open.isobmff.bit_reader import BitReader
from thumbpipe.core.imaging.open.isobmff.budget import Budget

Size = tuple[int, int]

_SEQUENCE_PARAMETERS: Final = 33
_HEAD_BYTES: Final = 256
_CONFIGURATION_BYTES: Final = 23
_LENGTH_SIZE_AT: Final = 21
_FOUR_FOUR_FOUR: Final = 3
_SUB_LAYERS: Final = 8
_MAX_BLOCK: Final = 64
_CHROMA_STEPS: Final = {1: (2, 2), 2: (2, 1)}
"""The units of cropping, in pixels, by chroma format: 4:2:0 and 4:2:2 (ITU-T H.265, table 6-1)."""


def configured_units(box: bytes, budget: Budget) -> Iterator[bytes]:
    """Yield the NAL units in an `hvcC` box.

    Args:
        box: Its content.
        budget: How many units are read.

    Raises:
        DamagedError: It is damaged, or has too many.
    """
    if len(box) < _CONFIGURATION_BYTES:
        raise DamagedError("an hvcC box is too short")
    at = _CONFIGURATION_BYTES
    for _ in range(box[_CONFIGURATION_BYTES - 1]):
        count = int.from_bytes(box[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            budget.spend()
            length = int.from_bytes(box[at : at + 2], "big")
            if at + 2 + length > len(box):
                raise DamagedError("an hvcC box is damaged")
            yield box[at + 2 : at + 2 + length]
            at += 2 + length


def length_bytes(box: bytes) -> int:
    """Return the number of bytes of a unit's length in the images that an `hvcC` box describes."""
    return (box[_LENGTH_SIZE_AT] & 3) + 1 if len(box) > _LENGTH_SIZE_AT else 4


def units(data: bytes, length_bytes: int, budget: Budget) -> Iterator[bytes]:
    """Yield the first bytes of each NAL unit of an image.

    Args:
        data: The image's stream.
        length_bytes: As the function of that name returns it.
        budget: How many units are read.

    Raises:
        DamagedError: There are too many.
    """
    at = 0
    while at + length_bytes < len(data):
        budget.spend()
        length = int.from_bytes(data[at : at + length_bytes], "big")
        at += length_bytes
        yield data[at : at + min(length, _HEAD_BYTES)]
        at += length


def coded_sizes(stream: Iterator[bytes]) -> Iterator[Size]:
    """Yield the size in each sequence parameter set, without the padding to whole blocks.

    Args:
        stream: NAL units, or the first bytes of each.

    Raises:
        DamagedError: They are damaged.
    """
    for unit in stream:
        if len(unit) > 2 and unit[0] >> 1 & 63 == _SEQUENCE_PARAMETERS:  # noqa: PLR2004 - the header of a unit
            yield _size(BitReader(unit[2:_HEAD_BYTES].replace(b"\0\0\3", b"\0\0")))


def _size(bits: BitReader) -> Size:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + 96)
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.take(2 * (_SUB_LAYERS - layers))
    for has_profile, has_level in present:
        bits.take(88 * has_profile + 8 * has_level)
    bits.exponential()
    chroma = bits.exponential()
    if chroma == _FOUR_FOUR_FOUR:
        bits.take(1)
    width, height = bits.exponential(), bits.exponential()
    if not bits.flag():
        return width, height
    left, right, top, bottom = (bits.exponential() for _ in range(4))
    across, down = _CHROMA_STEPS.get(chroma, (1, 1))
    return _without_padding(width, across * (left + right)), _without_padding(height, down * (top + bottom))


def _without_padding(length: int, cropped: int) -> int:
    """Subtract padding: encoders pad to whole blocks. What is cropped beyond that is decoded like the rest."""
    return length - cropped if cropped < _MAX_BLOCK else length
