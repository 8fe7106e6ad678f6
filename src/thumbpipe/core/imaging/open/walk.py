"""Bounded walks over containers whose frames and sizes must be known before Pillow touches them."""

from thumbpipe.core.imaging.open.containers.gif import walk_gif
from thumbpipe.core.imaging.open.containers.jpeg_scans import check_scans
from thumbpipe.core.imaging.open.containers.png import walk_png
from thumbpipe.core.imaging.open.containers.webp import walk_webp
from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts, read_iso
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.sniff import SourceFormat


def walk(source: bytes, source_format: SourceFormat, max_frames: int, *, may_be_cut_off: bool = False) -> Layout | None:
    """Walk over a PNG, GIF, WebP, AVIF or HEIC; None for the others, whose decoders read all that is needed.

    Args:
        source: The whole file.
        source_format: What it is.
        max_frames: Counting may end above it.
        may_be_cut_off: Whether the file may be truncated.

    Raises:
        EndsTooEarlyError: The file is truncated, or too much of it is missing.
        ValueError: It cannot be decoded, or not in bounded time.
    """
    match source_format:
        case SourceFormat.JPEG:
            check_scans(source)
            return None
        case SourceFormat.PNG:
            return walk_png(source, may_be_cut_off=may_be_cut_off)
        case SourceFormat.GIF:
            return walk_gif(source, max_frames, may_be_cut_off=may_be_cut_off)
        case SourceFormat.WEBP:
            return walk_webp(source, max_frames, may_be_cut_off=may_be_cut_off)
        case SourceFormat.AVIF | SourceFormat.HEIC:
            return _iso_layout(read_iso(source, max_frames))
        case _:
            return None


def _iso_layout(facts: IsoFacts) -> Layout:
    width, height = facts.sizes[0]
    return Layout(width=width, height=height, frames=None, cicp=facts.cicp, iso=facts)
