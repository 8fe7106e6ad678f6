"""PNG: its chunks, and whether all of its pixels are there, which Pillow does not tell."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.errors import EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.layout import Layout

_HEADER_BYTES: Final = 8
_ALPHA_BIT: Final = 4
_CICP_BYTES: Final = 4
_PACKED_CHUNKS: Final = frozenset({b"iCCP", b"zTXt", b"iTXt"})
_MOST_UNPACKED: Final = 1 << 20  # as Pillow has it

_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# The first pixel of each pass of Adam7, and the distances of its pixels: left, top, across, down.
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_WHOLE: Final = ((0, 0, 1, 1),)
_STEP_BYTES: Final = 1 << 18


def walk_png(source: bytes, *, may_be_cut_off: bool) -> Layout:
    """Read a PNG's size, frames, transparency, EXIF and colours.

    Args:
        source: The whole file.
        may_be_cut_off: Whether it may be truncated; it then counts as one frame.

    Raises:
        EndsTooEarlyError: It is truncated, or has no pixels.
        ValueError: A chunk of metadata unpacks to too much.
    """
    reader = Reader(source, _HEADER_BYTES)
    reader.skip(8)
    width, height, _depth, colour_type = reader.unpack(">IIBB")
    frames, has_alpha, exif, has_pixels = 1, bool(colour_type & _ALPHA_BIT), None, False
    cicp: tuple[int, int, int, int] | None = None
    for kind, data in _chunks(source, may_be_cut_off=may_be_cut_off):
        if kind == b"acTL" and not has_pixels:
            frames = max(1, int.from_bytes(data[:4], "big"))
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"eXIf":
            exif = bytes(data)
        elif kind == b"cICP" and len(data) == _CICP_BYTES and not has_pixels:
            cicp = data[0], data[1], data[2], data[3]
        elif kind == b"IDAT":
            has_pixels = True
        elif kind in _PACKED_CHUNKS:
            _check_unpacked_size(kind, data)
    if may_be_cut_off:
        frames = 1
    if not has_pixels:
        raise EndsTooEarlyError
    return Layout(width=width, height=height, frames=frames, has_alpha=has_alpha, exif=exif, cicp=cicp)


def _check_unpacked_size(kind: bytes, data: memoryview) -> None:
    """Refuse a chunk of metadata that unpacks to more than Pillow allows; what is no zlib stream is left to Pillow.

    Raises:
        ValueError: It unpacks to more.
    """
    parts = bytes(data).split(b"\0", 1)
    packed = parts[-1][1:]
    if kind == b"iTXt":  # after a flag, a method, a language and a translated keyword
        packed = packed[1:].split(b"\0", 2)[-1]
    with suppress(zlib.error):
        if len(zlib.decompressobj().decompress(packed, _MOST_UNPACKED + 1)) > _MOST_UNPACKED:
            raise ValueError(f"its {kind.decode()} chunk unpacks to more than {_MOST_UNPACKED:,} bytes")


def rows_are_missing(source: bytes, image: Image.Image) -> bool:
    """Say whether rows of a PNG are missing that the decoder does not miss.

    Args:
        source: The file.
        image: The decoded image, in which missing rows are zero. Only if the last row is zero, or may be filled by an
            earlier pass, the pixels are unpacked again, to count them.
    """
    width, height, depth, colour_type, *_, interlaced = struct.unpack(">IIBBBBB", source[16:29])
    last = image.crop((0, image.height - 1, image.width, image.height))
    if not interlaced and last.getbbox(alpha_only=False) is not None:
        return False
    bits = depth * _SAMPLES[colour_type]
    wanted = 0
    for left, top, across, down in _PASSES if interlaced else _WHOLE:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        wanted += rows * (1 + -(-columns * bits // 8)) if columns > 0 and rows > 0 else 0
    return wanted > sum(_unpacked_sizes(source, wanted))


def _unpacked_sizes(source: bytes, wanted: int) -> Iterator[int]:
    """Unpack the pixels piece by piece, keeping none, until there are `wanted` bytes."""
    inflate, total = zlib.decompressobj(), 0
    for kind, data in _chunks(source, may_be_cut_off=True):
        packed: bytes | memoryview = data if kind == b"IDAT" else b""
        while packed and total < wanted and not inflate.eof:
            size = len(inflate.decompress(packed, _STEP_BYTES))
            packed, total = inflate.unconsumed_tail, total + size
            yield size


def _chunks(source: bytes, *, may_be_cut_off: bool = False) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the kind and the data of each chunk.

    A still picture may end in any chunk after the first pixels: they may be complete.

    Raises:
        EndsTooEarlyError: The file ends within an earlier chunk, and `may_be_cut_off` is false.
    """
    view, at = memoryview(source), _HEADER_BYTES
    may_end, is_animated = may_be_cut_off, False
    while at + 8 <= len(source):
        length, kind = int.from_bytes(view[at : at + 4], "big"), bytes(view[at + 4 : at + 8])
        if kind == b"IEND":
            return
        if at + 12 + length > len(source) and not may_end:
            raise EndsTooEarlyError
        yield kind, view[at + 8 : at + 8 + length]
        is_animated |= kind == b"acTL"
        may_end |= kind == b"IDAT" and not is_animated
        at += 12 + length
