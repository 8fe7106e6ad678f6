"""Bounded walks over containers whose frames and sizes must be known before Pillow touches them."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from thumbpipe.core.sniff import SourceFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a container says about itself.

    Args:
        width: In pixels, the whole canvas: frames that reach beyond its edge enlarge it.
        height: The same.
        frames: Counting ends one above the limit.
        has_alpha: Whether any frame may be transparent.
        exif: The EXIF block, where the walk meets one that Pillow reads only while decoding.
    """

    width: int
    height: int
    frames: int = 1
    has_alpha: bool = False
    exif: bytes | None = None


class EndsTooEarlyError(Exception):
    """A structure reaches beyond the end of the file. It never leaves the core."""


class _Reader:
    """Reads fields of a file one after another."""

    def __init__(self, source: bytes, at: int) -> None:
        self._source = source
        self.at = at

    def skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self._source):
            raise EndsTooEarlyError

    def take(self, count: int) -> bytes:
        start = self.at
        self.skip(count)
        return self._source[start : self.at]

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def byte(self) -> int:
        return self.take(1)[0]

    @property
    def at_end(self) -> bool:
        return self.at >= len(self._source)


def read_layout(source: bytes, source_format: SourceFormat, max_frames: int) -> Layout | None:
    """Walk a PNG, GIF or WebP; of the other formats what the decoders read first is enough, and there is None.

    Args:
        source: The whole file.
        source_format: What it is.
        max_frames: Frames above it need not be counted.

    Raises:
        EndsTooEarlyError: The file is cut off.
    """
    walk = _WALKS.get(source_format)
    return walk(source, max_frames) if walk else None


_PNG_HEADER_BYTES: Final = 8
_PNG_ALPHA_BIT: Final = 4


def _png(source: bytes, _max_frames: int) -> Layout:
    reader = _Reader(source, _PNG_HEADER_BYTES)
    reader.skip(8)
    width, height, _depth, colour_type = reader.unpack(">IIBB")
    frames, has_alpha, exif, has_pixels = 1, bool(colour_type & _PNG_ALPHA_BIT), None, False
    for kind, data in _png_chunks(source):
        if kind == b"acTL" and not has_pixels:
            frames = max(1, int.from_bytes(data[:4], "big"))
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"eXIf":
            exif = bytes(data)
        elif kind == b"IDAT":
            has_pixels = True
    if not has_pixels:
        raise EndsTooEarlyError
    return Layout(width=width, height=height, frames=frames, has_alpha=has_alpha, exif=exif)


def _png_chunks(source: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield each chunk; a missing IEND is forgiven, since the pixels come before it."""
    view, at = memoryview(source), _PNG_HEADER_BYTES
    while at < len(source):
        if at + 8 > len(source):
            raise EndsTooEarlyError
        length, kind = int.from_bytes(view[at : at + 4], "big"), bytes(view[at + 4 : at + 8])
        if kind == b"IEND":
            return
        if at + 12 + length > len(source):
            raise EndsTooEarlyError
        yield kind, view[at + 8 : at + 8 + length]
        at += 12 + length


_GIF_IMAGE, _GIF_EXTENSION, _GIF_TRAILER = 0x2C, 0x21, 0x3B
_GIF_GRAPHIC_CONTROL: Final = 0xF9


def _gif(source: bytes, max_frames: int) -> Layout:
    reader = _Reader(source, 6)
    width, height, flags, _background, _aspect = reader.unpack("<HHBBB")
    reader.skip(_gif_palette_bytes(flags))
    frames, has_alpha = 0, False
    while frames <= max_frames and not reader.at_end:
        block = reader.byte()
        if block == _GIF_TRAILER:
            break
        if block == _GIF_EXTENSION:
            label = reader.byte()
            data = _gif_sub_blocks(reader)
            has_alpha |= label == _GIF_GRAPHIC_CONTROL and bool(data[:1]) and bool(data[0] & 1)
        elif block == _GIF_IMAGE:
            left, top, frame_width, frame_height, flags = reader.unpack("<HHHHB")
            width, height = max(width, left + frame_width), max(height, top + frame_height)
            reader.skip(_gif_palette_bytes(flags) + 1)
            _gif_sub_blocks(reader)
            frames += 1
    if not frames:
        raise EndsTooEarlyError
    return Layout(width=width, height=height, frames=frames, has_alpha=has_alpha)


def _gif_palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_sub_blocks(reader: _Reader) -> bytes:
    """Skip a chain of sub-blocks and return the first."""
    first = reader.take(reader.byte())
    length = len(first)
    while length:
        length = reader.byte()
        reader.skip(length)
    return first


def _webp(source: bytes, max_frames: int) -> Layout:
    reader = _Reader(source, 4)
    (riff_bytes,) = reader.unpack("<I")
    if riff_bytes + 8 > len(source):
        raise EndsTooEarlyError
    reader.skip(4)
    kind = reader.take(4)
    (length,) = reader.unpack("<I")
    head = reader.take(10 if kind != b"VP8L" else 5)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[6:10])
        return Layout(width=width & 0x3FFF, height=height & 0x3FFF)
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return Layout(width=(bits & 0x3FFF) + 1, height=(bits >> 14 & 0x3FFF) + 1, has_alpha=bool(bits >> 28 & 1))
    reader.skip(length + (length & 1) - 10)
    return Layout(
        width=int.from_bytes(head[4:7], "little") + 1,
        height=int.from_bytes(head[7:10], "little") + 1,
        frames=max(1, _webp_frames(reader, riff_bytes + 8, max_frames)),
        has_alpha=bool(head[0] & 0x10),
    )


def _webp_frames(reader: _Reader, end: int, max_frames: int) -> int:
    frames = 0
    while reader.at + 8 <= end and frames <= max_frames:
        kind = reader.take(4)
        (length,) = reader.unpack("<I")
        frames += kind == b"ANMF"
        reader.skip(length)
        reader.at += length & 1
    return frames


_TO_THE_END, _LENGTH_FOLLOWS = 0, 1
_ITEM_ENTRY: Final = b"infe"


def _iso(source: bytes, _max_frames: int) -> None:
    """Look that the outermost boxes of an AVIF or HEIC are there to their ends: its decoders do not tell."""
    reader = _Reader(source, 0)
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


def _require_item_names_to_be_text(source: bytes, start: int, end: int) -> None:
    """Refuse what pi_heif 1.4.0 dies of (SIGSEGV): an item whose type or name is no UTF-8.

    Raises:
        UnicodeDecodeError: There is one.
    """
    at = source.find(_ITEM_ENTRY, start, end)
    while at >= 0:
        length = int.from_bytes(source[at - 4 : at], "big")
        source[at + 12 : at - 4 + length].decode()
        at = source.find(_ITEM_ENTRY, at + 4, end)


_WALKS: Final[dict[SourceFormat, Callable[[bytes, int], Layout | None]]] = {
    SourceFormat.PNG: _png,
    SourceFormat.GIF: _gif,
    SourceFormat.WEBP: _webp,
    SourceFormat.AVIF: _iso,
    SourceFormat.HEIC: _iso,
}
