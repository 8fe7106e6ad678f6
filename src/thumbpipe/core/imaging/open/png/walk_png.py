"""How large a PNG is, how many frames it has, and what it says of its colours."""

from typing import Final

from thumbpipe.core.imaging.errors import EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.png.apng import hides_default
from thumbpipe.core.imaging.open.png.chunks import SIGNATURE_BYTES
from thumbpipe.core.imaging.open.png.counted import counted_chunks

_ALPHA_BIT: Final = 4
_BYTE_BITS: Final = 8
_MOST_FRAMES: Final = 1 << 31


def walk_png(source: bytes, *, may_be_cut_off: bool) -> Layout:
    """Read a PNG's layout.

    Args:
        source: The whole file.
        may_be_cut_off: Whether it may be a part, which counts as one frame.

    Raises:
        EndsTooEarlyError: It is cut off, or has no pixels.
    """
    reader = Reader(source, SIGNATURE_BYTES)
    reader.skip(8)
    width, height, depth, colour_type = reader.unpack(">IIBB")
    chunks = counted_chunks(source, colour_type, may_be_cut_off=may_be_cut_off)
    if not chunks.has_pixels:
        raise EndsTooEarlyError
    frames = 1 if may_be_cut_off else int.from_bytes(chunks.by_kind.get(b"acTL", b"")[:4], "big")
    frames = frames if frames < _MOST_FRAMES else 1
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
        is_deep=depth > _BYTE_BITS,
        repaired=chunks.repaired(),
        is_apng=frames > 1 or (frames == 1 and not may_be_cut_off and hides_default(source)),
    )
