"""WebP: its chunks."""

import struct
from dataclasses import replace
from typing import Final

from thumbpipe.core.imaging.errors import EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.layout import Layout

# flags of a VP8X chunk
_ANIMATED: Final = 0x02
_HAS_ALPHA: Final = 0x10
_VP8L_ALPHA: Final = 0x10
_FIRST_CHUNK_AT: Final = 12
_CHUNK_HEAD_BYTES: Final = 8
_PIXELS: Final = frozenset({b"VP8 ", b"VP8L"})
_METADATA: Final = frozenset({b"EXIF", b"XMP "})
_ANMF_CLEARS: Final = 0x01
_ANMF_HEAD_BYTES: Final = 16
_ANMF_BYTES: Final = 29
"""A frame's own header of 16 bytes, that of its first chunk, and that chunk's first 5."""


def walk_webp(source: bytes, max_frames: int, *, may_be_cut_off: bool) -> Layout:
    """Read a WebP's size, frames and transparency.

    Args:
        source: The whole file.
        max_frames: Counting may end above it.
        may_be_cut_off: Whether it may be truncated.

    Raises:
        EndsTooEarlyError: It is truncated, or even its first chunk is.
    """
    reader = Reader(source, 4)
    (riff_bytes,) = reader.unpack("<I")
    if riff_bytes + 8 > len(source) and not may_be_cut_off:
        fixed = _without_cut_metadata(source)
        return replace(walk_webp(fixed, max_frames, may_be_cut_off=False), repaired=fixed)
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
    frames, frames_alpha = _frames(reader, min(riff_bytes + 8, len(source)), max_frames, (width, height))
    return Layout(
        width=width,
        height=height,
        frames=max(1, frames),
        has_alpha=bool(head[0] & _HAS_ALPHA) or frames_alpha,
    )


def _without_cut_metadata(source: bytes) -> bytes:
    """Return a file that ends within the metadata after its pixels, or their padding, without the incomplete part.

    Raises:
        EndsTooEarlyError: Pixels are missing, or may be: an animation does not say how many frames it has.
    """
    at, has_pixels, has_frames = _FIRST_CHUNK_AT, False, False
    while at + _CHUNK_HEAD_BYTES <= len(source):
        kind, length = source[at : at + 4], int.from_bytes(source[at + 4 : at + _CHUNK_HEAD_BYTES], "little")
        end = at + _CHUNK_HEAD_BYTES + length
        if end > len(source):
            if kind in _METADATA and (has_pixels or has_frames):
                break
            raise EndsTooEarlyError
        has_pixels |= kind in _PIXELS
        has_frames |= kind == b"ANMF"
        at = end + (length & 1)
    else:
        if not has_pixels and at < int.from_bytes(source[4:8], "little") + _CHUNK_HEAD_BYTES:
            raise EndsTooEarlyError
    whole = source[:at].ljust(at, b"\0")
    return whole[:4] + struct.pack("<I", len(whole) - _CHUNK_HEAD_BYTES) + whole[_CHUNK_HEAD_BYTES:]


def _frames(reader: Reader, end: int, max_frames: int, canvas: tuple[int, int]) -> tuple[int, bool]:
    """Count frames, and say whether any of them is transparent, whatever the file's header says."""
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
            # An area that no frame has painted yet, or that was cleared, is transparent, too.
            has_alpha |= size != canvas and (frames == 1 or bool(head[15] & _ANMF_CLEARS))
            has_alpha |= head[16:20] == b"ALPH"
            has_alpha |= head[16:20] == b"VP8L" and bool(head[28:29]) and bool(head[28] & _VP8L_ALPHA)
        reader.at = start + length + (length & 1)
    return frames, has_alpha


def with_alpha_announced(source: bytes) -> bytes:
    """Declare an animation transparent in its header, which is what decoders rely on."""
    if source[12:16] != b"VP8X" or not source[20] & _ANIMATED:
        return source
    return source[:20] + bytes([source[20] | _HAS_ALPHA]) + source[21:]


def is_still(source: bytes) -> bool:
    """Say whether a WebP is a still picture; an animation of one frame is not."""
    return source[12:16] != b"VP8X" or not source[20] & _ANIMATED
