"""Write TIFFs in every layout of samples: depths, byte orders, planes, tiles, compressions."""

import lzma
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

WHITE_IS_ZERO: Final = 0
BLACK_IS_ZERO: Final = 1
RGB: Final = 2
PALETTE: Final = 3
INKS: Final = 5
YCBCR: Final = 6
LAB: Final = 8
LAB_OF_ICC: Final = 9
UNSIGNED: Final = 1
FLOAT: Final = 3
NONE: Final = 1
LZW: Final = 5
DEFLATE: Final = 8
PACKBITS: Final = 32_773
OLD_DEFLATE: Final = 32_946
LZMA: Final = 34_925

CARD: Final = ((220, 30, 30), (30, 200, 30), (30, 30, 220), (240, 240, 240))
"""The colours of the four quadrants: top left, top right, bottom left, bottom right."""

_Pixel: TypeAlias = Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiff:
    """The content and the layout of a TIFF.

    Attributes:
        quadrants: The samples of each quadrant's pixels, from 0 to 1; whole numbers if `raw`.
        size: In pixels.
        bits: Per sample.
        order: The byte order, as `struct` writes it.
        photometric: The photometric interpretation.
        format: The sample format: unsigned or float.
        planes: Whether each sample has a plane of its own.
        rows: Rows per strip; 0 for one strip.
        tile: Width and height of the tiles; None for strips.
        compression: As TIFF numbers it.
        predictor: 1 for none, 2 for horizontal differencing.
        extra: The kinds of the samples after the colours.
        fill_order: 2 reverses the bits of each byte.
        big: Whether it is a BigTIFF.
        tags: Tags of shorts or bytes that are added, or replace others; an empty one removes the tag.
        raw: Whether samples are stored as they are given.
    """

    quadrants: Sequence[_Pixel]
    size: tuple[int, int] = (64, 48)
    bits: int = 8
    order: str = "<"
    photometric: int = RGB
    format: int = UNSIGNED
    planes: bool = False
    rows: int = 0
    tile: tuple[int, int] | None = None
    compression: int = NONE
    predictor: int = 1
    extra: tuple[int, ...] = ()
    fill_order: int = 1
    big: bool = False
    tags: Mapping[int, tuple[int, ...] | bytes] | None = None
    raw: bool = False

    @property
    def samples(self) -> int:
        return len(self.quadrants[0])


def card(alpha: float | None = None) -> list[list[float]]:
    """Return the card's samples, from 0 to 1."""
    return [[level / 255 for level in colour] + ([] if alpha is None else [alpha]) for colour in CARD]


def written(tiff: Tiff) -> bytes:
    """Write a TIFF."""
    blocks = [
        _compressed(tiff, _block(tiff, plane, left, top))
        for plane in (range(tiff.samples) if tiff.planes else (None,))
        for top in range(0, tiff.size[1], _block_size(tiff)[1])
        for left in range(0, tiff.size[0], _block_size(tiff)[0])
    ]
    if tiff.fill_order == 2:
        blocks = [block.translate(_TURNED) for block in blocks]
    return _file(tiff, blocks)


def _block_size(tiff: Tiff) -> tuple[int, int]:
    return tiff.tile or (tiff.size[0], tiff.rows or tiff.size[1])


def _block(tiff: Tiff, plane: int | None, left: int, top: int) -> list[list[int | float]]:
    """Return rows of stored numbers."""
    width, height = _block_size(tiff)
    if not tiff.tile:
        height = min(height, tiff.size[1] - top)
    stored = [[_stored(tiff, sample) for sample in pixel] for pixel in tiff.quadrants]
    rows = []
    for y in range(top, top + height):
        row: list[int | float] = []
        for x in range(left, left + width):
            pixel = stored[2 * (2 * y >= tiff.size[1]) + (2 * x >= tiff.size[0])]
            row += pixel if plane is None else [pixel[plane]]
        rows.append(row)
    return rows


def _stored(tiff: Tiff, sample: float) -> int | float:
    if tiff.raw or tiff.format == FLOAT:
        return sample
    return round(sample * ((1 << tiff.bits) - 1))


def _compressed(tiff: Tiff, rows: list[list[int | float]]) -> bytes:
    step = 1 if tiff.planes else tiff.samples
    if tiff.predictor == 2:
        rows = [
            [(value - (row[at - step] if at >= step else 0)) % (1 << tiff.bits) for at, value in enumerate(row)]
            for row in rows
        ]
    return _COMPRESS[tiff.compression](b"".join(_packed(tiff, row) for row in rows))


def _packed(tiff: Tiff, row: Sequence[int | float]) -> bytes:
    codes = {(8, UNSIGNED): "B", (16, UNSIGNED): "H", (32, UNSIGNED): "I", (16, FLOAT): "e", (32, FLOAT): "f"}
    code = codes.get((tiff.bits, tiff.format))
    if code:
        return struct.pack(f"{tiff.order}{len(row)}{code}", *row)
    if tiff.bits == 24:
        return b"".join(int(value).to_bytes(3, "little" if tiff.order == "<" else "big") for value in row)
    bits = "".join(format(int(value), f"0{tiff.bits}b") for value in row)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


_TURNED: Final = bytes(int(format(byte, "08b")[::-1], 2) for byte in range(256))


