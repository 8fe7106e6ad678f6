"""GIF: its frames, and the transparency that decoders miss: areas that no frame has painted."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice, pairwise
from typing import Final

from PIL import GifImagePlugin

from thumbpipe.core.imaging.errors import EndsTooEarlyError
from thumbpipe.core.imaging.machine_faults import reraise_machine_fault
from thumbpipe.core.imaging.open.byte_reader import Reader
from thumbpipe.core.imaging.open.layout import Layout

_IMAGE: Final = 0x2C
_EXTENSION: Final = 0x21
_TRAILER: Final = 0x3B
_GRAPHIC_CONTROL: Final = 0xF9
_CONTROL_BYTES: Final = 4
_HAS_CLEAR: Final = 1
_CLEARS: Final = 2
_ALL_BITS: Final = 8
_IMAGE_HEAD: Final = 9  # place, size and flags


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """One frame.

    Attributes:
        at: The offset of its image block.
        end: The offset after it.
        box: Left, top, right and bottom in the canvas.
        control_at: The offset of the flags of its graphic control extension; None if it has none.
        control: Those flags.
        code_bits: The bits of an index.
    """

    at: int
    end: int
    box: tuple[int, int, int, int]
    control_at: int | None
    control: int
    code_bits: int

    @property
    def has_clear(self) -> bool:
        """Whether one of its indices is transparent."""
        return bool(self.control & _HAS_CLEAR)

    @property
    def clears(self) -> bool:
        """Whether its area is cleared after it."""
        return self.control >> 2 & 7 == _CLEARS


def walk_gif(source: bytes, max_frames: int, *, may_be_cut_off: bool) -> Layout:
    """Read a GIF's size, frames and transparency.

    Args:
        source: The whole file.
        max_frames: Counting may end above it.
        may_be_cut_off: Whether it may be truncated.

    Raises:
        EndsTooEarlyError: It is truncated, or does not contain even part of a frame.
    """
    width, height = size = _size(source)
    frames: list[_Frame] = []
    try:
        frames.extend(islice(_frames(source), max_frames + 1))  # those before the error are kept
        is_whole = True
    except EndsTooEarlyError:
        is_whole = False
        if not may_be_cut_off and not (frames and frames[-1].end == len(source)):
            raise
    if not frames:
        raise EndsTooEarlyError
    return Layout(
        width=max(width, *(frame.box[2] for frame in frames)),
        height=max(height, *(frame.box[3] for frame in frames)),
        frames=len(frames),
        has_alpha=any(frame.has_clear for frame in frames) or _shows_through(frames, size),
        lacks_end=not is_whole and not may_be_cut_off,
    )


def with_whole_frames(source: bytes) -> bytes | None:
    """Complete a GIF that ends within its last frame's data; None if pixels are missing.

    Decoders ignore what follows the last pixel: different fillers make the same picture only if no pixel is missing.
    """
    frames: list[_Frame] = []
    with suppress(EndsTooEarlyError):
        frames.extend(_frames(source))
    last, missing = frames[-1], _missing_bytes(source, frames[-1])
    ends = [filler * missing + bytes(1) if missing else bytes([_ALL_BITS]) + filler * _ALL_BITS + bytes(1)
            for filler in (b"\0", b"\x55", b"\xff")]  # fmt: skip
    shown = {_decoded_alone(source + end, replace(last, end=len(source) + len(end))) for end in ends}
    return source + ends[0] + bytes([_TRAILER]) if len(shown) == 1 and None not in shown else None


def _missing_bytes(source: bytes, frame: _Frame) -> int:
    """Count the bytes that a frame's last sub-block lacks; 0 if only the next one's length is missing."""
    reader = Reader(source, frame.at + _IMAGE_HEAD)
    reader.skip(_palette_bytes(reader.byte()) + 1)
    with suppress(EndsTooEarlyError):
        while not reader.at_end:
            reader.skip(reader.byte())
    return max(0, reader.at - len(source))


def _decoded_alone(source: bytes, frame: _Frame) -> bytes | None:
    """Decode a frame on a canvas of its own size."""
    try:
        with GifImagePlugin.GifImageFile(BytesIO(_alone(source, frame))) as image:
            return image.tobytes()
    except (EOFError, OSError, SyntaxError, ValueError) as error:
        reraise_machine_fault(error)
        return None


def with_clear_indices(source: bytes) -> bytes:
    """Give each frame a transparent index that none of its pixels uses, if there are unpainted areas.

    Browsers show such areas as transparent. Pillow does so only if frames have a transparent index; else it fills them
    with the background colour.
    """
    try:
        frames = list(_frames(source))
    except EndsTooEarlyError:
        return source
    if not frames or not _shows_through(frames, _size(source)):
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


def _size(source: bytes) -> tuple[int, int]:
    """Return the canvas's width and height."""
    width, height = Reader(source, 6).unpack("<HH")
    return width, height


def _frames(source: bytes) -> Iterator[_Frame]:
    """Yield the frames.

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
            frame = _Frame(
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
                yield frame  # part of it may exist
                raise
            yield replace(frame, end=reader.at)


def _shows_through(frames: list[_Frame], size: tuple[int, int]) -> bool:
    """Say whether there is an area that no frame has painted, or one that was cleared."""
    canvas = (0, 0, *size)
    cleared = (frame.box for frame in frames[:-1] if frame.clears)
    painted = (after for frame, after in pairwise(frames) if frame.clears)
    return not _covers(frames[0], canvas) or not all(map(_covers_fully, painted, cleared))


def _covers_fully(frame: _Frame, box: tuple[int, int, int, int]) -> bool:
    return not frame.has_clear and _covers(frame, box)


def _covers(frame: _Frame, box: tuple[int, int, int, int]) -> bool:
    return all(a <= b for a, b in zip(frame.box[:2], box[:2], strict=True)) and all(
        a >= b for a, b in zip(frame.box[2:], box[2:], strict=True)
    )


def _free_index(source: bytes, frame: _Frame) -> int | None:
    if frame.code_bits < _ALL_BITS:
        return 1 << frame.code_bits
    try:
        with GifImagePlugin.GifImageFile(BytesIO(_alone(source, frame))) as image:
            used = image.histogram()
    except (EOFError, OSError, SyntaxError, ValueError) as error:
        reraise_machine_fault(error)
        return None  # it is damaged, which decoding will report
    return next((index for index, count in enumerate(used) if not count), None)


def _alone(source: bytes, frame: _Frame) -> bytes:
    """Return a GIF of one frame, whose canvas is of its size."""
    width, height = frame.box[2] - frame.box[0], frame.box[3] - frame.box[1]
    size = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    head = source[:6] + size + source[10 : 13 + _palette_bytes(source[10])]
    return head + bytes([_IMAGE]) + bytes(4) + size + source[frame.at + _IMAGE_HEAD : frame.end] + bytes([_TRAILER])


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(reader: Reader) -> bytes:
    """Skip a chain of sub-blocks, and return the first one."""
    first = reader.take(reader.byte())
    length = len(first)
    while length:
        length = reader.byte()
        reader.skip(length)
    return first
