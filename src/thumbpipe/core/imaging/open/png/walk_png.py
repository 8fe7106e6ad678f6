"""The size, the frames and the colours that a PNG states."""

from typing import Final

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.png.apng import hides_default, sound_frames
from thumbpipe.core.imaging.open.png.chunks import SIGNATURE_BYTES
from thumbpipe.core.imaging.open.png.counted import CountedChunks, counted_chunks
from thumbpipe.core.imaging.open.sniff import unsupported_format

_APPLES: Final = b"CgBI"
_ALPHA_BIT: Final = 4
_BYTE_BITS: Final = 8
_MOST_FRAMES: Final = 1 << 31


def walk_png(source: bytes, max_frames: int, *, may_be_cut_off: bool) -> Layout:
    """Read a PNG's layout.

    Args:
        source: The whole file.
        max_frames: Counting may end above it.
        may_be_cut_off: Whether it may be truncated, which counts as one frame.

    Raises:
        EndsTooEarlyError: It is truncated, or has no pixels.
        DamagedError: It has no header.
        InvalidImageError: It is in Apple's own form.
    """
    reader = Reader(source, SIGNATURE_BYTES)
    reader.skip(8)
    width, height, depth, colour_type, _, _, interlaced = reader.unpack(">IIBBBBB")
    first = source[SIGNATURE_BYTES + 4 : SIGNATURE_BYTES + 8]
    if first == _APPLES:
        raise unsupported_format("a PNG in Apple's own form for iPhones (CgBI)")
    if first != b"IHDR":
        raise DamagedError("it does not begin with its header")
    chunks = counted_chunks(source, colour_type, may_be_cut_off=may_be_cut_off)
    if not chunks.has_pixels:
        raise EndsTooEarlyError
    frames = 1 if may_be_cut_off else _frames(source, chunks, max_frames)
    cicp = chunks.by_kind.get(b"cICP")
    return Layout(
        width=width,
        height=height,
        frames=max(1, frames),
        has_alpha=bool(colour_type & _ALPHA_BIT) or b"tRNS" in chunks.by_kind,
        exif=chunks.by_kind.get(b"eXIf"),
        cicp=(cicp[0], cicp[1], cicp[2], cicp[3]) if cicp else None,
        icc=chunks.icc,
        lacks_end=chunks.lacks_pixels and not may_be_cut_off,
        weight=(2 if depth > _BYTE_BITS else 1) * (2 if interlaced else 1),
        repaired=chunks.repaired(),
        is_apng=frames > 1 or (frames == 1 and not may_be_cut_off and hides_default(source)),
    )


def _frames(source: bytes, chunks: CountedChunks, max_frames: int) -> int:
    """Count the frames of an animation; if it is damaged, only the default image is shown, as in browsers."""
    announced = int.from_bytes(chunks.by_kind.get(b"acTL", b"")[:4], "big")
    if max_frames < announced < _MOST_FRAMES:
        return announced
    frames = sound_frames(source, announced) if 0 < announced < _MOST_FRAMES else 0
    if not frames and chunks.of_animation:
        chunks.leave_out_animation()
    return frames
