"""The blocks of a GIF, and what shows through where no frame has painted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice, pairwise
from typing import Final

from PIL import GifImagePlugin

from thumbpipe.core.imaging.errors import EndsTooEarlyError
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.layout import Layout

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_GRAPHIC_CONTROL, _CONTROL_BYTES = 0xF9, 4
_HAS_CLEAR: Final = 1
_CLEARS: Final = 2
_ALL_BITS: Final = 8
_IMAGE_HEAD: Final = 9  # place, size and flags


@dataclass(frozen=True, slots=True, kw_only=True)
class GifFrame:
    """One frame.

    Args:
        at: Where its image block begins.
        end: Where it ends.
        box: Left, top, and the ends behind it.
        control_at: Where the flags of its graphic control are; None where it has none.
        control: Those flags.
        code_bits: Of its indices.
    """

    at: int
    end: int
    box: tuple[int, int, int, int]
    control_at: int | None
    control: int
    code_bits: int

    @property
    def has_clear(self) -> bool:
        """Whether an index of it is transparent."""
        return bool(self.control & _HAS_CLEAR)

    @property
    def clears(self) -> bool:
        """Whether its place is empty after it."""
        return self.control >> 2 & 7 == _CLEARS


def walk_gif(source: bytes, max_frames: int, *, may_be_cut_off: bool) -> Layout:
    """Read how large a GIF is, and how many frames it has.

    Args:
        source: The whole file.
        max_frames: Frames above it need not be counted.
        may_be_cut_off: Whether it may be a part.

    Raises:
        EndsTooEarlyError: It is cut off, or has not even a part of a frame.
    """
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


def gif_size(source: bytes) -> tuple[int, int]:
    """Return the canvas's width and height."""
    width, height = Reader(source, 6).unpack("<HH")
    return width, height


def gif_frames(source: bytes) -> Iterator[GifFrame]:
    """Walk over the frames.

    Raises:
        EndsTooEarlyError: The file ends before its last block does.
    """
    reader = Reader(source, 10)
    reader.skip(_palette_bytes(reader.byte()) + 2)
    control_at, control = None, 0
    while not reader.at_end:
        at, block = reader.at, reader.byte()
        if block == _TRAILER:
            return
        if block == _EXTENSION:
            label, data_at = reader.byte(), reader.at + 1
            data = _sub_blocks(reader)
            if label == _GRAPHIC_CONTROL and data:
                control_at, control = data_at if len(data) == _CONTROL_BYTES else None, data[0]
        elif block == _IMAGE:
            left, top, width, height, flags = reader.unpack("<HHHHB")
            reader.skip(_palette_bytes(flags))
            frame = GifFrame(
                at=at,
                end=len(source),
                box=(left, top, left + width, top + height),
                control_at=control_at,
                control=control,
                code_bits=reader.byte(),
            )
            control_at, control = None, 0
            try:
                _sub_blocks(reader)
            except EndsTooEarlyError:
                yield frame  # a part of it is there
                raise
            yield replace(frame, end=reader.at)


def shows_through(frames: list[GifFrame], size: tuple[int, int]) -> bool:
    """Say whether there is a place that no frame has painted, or one that is empty again."""
    canvas = (0, 0, *size)
    cleared = (frame.box for frame in frames[:-1] if frame.clears)
    painted = (after for frame, after in pairwise(frames) if frame.clears)
    return not _covers(frames[0], canvas) or not all(map(_covers_fully, painted, cleared))


def _covers(frame: GifFrame, box: tuple[int, int, int, int]) -> bool:
    return all(a <= b for a, b in zip(frame.box[:2], box[:2], strict=True)) and all(
        a >= b for a, b in zip(frame.box[2:], box[2:], strict=True)
    )


def _covers_fully(frame: GifFrame, box: tuple[int, int, int, int]) -> bool:
    return not frame.has_clear and _covers(frame, box)


def with_clear_indices(source: bytes) -> bytes:
    """Give each frame a transparent index that none of its pixels has, where something shows through the picture.

    Browsers show such places as transparent. Pillow does so only where frames have a transparent index; else it fills
    them with the background's colour.
    """
    try:
        frames = list(gif_frames(source))
    except EndsTooEarlyError:
        return source
    if not frames or not shows_through(frames, gif_size(source)):
        return source
    parts, done = [], 0
    for frame in frames:
        index = None if frame.has_clear else _free_index(source, frame)
        if index is None:
            continue
        if frame.control_at is None:
            control = bytes((_EXTENSION, _GRAPHIC_CONTROL, _CONTROL_BYTES, frame.control | _HAS_CLEAR, 0, 0, index, 0))
            parts += [source[done : frame.at], control]
            done = frame.at
        else:
            at = frame.control_at
            parts += [source[done:at], bytes([frame.control | _HAS_CLEAR]), source[at + 1 : at + 3], bytes([index])]
            done = at + _CONTROL_BYTES
    return b"".join([*parts, source[done:]])


def _free_index(source: bytes, frame: GifFrame) -> int | None:
    if frame.code_bits < _ALL_BITS:
        return 1 << frame.code_bits
    # Decoded alone, on a canvas of its own size.
    width, height = frame.box[2] - frame.box[0], frame.box[3] - frame.box[1]
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    head = source[:6] + size + source[10 : 13 + _palette_bytes(source[10])]
    alone = head + bytes([_IMAGE]) + bytes(4) + size + source[frame.at + _IMAGE_HEAD : frame.end] + bytes([_TRAILER])
    try:
        with GifImagePlugin.GifImageFile(BytesIO(alone)) as image:
            used = image.histogram()
    except (EOFError, OSError, SyntaxError, ValueError):
        return None  # it is damaged, which is told when it is decoded
    return next((index for index, count in enumerate(used) if not count), None)


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(reader: Reader) -> bytes:
    """Skip a chain of sub-blocks and return the first."""
    first = reader.take(reader.byte())
    length = len(first)
    while length:
        length = reader.byte()
        reader.skip(length)
    return first
