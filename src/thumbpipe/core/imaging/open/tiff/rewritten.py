"""TIFFs with a new directory for the same pixels, so that libvips returns the samples as they are stored.

libvips has libtiff undo every compression; but either interprets only some layouts, and some of those wrongly. The new
directory declares plain samples, which both return unchanged; `decode.tiff_samples` interprets them.
"""

import struct
import zlib
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from thumbpipe.core.imaging.open.tiff.layout import Colours, SampleFormat, Tag, TiffLayout
from thumbpipe.core.imaging.open.tiff.tags import Numbers

WHOLE_BYTES: Final = frozenset({8, 16, 32})
"""Depths that libvips reads as they are; samples of other depths are returned as the bytes that contain them."""

LZMA: Final = 34_925
_DEFLATE: Final = 8
_MAX_LZMA_BYTES: Final = 1 << 27
_HEAD_BYTES: Final = 16
_SHORT: Final = 3
_LONG: Final = 4
_LONG_8: Final = 16
_CODES: Final = {_SHORT: "H", _LONG: "I", _LONG_8: "Q"}
_NO_PREDICTOR: Final = 1
_TURNED_BITS: Final = 2
_TURNED: Final = bytes(int(format(byte, "08b")[::-1], 2) for byte in range(256))
_TILE_STEP: Final = 16


def is_stacked(layout: TiffLayout) -> bool:
    """Say whether tiles are returned stacked, because libvips does not support their size in bytes."""
    return layout.is_tiled and (layout.bits not in WHOLE_BYTES or any(edge % _TILE_STEP for edge in layout.block))


