"""Bounded walks over containers whose frames and sizes must be known before Pillow touches them."""

from collections.abc import Callable
from typing import Final

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError
from thumbpipe.core.imaging.open.containers.gif import walk_gif
from thumbpipe.core.imaging.open.containers.webp import walk_webp
from thumbpipe.core.imaging.open.isobmff.codecs import format_of
from thumbpipe.core.imaging.open.isobmff.cut_file import with_whole_boxes
from thumbpipe.core.imaging.open.isobmff.facts import read_iso
from thumbpipe.core.imaging.open.isobmff.repair import repaired
from thumbpipe.core.imaging.open.jpeg.walk_jpeg import walk_jpeg
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.png.walk_png import walk_png
from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.open.tiff.layout import read_layout


def walk(source: bytes, source_format: SourceFormat, max_frames: int, *, may_be_cut_off: bool = False) -> Layout | None:
    """Walk over a file; the layout is None if the decoder itself reads what is needed first.

    Args:
        source: The whole file.
        source_format: What it is.
        max_frames: Counting may end above it.
        may_be_cut_off: Whether the file may be truncated.

    Raises:
        EndsTooEarlyError: The file is truncated, or too much of it is missing.
        DamagedError: It cannot be decoded, or not in bounded time.
    """
    read = _WALKS.get(source_format)
    return read(source, max_frames, may_be_cut_off) if read else None


def _iso_layout(source: bytes, max_frames: int) -> Layout:
    whole = source
    try:
        facts = read_iso(source, max_frames)
    except EndsTooEarlyError:
        whole = with_whole_boxes(source) or b""
        facts = read_iso(whole, max_frames)
        if not facts.codec or (facts.has_track and len(whole) == len(source)):
            raise  # within the header, or a sequence's frames
    source_format = format_of(facts)
    (width, height), fixed = facts.sizes[0], repaired(whole, source_format, facts)
    return Layout(
        width=width,
        height=height,
        frames=None,
        cicp=facts.cicp,
        iso=facts,
        repaired=fixed or (None if whole is source else whole),
        format=source_format,
        weight=2 if facts.is_deep else 1,
    )


def _tiff_layout(source: bytes) -> Layout | None:
    facts = read_layout(source)
    if facts is None:
        return None
    if facts.blocks_overlap:
        raise DamagedError("its strips or tiles overlap")
    width, height = facts.size
    return Layout(width=width, height=height, piece=facts.piece, is_cut_off=facts.ends_too_early)


_WALKS: Final[dict[SourceFormat, Callable[[bytes, int, bool], Layout | None]]] = {
    SourceFormat.JPEG: lambda source, _, may_be_cut_off: walk_jpeg(source, may_be_cut_off=may_be_cut_off),
    SourceFormat.PNG: lambda source, most, may_be_cut_off: walk_png(source, most, may_be_cut_off=may_be_cut_off),
    SourceFormat.GIF: lambda source, most, may_be_cut_off: walk_gif(source, most, may_be_cut_off=may_be_cut_off),
    SourceFormat.WEBP: lambda source, most, may_be_cut_off: walk_webp(source, most, may_be_cut_off=may_be_cut_off),
    SourceFormat.TIFF: lambda source, _most, _may_be_cut_off: _tiff_layout(source),
    SourceFormat.AVIF: lambda source, most, _: _iso_layout(source, most),
    SourceFormat.HEIC: lambda source, most, _: _iso_layout(source, most),
}
