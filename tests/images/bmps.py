"""Write BMPs with bit fields of any layout, or with a palette."""

import struct
from collections.abc import Sequence


def bit_fields(  # noqa: PLR0913 - each is a property in which they differ
    quadrants: Sequence[Sequence[float]],
    masks: tuple[int, int, int, int],
    *,
    bits: int,
    header: int = 40,
    size: tuple[int, int] = (65, 48),
    top_down: bool = False,
) -> bytes:
    """Write a BMP with bit fields.

    Args:
        quadrants: Red, green, blue and, if there is a mask, alpha of the four quadrants, from 0 to 1.
        masks: The bits of each in a pixel.
        bits: Per pixel.
        header: The size of the header in bytes: 40, 52 (V2), 56 (V3), 108 (V4) or 124 (V5).
        size: In pixels.
        top_down: Whether the first row is the uppermost.
    """
    width, height = size
    stored = [sum(_placed(part, mask) for part, mask in zip(pixel, masks, strict=False)) for pixel in quadrants]
    row_bytes = (width * bits + 31) // 32 * 4
    rows = []
    for y in range(height):
        row = (stored[2 * (2 * y >= height) + (2 * x >= width)] for x in range(width))
        rows.append(b"".join(value.to_bytes(bits // 8, "little") for value in row).ljust(row_bytes, b"\0"))
    if not top_down:
        rows.reverse()
    has_alpha = header == 40 and masks[3] != 0
    compression = 6 if has_alpha else 3
    count = 4 if has_alpha or header >= 56 else 3
    stated = struct.pack(f"<{count}I", *masks[:count])
    info = struct.pack(
        "<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression, 0, 0, 0, 0, 0
    )
    head = (info + stated).ljust(max(header, len(info + stated)), b"\0")
    offset = 14 + len(head)
    pixels = b"".join(rows)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + head + pixels


def indexed(colours: Sequence[tuple[int, int, int]], *, header: int = 40, bits: int = 8, compression: int = 0) -> bytes:
    """Write a BMP of 64 x 48 with a palette, whose four quadrants are the first four colours.

    Args:
        colours: Of the palette.
        header: The size of the header in bytes: 12 and 16 are OS/2's short ones.
        bits: Per pixel.
        compression: As BMP numbers it; the pixels are not compressed.
    """
    width, height, rows = 64, 48, []
    for y in reversed(range(height)):
        stored = "".join(format(2 * (2 * y >= height) + (2 * x >= width), f"0{bits}b") for x in range(width))
        rows.append(int(stored, 2).to_bytes(len(stored) // 8, "big"))
    entries = [*colours, *[(0, 0, 0)] * ((1 << min(bits, 8)) - len(colours))]
    palette = b"".join(bytes(colour[::-1]) + bytes(header > 12) for colour in entries)
    pixels = b"".join(rows)
    if header == 12:
        head = struct.pack("<IHHHH", header, width, height, 1, bits)
    else:
        head = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(pixels), 0, 0, 0, 0)
        head = head[:header].ljust(header, b"\0")
    offset = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + head + palette + pixels


def _placed(part: float, mask: int) -> int:
    if not mask:
        return 0
    low = (mask & -mask).bit_length() - 1
    return round(part * (mask >> low)) << low
