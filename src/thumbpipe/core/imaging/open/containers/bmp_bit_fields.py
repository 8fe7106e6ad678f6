"""BMPs that state where each channel lies in a pixel, in layouts that Pillow lacks (444, 4444, 1010102, …)."""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, cast

from PIL import Image, ImageFile, ImageMath

_OFFSET_AT: Final = 10
_HEADER_AT: Final = 14
_INFO_BYTES: Final = 40
_MASKS_AT: Final = 54
_ALPHA_HEADER_BYTES: Final = 56
_BIT_FIELDS: Final = 3
_ALPHA_BIT_FIELDS: Final = 6
_DEPTHS: Final = frozenset({16, 32})
_BAND_PIXELS: Final = 250_000
_MOST_BITS: Final = 16
_OPAQUE: Final = 255
_PILLOWS: Final = frozenset(
    {
        (16, 0xF800, 0x7E0, 0x1F, 0),
        (16, 0x7C00, 0x3E0, 0x1F, 0),
        (32, 0xFF0000, 0xFF00, 0xFF, 0),
        (32, 0xFF000000, 0xFF0000, 0xFF00, 0),
        (32, 0xFF000000, 0xFF00, 0xFF, 0),
        (32, 0xFF000000, 0xFF0000, 0xFF00, 0xFF),
        (32, 0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        (32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        (32, 0xFF000000, 0xFF00, 0xFF, 0xFF0000),
        (32, 0, 0, 0, 0),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BitFields:
    """The layout of a BMP with bit fields.

    Attributes:
        size: In pixels.
        is_top_down: Whether the first row is the uppermost.
        bits: Per pixel.
        masks: The bits of red, green, blue and, unless it is 0, alpha.
        offset: Where the pixels begin.
    """

    size: tuple[int, int]
    is_top_down: bool
    bits: int
    masks: tuple[int, int, int, int]
    offset: int

    @property
    def row_bytes(self) -> int:
        """How many bytes a row has: a multiple of four."""
        return (self.size[0] * self.bits + 31) // 32 * 4


def read_bit_fields(source: bytes) -> BitFields | None:
    """Read a BMP's bit fields; None if it has none, or a layout that Pillow supports."""
    try:
        header_bytes, width, height, _planes, bits, compression = struct.unpack_from("<IiiHHI", source, _HEADER_AT)
        red, green, blue, alpha = struct.unpack_from("<4I", source, _MASKS_AT)
    except struct.error:
        return None
    if header_bytes < _INFO_BYTES or compression not in {_BIT_FIELDS, _ALPHA_BIT_FIELDS} or bits not in _DEPTHS:
        return None
    has_alpha = header_bytes >= _ALPHA_HEADER_BYTES or compression == _ALPHA_BIT_FIELDS
    masks = red, green, blue, alpha if has_alpha else 0
    if (bits, *masks) in _PILLOWS and compression == _BIT_FIELDS:
        return None
    offset = int.from_bytes(source[_OFFSET_AT : _OFFSET_AT + 4], "little")
    return BitFields(size=(width, abs(height)), is_top_down=height < 0, bits=bits, masks=masks, offset=offset)


class BitFieldsBmp(ImageFile.ImageFile):
    """A BMP with bit fields as a Pillow image.

    Args:
        source: The file.
        fields: Its layout.
    """

    format = "BMP"
    format_description = "Windows Bitmap with bit fields"

    def __init__(self, source: bytes, fields: BitFields) -> None:
        self._source, self._fields = source, fields
        super().__init__(BytesIO())

    def _open(self) -> None:
        self._size = self._fields.size
        self._mode = "RGBA" if self._fields.masks[3] else "RGB"

    def load(self) -> Any:  # noqa: ANN401 - as in Pillow, whose type has no public name
        """Decode the pixels.

        Raises:
            EOFError: Rows are missing; the others are there.
        """
        if self._im is None:
            canvas = Image.new(self.mode, self.size)
            width, height = self.size
            step = max(1, _BAND_PIXELS // width)
            for top in range(0, height, step):
                band = self._band(top, min(step, height - top))
                canvas.paste(band, (0, top if self._fields.is_top_down else height - top - band.height))
            if self.mode == "RGBA" and canvas.getchannel("A").getextrema() == (0, 0):
                canvas.putalpha(_OPAQUE)  # some writers leave it empty although nothing is transparent
            self.im = canvas.im
            if self._fields.offset + self._fields.row_bytes * height > len(self._source):
                raise EOFError
        return super().load()

    def _band(self, first: int, count: int) -> Image.Image:
        """Decode some rows that are consecutive in the file."""
        fields = self._fields
        start = fields.offset + first * fields.row_bytes
        data = self._source[start : start + count * fields.row_bytes].ljust(count * fields.row_bytes, b"\0")
        size = fields.row_bytes * 8 // fields.bits, count
        pixels = Image.frombytes("I;16", size, data).convert("I") if fields.bits == _MOST_BITS else _wide(size, data)
        bands = [_channel(pixels, mask) for mask in fields.masks[: len(self.mode)]]
        band = Image.merge(self.mode, bands).crop((0, 0, self.size[0], count))
        return band if fields.is_top_down else band.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def _wide(size: tuple[int, int], data: bytes) -> Image.Image:
    return Image.frombytes("I", size, data, "raw", "I;32")


def _channel(pixels: Image.Image, mask: int) -> Image.Image:
    """Scale the bits of a mask to eight."""
    if not mask:
        return Image.new("L", pixels.size)
    low = (mask & -mask).bit_length() - 1
    bits = (mask >> low).bit_length()
    low, bits = low + max(0, bits - _MOST_BITS), min(bits, _MOST_BITS)
    top = (1 << bits) - 1
    value = ImageMath.lambda_eval(lambda x: (((x["pixels"] >> low) & top) * 255 + top // 2) / top, pixels=pixels)
    return cast("Image.Image", value).convert("L")