def _packbits(data: bytes) -> bytes:
    return b"".join(bytes([len(data[at : at + 128]) - 1]) + data[at : at + 128] for at in range(0, len(data), 128))


def _lzw(data: bytes) -> bytes:
    """Compress as TIFF does: codes of 9 to 12 bits, from the highest bit on."""
    bits, table, width, prefix = [format(256, "09b")], {bytes([at]): at for at in range(256)}, 9, b""
    for byte in data:
        longer = prefix + bytes([byte])
        if longer in table:
            prefix = longer
            continue
        bits.append(format(table[prefix], f"0{width}b"))
        table[longer] = len(table) + 2
        width = max(width, (len(table) + 2).bit_length())
        prefix = bytes([byte])
        if len(table) + 2 >= 4094:
            bits.append(format(256, f"0{width}b"))
            table, width = {bytes([at]): at for at in range(256)}, 9
    if prefix:
        bits.append(format(table[prefix], f"0{width}b"))
        width = max(width, (len(table) + 3).bit_length())
    bits.append(format(257, f"0{width}b"))
    joined = "".join(bits)
    joined += "0" * (-len(joined) % 8)
    return int(joined, 2).to_bytes(len(joined) // 8, "big")


_COMPRESS: Final[dict[int, Callable[[bytes], bytes]]] = {
    NONE: bytes,
    LZW: _lzw,
    DEFLATE: zlib.compress,
    OLD_DEFLATE: zlib.compress,
    PACKBITS: _packbits,
    LZMA: lzma.compress,
}


def ycbcr(
    subsampling: tuple[int, int], *, order: str = "<", rows: int = 0, compression: int = NONE, is_stated: bool = True
) -> bytes:
    """Write the card as luma and chroma, which so many pixels share across and down."""
    across, down = subsampling
    tags = {530: subsampling} if is_stated else {}
    tiff = Tiff(
        quadrants=((0, 0, 0),) * 4, photometric=YCBCR, rows=rows, order=order, compression=compression, tags=tags
    )
    (width, height), blocks = tiff.size, []
    for top in range(0, height, rows or height):
        block = b""
        for y in range(top, min(height, top + (rows or height)), down):
            for x in range(0, width, across):
                luma, *chroma = _ycbcr(CARD[2 * (2 * y >= height) + (2 * x >= width)])
                block += bytes([luma] * (across * down) + chroma)
        blocks.append(_COMPRESS[compression](block))
    return _file(tiff, blocks)


def _ycbcr(colour: tuple[int, int, int]) -> list[int]:
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return [round(luma), round((blue - luma) / 1.772 + 128), round((red - luma) / 1.402 + 128)]


def _file(tiff: Tiff, blocks: list[bytes]) -> bytes:
    order, big = tiff.order, tiff.big
    data = b"".join(block + bytes(len(block) % 2) for block in blocks)
    head_bytes = 16 if big else 8
    offsets, at = [], head_bytes
    for block in blocks:
        offsets.append(at)
        at += len(block) + len(block) % 2
    place, length = (324, 325) if tiff.tile else (273, 279)
    values: dict[int, tuple[str, tuple[int, ...]]] = {
        256: ("I", tiff.size[:1]),
        257: ("I", tiff.size[1:]),
        258: ("H", (tiff.bits,) * tiff.samples),
        259: ("H", (tiff.compression,)),
        262: ("H", (tiff.photometric,)),
        place: ("I", tuple(offsets)),
        277: ("H", (tiff.samples,)),
        length: ("I", tuple(map(len, blocks))),
    }
    values |= (
        {322: ("I", tiff.tile[:1]), 323: ("I", tiff.tile[1:])}
        if tiff.tile
        else {278: ("I", (tiff.rows or tiff.size[1],))}
    )
    further = {
        266: (tiff.fill_order,) if tiff.fill_order != 1 else (),
        284: (2,) if tiff.planes else (),
        317: (tiff.predictor,) if tiff.predictor != 1 else (),
        338: tiff.extra,
        339: (tiff.format,) * tiff.samples if tiff.format != UNSIGNED else (),
        **(tiff.tags or {}),
    }
    values |= {tag: ("B" if isinstance(given, bytes) else "H", tuple(given)) for tag, given in further.items()}
    values = {tag: each for tag, each in values.items() if each[1]}
    count, pointer, entry, inline = ("Q", "Q", "HHQ", 8) if big else ("H", "I", "HHI", 4)
    behind = at + struct.calcsize(order + count) + len(values) * (20 if big else 12) + struct.calcsize(order + pointer)
    table, outside = struct.pack(order + count, len(values)), b""
    for tag, (code, numbers) in sorted(values.items()):
        content = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        table += struct.pack(order + entry, tag, {"B": 7, "H": 3, "I": 4}[code], len(numbers))
        if len(content) <= inline:
            table += content.ljust(inline, b"\0")
        else:
            table += struct.pack(order + pointer, behind + len(outside))
            outside += content + bytes(len(content) % 2)
    table += struct.pack(order + pointer, 0)
    mark = b"II" if order == "<" else b"MM"
    head = mark + (struct.pack(order + "HHHQ", 43, 8, 0, at) if big else struct.pack(order + "HI", 42, at))
    return head + data + table + outside
