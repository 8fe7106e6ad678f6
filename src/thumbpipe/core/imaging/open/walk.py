"""Bounded walks over containers whose frames and sizes must be known before Pillow touches them."""

from thumbpipe.core.imaging.open.containers.gif import walk_gif
from thumbpipe.core.imaging.open.containers.webp import walk_webp
from thumbpipe.core.imaging.open.isobmff.codecs import format_of
from thumbpipe.core.imaging.open.isobmff.facts import read_iso
from thumbpipe.core.imaging.open.isobmff.repair import repaired
from thumbpipe.core.imaging.open.jpeg.walk_jpeg import walk_jpeg
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.png.walk_png import walk_png
from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.open.tiff.layout import read_layout


def walk(source: bytes, source_format: SourceFormat, max_frames: int, *, may_be_cut_off: bool = False) -> Layout | None:
    """Walk over a file; a layout is None where the decoder reads what is needed first.

    Args:
        source: The whole file.
        source_format: What it is.
        max_frames: Frames above it need not be counted.
        may_be_cut_off: Whether the layout may be that of a part.

    Raises:
        EndsTooEarlyError: The file is cut off, or even within what must be there.
        ValueError: It cannot be decoded, or not in bounded time.
    """
    match source_format:
        case SourceFormat.JPEG:
            return walk_jpeg(source, may_be_cut_off=may_be_cut_off)
        case SourceFormat.TIFF:
            return _tiff_layout(source)
        case SourceFormat.PNG:
            return walk_png(source, may_be_cut_off=may_be_cut_off)
        case SourceFormat.GIF:
            return walk_gif(source, max_frames, may_be_cut_off=may_be_cut_off)
        case SourceFormat.WEBP:
            return walk_webp(source, max_frames, may_be_cut_off=may_be_cut_off)
        case SourceFormat.AVIF | SourceFormat.HEIC:
            return _iso_layout(source, max_frames)
        case SourceFormat.BMP:
            return None


def _iso_layout(source: bytes, max_frames: int) -> Layout:
    facts = read_iso(source, max_frames)
    source_format = format_of(facts)
    (width, height), mended = facts.sizes[0], repaired(source, source_format, facts)
    return Layout(
        width=width, height=height, frames=None, cicp=facts.cicp, iso=facts, repaired=mended, format=source_format
    )


def _tiff_layout(source: bytes) -> Layout | None:
    facts = read_layout(source)
    return facts and Layout(
        width=facts.size[0], height=facts.size[1], piece=facts.piece, is_cut_off=facts.ends_too_early
    )
