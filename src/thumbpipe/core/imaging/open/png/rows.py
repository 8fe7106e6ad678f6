"""Whether all pixels of a PNG are there, which Pillow does not check."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.open.png.chunks import png_chunk, png_chunks

_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Where each pass of Adam7 begins and how far its pixels are apart: left, top, across, down.
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_WHOLE: Final = ((0, 0, 1, 1),)
_STEP_BYTES: Final = 1 << 18
_AFTER_LAST: Final = 1  # a truncated chunk has no checksum


def rows_are_missing(source: bytes, image: Image.Image) -> bool:
    """Say whether a PNG's pixels end before its last row, which its decoder did not report.

    Args:
        source: The file.
        image: The decoded image. Missing rows are zero in it: only if the last one is, or may be of an earlier pass,
            are the pixels unpacked again to count them.
    """
    *_, interlaced = struct.unpack(">IIBBBBB", source[16:29])
    last = image.crop((0, image.height - 1, image.width, image.height))
    if not interlaced and last.getbbox(alpha_only=False) is not None:
        return False
    wanted = _wanted_bytes(source)
    return wanted > sum(map(len, _unpacked(source, wanted)))


def with_all_rows(source: bytes) -> bytes | None:
    """Complete a PNG that ends within its pixels' last bytes; None if a row is missing.

    Decoders do not always return the last rows before the stream has ended.
    """
    wanted = _wanted_bytes(source)
    deflate, packed, count = zlib.compressobj(1), [], 0
    for piece in _unpacked(source, wanted):
        packed.append(deflate.compress(piece))
        count += len(piece)
    if count < wanted:
        return None
    first = next(chunk for chunk in png_chunks(source, may_be_cut_off=True) if chunk.kind == b"IDAT")
    data = b"".join([*packed, deflate.flush()])
    return source[: first.start] + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def _wanted_bytes(source: bytes) -> int:
    """Return how many bytes the filtered rows of a PNG have, in all its passes."""
    width, height, depth, colour_type, *_, interlaced = struct.unpack(">IIBBBBB", source[16:29])
    bits, wanted = depth * _SAMPLES[colour_type], 0
    for left, top, across, down in _PASSES if interlaced else _WHOLE:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        wanted += rows * (1 + -(-columns * bits // 8)) if columns > 0 and rows > 0 else 0
    return wanted


def _unpacked(source: bytes, wanted: int) -> Iterator[bytes]:
    """Unpack the pixels piece by piece until there are as many as wanted."""
    inflate, total = zlib.decompressobj(), 0
    for kind, data, *_ in png_chunks(source, may_be_cut_off=True):
        packed: bytes | memoryview = data if kind == b"IDAT" else b""
        while packed and total < wanted and not inflate.eof:
            piece = inflate.decompress(packed, _STEP_BYTES)
            packed, total = inflate.unconsumed_tail, total + len(piece)
            yield piece


def pixels_are_damaged(source: bytes) -> bool:
    """Say whether the checksum of a chunk of pixels is wrong, which Pillow does not check."""
    return any(
        chunk.kind == b"IDAT" and chunk.end <= len(source) - _AFTER_LAST and not chunk.is_whole(source)
        for chunk in png_chunks(source, may_be_cut_off=True)
    )
