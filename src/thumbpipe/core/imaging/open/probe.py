"""Open files: check them against the limits and read their headers; no pixel is decoded."""

from dataclasses import replace

from thumbpipe.core.imaging.errors import EndsTooEarlyError, ErrorCode, InvalidImageError, decoding
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.completion import with_end
from thumbpipe.core.imaging.open.exif import exif_of
from thumbpipe.core.imaging.open.icc import honoured, profile_name
from thumbpipe.core.imaging.open.isobmff.facts import IsoFacts
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.orientation import decoder_turns, is_sideways, upright_turn
from thumbpipe.core.imaging.open.picture import Facts, Picture
from thumbpipe.core.imaging.open.pillow import completed, frame_count, open_lazily
from thumbpipe.core.imaging.open.sniff import SourceFormat, sniff
from thumbpipe.core.imaging.open.walk import walk
from thumbpipe.core.imaging.recipe import OnTruncated


def probe(source: bytes, limits: Limits) -> Facts:
    """Read what a picture is, without decoding it.

    Args:
        source: The whole file.
        limits: The most that it may cost.

    Raises:
        InvalidImageError: It cannot be rendered.
    """
    return open_picture(source, limits).facts


def open_picture(source: bytes, limits: Limits, on_truncated: OnTruncated = OnTruncated.REFUSE) -> Picture:
    """Open a picture within its limits.

    Args:
        source: The whole file.
        limits: The most that it may cost.
        on_truncated: Whether it may be truncated.

    Raises:
        InvalidImageError: It cannot be rendered.
    """
    limits.check_bytes(len(source))
    source_format = sniff(source)
    may_be_cut_off = on_truncated is OnTruncated.RENDER
    layout = _layout(source, source_format, limits, may_be_cut_off=may_be_cut_off)
    source, source_format = (layout and layout.repaired) or source, (layout and layout.format) or source_format
    with decoding(source_format):
        file = completed(source, source_format, limits.max_bytes) if may_be_cut_off else source
        image = open_lazily(file, source_format, layout)
        frames = (layout and layout.frames) or frame_count(image, source_format)
        exif = exif_of(image, source, layout.exif if layout else None)
    turn = None if decoder_turns(image, source_format) else upright_turn(exif.orientation)
    limits.check_size(*image.size, frames, is_deep=bool(layout and layout.is_deep))
    width, height = image.size[::-1] if is_sideways(turn) else image.size
    icc = honoured((layout and layout.icc) or image.info.get("icc_profile"))
    facts = Facts(
        width=width,
        height=height,
        format=source_format.value,
        frames=frames,
        has_alpha=image.has_transparency_data or bool(layout and layout.has_alpha),
        orientation=exif.orientation,
        colour_profile=profile_name(icc),
        captured_at=exif.captured_at,
    )
    cicp = layout.cicp if layout else None
    return Picture(facts=facts, image=image, turn=turn, source=source, on_truncated=on_truncated, icc=icc, cicp=cicp)


def _layout(source: bytes, source_format: SourceFormat, limits: Limits, *, may_be_cut_off: bool) -> Layout | None:
    """Check what the container says against the limits, before a decoder relies on it."""
    with decoding(source_format):
        layout = walk(source, source_format, limits.max_frames, may_be_cut_off=may_be_cut_off)
    if layout is not None:
        limits.check_size(layout.width, layout.height, layout.frames or 1, is_deep=layout.is_deep)
        limits.check_size(*layout.piece)
        if layout.iso:
            _check_streams(layout.iso, source_format, limits)
        with decoding(source_format):
            if layout.lacks_end:
                layout = replace(layout, repaired=with_end(layout.repaired or source, source_format))
            if (layout.is_cut_off and not may_be_cut_off) or (layout.lacks_end and not layout.repaired):
                raise EndsTooEarlyError
    return layout


def _check_streams(iso: IsoFacts, source_format: SourceFormat, limits: Limits) -> None:
    """Check everything that is decoded against the limits, whatever is shown of it."""
    for width, height in iso.sizes:
        limits.check_size(width, height)
    limits.check_tiles(iso.decoded_pixels)
    if iso.contradiction:
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file is damaged ({iso.contradiction}).")
