"""Bounded walks over containers whose frames and sizes must be known before Pillow touches them."""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

from thumbpipe.core.gif import GifFrame, gif_frames, gif_size, shows_through
from thumbpipe.core.iso import IsoFacts, read_iso
from thumbpipe.core.jpeg import check_scans
from thumbpipe.core.reader import EndsTooEarlyError, Reader
from thumbpipe.core.sniff import SourceFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a container says about itself.

    Args:
        width: In pixels, the whole canvas: frames that reach beyond its edge enlarge it.
        height: The same.
        frames: Counting ends one above the limit. None is unknown yet.
        has_alpha: Whether any frame may be transparent.
        exif: The EXIF block, where the walk meets one that Pillow reads only while decoding.
        cicp: Primaries, transfer, matrix and range of the colours, as PNG, AVIF and HEIC number them.
        iso: What is known of an AVIF or HEIC.
    """

    width: int
    height: int
    frames: int | None = 1
    has_alpha: bool = False
    exif: bytes | None = None
    cicp: tuple[int, int, int, int] | None = None
    iso: IsoFacts | None = None


def read_layout(
    source: bytes, source_format: SourceFormat, max_frames: int, *, may_be_cut_off: bool = False
) -> Layout | None:
    """Walk a PNG, GIF, WebP, AVIF or HEIC; of others what the decoders read first is enough, and there is None.

    Args:
        source: The whole file.
        source_format: What it is.
        max_frames: Frames above it need not be counted.
        may_be_cut_off: Whether the layout may be that of a part.

    Raises:
        EndsTooEarlyError: The file is cut off, or even within what must be there.
        ValueError: It cannot be decoded, or not in bounded time.
    """
    if source_format is SourceFormat.JPEG:
        check_scans(source)
    walk = _WALKS.get(source_format)
    return walk(source, max_frames, may_be_cut_off) if walk else None


_VP8X_ANIMATION, _VP8X_ALPHA = 0x02, 0x10
_VP8L_ALPHA: Final = 0x10
_ANMF_CLEARS: Final = 0x01
_ANMF_HEAD_BYTES: Final = 16
_ANMF_BYTES: Final = 29
"""A frame's own 16, the head of its first chunk, and that chunk's first 5."""

_PNG_HEADER_BYTES: Final = 8
_PNG_ALPHA_BIT: Final = 4
_CICP_BYTES: Final = 4
_PACKED_CHUNKS: Final = frozenset({b"iCCP", b"zTXt", b"iTXt"})
_MOST_UNPACKED: Final = 1 << 20  # as Pillow has it


def _iso(source: bytes, max_frames: int, _may_be_cut_off: bool) -> Layout:  # noqa: FBT001
    facts = read_iso(source, max_frames)
    width, height = facts.sizes[0]
    return Layout(width=width, height=height, frames=None, cicp=facts.cicp, iso=facts)


def _png(source: bytes, _max_frames: int, may_be_cut_off: bool) -> Layout:  # noqa: FBT001 (as in each walk)
    reader = Reader(source, _PNG_HEADER_BYTES)
    reader.skip(8)
    width, height, _depth, colour_type = reader.unpack(">IIBB")
    frames, has_alpha, exif, has_pixels = 1, bool(colour_type & _PNG_ALPHA_BIT), None, False
    cicp: tuple[int, int, int, int] | None = None
    for kind, data in png_chunks(source, may_be_cut_off=may_be_cut_off):
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
            _require_to_unpack_to_little(kind, data)
    if may_be_cut_off:
        frames = 1
    if not has_pixels:
        raise EndsTooEarlyError
    return Layout(width=width, height=height, frames=frames, has_alpha=has_alpha, exif=exif, cicp=cicp)


def _require_to_unpack_to_little(kind: bytes, data: memoryview) -> None:
    """Refuse a chunk of metadata that hides more than Pillow unpacks; what is no zlib stream is left to Pillow.

    Raises:
        ValueError: It does, with the figure.
    """
    parts = bytes(data).split(b"\0", 1)
    packed = parts[-1][1:]
    if kind == b"iTXt":  # a flag, a method, a language and a translated keyword come before it
        packed = packed[1:].split(b"\0", 2)[-1]
    with suppress(zlib.error):
        if len(zlib.decompressobj().decompress(packed, _MOST_UNPACKED + 1)) > _MOST_UNPACKED:
            raise ValueError(f"its {kind.decode()} chunk unpacks to more than {_MOST_UNPACKED:,} bytes")


def png_chunks(source: bytes, *, may_be_cut_off: bool = False) -> Iterator[tuple[bytes, memoryview]]:
    """Yield each chunk. A still picture may end in the midst of one behind the first pixels: all may be there.

    Raises:
        EndsTooEarlyError: The file ends within an earlier chunk, and may not.
    """
    view, at = memoryview(source), _PNG_HEADER_BYTES
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


def _gif(source: bytes, max_frames: int, may_be_cut_off: bool) -> Layout:  # noqa: FBT001
    width, height = size = gif_size(source)
    frames: list[GifFrame] = []
    try:
        frames.extend(islice(gif_frames(source), max_frames + 1))  # keeps those before the error
    except EndsTooEarlyError:
        if not may_be_cut_off:
            raise
    if not frames:
        raise EndsTooEarlyError
    return Layout(
        width=max(width, *(frame.box[2] for frame in frames)),
        height=max(height, *(frame.box[3] for frame in frames)),
        frames=len(frames),
        has_alpha=any(frame.has_clear for frame in frames) or shows_through(frames, size),
    )


def _webp(source: bytes, max_frames: int, may_be_cut_off: bool) -> Layout:  # noqa: FBT001
    reader = Reader(source, 4)
    (riff_bytes,) = reader.unpack("<I")
    if riff_bytes + 8 > len(source) and not may_be_cut_off:
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
    reader.at += length + (length & 1) - 10
    width, height = int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    frames, frames_alpha = _webp_frames(reader, min(riff_bytes + 8, len(source)), max_frames, (width, height))
    return Layout(
        width=width,
        height=height,
        frames=max(1, frames),
        has_alpha=bool(head[0] & _VP8X_ALPHA) or frames_alpha,
    )


def _webp_frames(reader: Reader, end: int, max_frames: int, canvas: tuple[int, int]) -> tuple[int, bool]:
    """Count frames, and say whether anything shows through them, whatever the file's header says."""
    frames, has_alpha = 0, False
    while reader.at + 8 <= end and frames <= max_frames:
        kind = reader.take(4)
        (length,) = reader.unpack("<I")
        start = reader.at
        if start + length > end:
            break
        if kind == b"ANMF" and length >= _ANMF_HEAD_BYTES:
            frames += 1
            head = reader.take(min(length, _ANMF_BYTES))
            size = int.from_bytes(head[6:9], "little") + 1, int.from_bytes(head[9:12], "little") + 1
            # What no frame has painted yet, or one has cleared again, is transparent, too.
            has_alpha |= size != canvas and (frames == 1 or bool(head[15] & _ANMF_CLEARS))
            has_alpha |= head[16:20] == b"ALPH"
            has_alpha |= head[16:20] == b"VP8L" and bool(head[28:29]) and bool(head[28] & _VP8L_ALPHA)
        reader.at = start + length + (length & 1)
    return frames, has_alpha


def with_alpha_announced(source: bytes) -> bytes:
    """Let a WebP animation's header say that its frames may be transparent: decoders believe it, and not the frames."""
    if source[12:16] != b"VP8X" or not source[20] & _VP8X_ANIMATION:
        return source
    return source[:20] + bytes([source[20] | _VP8X_ALPHA]) + source[21:]


_WALKS: Final[dict[SourceFormat, Callable[[bytes, int, bool], Layout]]] = {
    SourceFormat.PNG: _png,
    SourceFormat.GIF: _gif,
    SourceFormat.WEBP: _webp,
    SourceFormat.AVIF: _iso,
    SourceFormat.HEIC: _iso,
}
