"""The boxes of AVIF and HEIC."""

import struct
from collections.abc import Iterator
from typing import Final

from thumbpipe.core.reader import Reader

_TO_THE_END, _LENGTH_FOLLOWS = 0, 1
_ITEM_ENTRY, _SIZE = b"infe", b"ispe"
_SIZE_BYTES: Final = 16


def read_boxes(source: bytes) -> tuple[int, int]:
    """Look that the outermost boxes are there to their ends: the decoders do not tell.

    Returns:
        The width and the height of the largest picture that is announced: of the whole, or a tile, or a mask.

    Raises:
        EndsTooEarlyError: They are not.
        ValueError: An item's type or name is no text.
    """
    reader, sizes = Reader(source, 0), [(1, 1)]
    while not reader.at_end:
        start = reader.at
        (length,) = reader.unpack(">I")
        kind = reader.take(4)
        if length == _LENGTH_FOLLOWS:
            (length,) = reader.unpack(">Q")
        end = len(source) if length == _TO_THE_END else start + length
        reader.skip(max(0, end - reader.at))
        if kind == b"meta":
            _require_item_names_to_be_text(source, start, end)
            sizes += _announced_sizes(source, start, end)
    return max(sizes, key=lambda size: size[0] * size[1])


def _announced_sizes(source: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = source.find(_SIZE, start, end)
    while 0 <= at <= len(source) - _SIZE_BYTES:
        width, height = struct.unpack(">II", source[at + 8 : at + _SIZE_BYTES])
        yield width, height
        at = source.find(_SIZE, at + 4, end)


def _require_item_names_to_be_text(source: bytes, start: int, end: int) -> None:
    """Refuse what pi_heif 1.4.0 dies of (SIGSEGV): an item whose type or name is no UTF-8."""
    at = source.find(_ITEM_ENTRY, start, end)
    while at >= 0:
        length = int.from_bytes(source[at - 4 : at], "big")
        source[at + 12 : at - 4 + length].decode()
        at = source.find(_ITEM_ENTRY, at + 4, end)
