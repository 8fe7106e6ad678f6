"""Which JPEGs are supported, and repairs of headers that decoders would reject."""

from collections.abc import Iterable
from typing import Final

from thumbpipe.core.imaging.open.jpeg.scans import check_scans
from thumbpipe.core.imaging.open.jpeg.segments import END, START, Frame, Segment, frame_of, segments
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.sniff import unsupported_format

_KINDS: Final = {
    0xC3: "a lossless JPEG",
    0xC5: "a hierarchical JPEG",
    0xC6: "a hierarchical JPEG",
    0xC7: "a lossless hierarchical JPEG",
    0xCB: "a lossless JPEG",
    0xCD: "a hierarchical JPEG",
    0xCE: "a hierarchical JPEG",
    0xCF: "a lossless hierarchical JPEG",
    0xF7: "JPEG-LS",
}
_BITS: Final = 8
_CHANNELS: Final = frozenset({1, 3, 4})
_APPLICATION: Final = range(0xE0, 0xF0)
_COMMENT: Final = 0xFE
_EXIF: Final = 0xE1
_ADOBE: Final = 0xEE
_HEIGHT_COMES_LATER: Final = b"\xff\xdc\0\4"
# The minimum length of the segments that decoders use, by marker and first bytes.
_NEEDED: Final = ((0xE0, b"JFIF\0", 12), (0xE2, b"ICC_PROFILE\0", 14), (0xEE, b"Adobe", 12))


def walk_jpeg(source: bytes, *, may_be_cut_off: bool) -> Layout | None:
    """Read a JPEG's layout.

    Args:
        source: The whole file.
        may_be_cut_off: Whether it may be truncated.

    Returns:
        None if no frame header is found.

    Raises:
        InvalidImageError: It is of a kind that no available decoder supports.
        DamagedError: It has more scans than any photo.
    """
    check_scans(source)
    parts = list(segments(source))
    frame = frame_of(parts)
    if frame is None:
        return None
    _require_supported_kind(frame)
    fixed = None if frame.height else with_height(source, frame)
    lacks_end = source.rfind(END, frame.start) < 0
    if fixed:
        frame = frame._replace(height=int.from_bytes(fixed[frame.start + 5 : frame.start + 7], "big"))
    return Layout(
        width=frame.width,
        height=frame.height,
        exif=exif_of(parts),
        repaired=fixed,
        lacks_end=lacks_end and not may_be_cut_off,
    )


def _require_supported_kind(frame: Frame) -> None:
    kind = _KINDS.get(frame.marker)
    if kind is None and frame.bits != _BITS:
        kind = f"a JPEG of {frame.bits} bits per sample"
    if kind is None and frame.channels not in _CHANNELS:
        kind = f"a JPEG of {frame.channels} channels"
    if kind:
        raise unsupported_format(kind)


def with_height(source: bytes, frame: Frame) -> bytes | None:
    """Copy the height that a JPEG states after its first scan (DNL) into the header; None if it states none."""
    at = source.find(_HEIGHT_COMES_LATER, frame.start)
    if at < 0:
        return None
    height = source[at + 4 : at + 6]
    place = frame.start + 5
    return source[:place] + height + source[place + 2 : at] + source[at + 6 :]


def exif_of(parts: Iterable[Segment]) -> bytes | None:
    """Return the first EXIF block, with those that continue it."""
    found = b"".join(part.data[6:] for part in parts if part.marker == _EXIF and part.data.startswith(b"Exif\0\0"))
    return found or None


def bare(source: bytes) -> bytes:
    """Return a JPEG without the segments that no decoder needs, or that are too short for their type."""
    kept = [START]
    end = len(START)
    for part in segments(source):
        if not _is_in_the_way(part):
            kept.append(source[part.start : part.end])
        end = part.end
    return b"".join([*kept, source[end:]])


def _is_in_the_way(part: Segment) -> bool:
    if part.marker not in _APPLICATION and part.marker != _COMMENT:
        return False
    return not any(
        part.marker == marker and part.data.startswith(name) and len(part.data) >= least
        for marker, name, least in _NEEDED
    )