def rewritten(layout: TiffLayout, plane: int) -> bytes:
    """Write a TIFF with the same compressed blocks.

    Args:
        layout: The original's.
        plane: The index of the plane; 0 if it has no planes.
    """
    blocks = _blocks(layout, plane)
    has_tiles = layout.is_tiled and not is_stacked(layout)
    entries: dict[int, tuple[int, ...]] = {
        Tag.COMPRESSION: (blocks.compression,),
        Tag.FILL_ORDER: (1 if layout.compression == LZMA else layout.tags.number(Tag.FILL_ORDER, 1),),
        Tag.PLANAR: (1,),
        Tag.PHOTOMETRIC: (Colours.BLACK_IS_ZERO,),
        (Tag.TILE_OFFSETS if has_tiles else Tag.STRIP_OFFSETS): blocks.offsets,
        (Tag.TILE_BYTES if has_tiles else Tag.STRIP_BYTES): blocks.lengths,
        **_sizes(layout),
        **_samples(layout),
    }
    return _with_table(layout, entries, blocks.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocks:
    """The blocks of a plane, in the file or in one like it."""

    source: bytes
    offsets: Numbers
    lengths: Numbers
    compression: int


def _blocks(layout: TiffLayout, plane: int) -> _Blocks:
    count, source = layout.blocks_a_plane, layout.tags.source
    places = slice(plane * count, (plane + 1) * count) if layout.has_planes else slice(count)
    offsets = layout.offsets[places]
    lengths = layout.lengths[places]
    if layout.compression != LZMA:
        return _Blocks(source=source, offsets=offsets, lengths=lengths, compression=layout.compression)
    # The libtiff within libvips was built without LZMA; Deflate at level 0 holds the bytes as they are.
    head = source[:_HEAD_BYTES]
    packed = [
        zlib.compress(_unpacked(source[at : at + length], layout), 0)
        for at, length in zip(offsets, lengths, strict=False)
    ]
    starts = accumulate(map(len, packed), initial=len(head))
    return _Blocks(
        source=head + b"".join(packed),
        offsets=tuple(starts)[:-1],
        lengths=tuple(map(len, packed)),
        compression=_DEFLATE,
    )


def _unpacked(block: bytes, layout: TiffLayout) -> bytes:
    import lzma  # noqa: PLC0415 - only these files need it

    samples = 1 if layout.has_planes else layout.samples
    if layout.tags.number(Tag.FILL_ORDER, 1) == _TURNED_BITS:
        block = block.translate(_TURNED)
    needed = -(-layout.block[0] * samples * layout.bits // 8) * layout.block[1]
    try:
        return lzma.LZMADecompressor(memlimit=_MAX_LZMA_BYTES).decompress(block, max_length=needed)
    except lzma.LZMAError:
        return b""  # damaged: too few bytes, which reading them reports


def _sizes(layout: TiffLayout) -> dict[int, tuple[int, ...]]:
    """State the picture's size, and that of strips or tiles."""
    (width, height), (block_width, rows) = layout.size, layout.block
    if is_stacked(layout):
        width, height = block_width, rows * layout.blocks_a_plane
    if layout.bits not in WHOLE_BYTES:
        samples = 1 if layout.has_planes else layout.samples
        width = -(-width * samples * layout.bits // 8)
    entries: dict[int, tuple[int, ...]] = {Tag.WIDTH: (width,), Tag.HEIGHT: (height,)}
    if layout.is_tiled and not is_stacked(layout):
        return entries | {Tag.TILE_WIDTH: (block_width,), Tag.TILE_HEIGHT: (rows,)}
    return entries | {Tag.STRIP_ROWS: (rows,)}


def _samples(layout: TiffLayout) -> dict[int, tuple[int, ...]]:
    """State the samples: as they are, or as bytes."""
    samples = 1 if layout.has_planes else layout.samples
    bits, kind, predictor = layout.bits, layout.format, layout.tags.number(Tag.PREDICTOR, _NO_PREDICTOR)
    if bits not in WHOLE_BYTES:
        bits, kind, samples, predictor = 8, SampleFormat.UNSIGNED, 1, _NO_PREDICTOR
    entries: dict[int, tuple[int, ...]] = {
        Tag.BITS: (bits,) * samples,
        Tag.SAMPLES: (samples,),
        Tag.SAMPLE_FORMAT: (kind,) * samples,
        Tag.PREDICTOR: (predictor,),
    }
    return entries | ({Tag.EXTRA_SAMPLES: (0,) * (samples - 1)} if samples > 1 else {})


_WIDE: Final = frozenset({Tag.STRIP_OFFSETS, Tag.STRIP_BYTES, Tag.TILE_OFFSETS, Tag.TILE_BYTES})
_SIZES: Final = frozenset({Tag.WIDTH, Tag.HEIGHT, Tag.STRIP_ROWS, Tag.TILE_WIDTH, Tag.TILE_HEIGHT})


def _with_table(layout: TiffLayout, values: dict[int, tuple[int, ...]], source: bytes) -> bytes:
    """Append a directory to the file, and point the header to it."""
    order, is_big = layout.tags.order, layout.tags.is_big
    head, count_code, pointer = (8, "Q", "Q") if is_big else (4, "H", "I")
    at = len(source) + len(source) % 2
    entry_bytes, inline = (20, 8) if is_big else (12, 4)
    behind = at + struct.calcsize(order + count_code) + entry_bytes * len(values) + inline
    table, outside = struct.pack(order + count_code, len(values)), b""
    for tag, numbers in sorted(values.items()):
        kind = (_LONG_8 if is_big else _LONG) if tag in _WIDE else _LONG if tag in _SIZES else _SHORT
        packed = struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers)
        if len(packed) > inline:
            place = struct.pack(order + pointer, behind + len(outside))
            outside += packed + bytes(len(packed) % 2)
        else:
            place = packed.ljust(inline, b"\0")
        table += struct.pack(f"{order}HH{pointer}", tag, kind, len(numbers)) + place
    start = source[:head] + struct.pack(order + pointer, at) + source[head + inline :]
    return start + bytes(len(source) % 2) + table + bytes(inline) + outside
