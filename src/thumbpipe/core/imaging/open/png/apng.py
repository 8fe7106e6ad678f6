"""Animated PNGs: each frame is decoded as a separate PNG, and painted on the canvas here.

Pillow mistakes a hidden default image for a frame, and does not decode interlaced frames.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageFile

from thumbpipe.core.imaging.errors import DamagedError, EndsTooEarlyError
from thumbpipe.core.imaging.open.png.chunks import SIGNATURE_BYTES, has_end_chunk, png_chunk, png_chunks

_CONTROL: Final = ">IIIIIHHBB"
_CONTROL_BYTES: Final = 26
_SEQUENCE_BYTES: Final = 4
_HEADER_REST: Final = slice(24, 29)
_CLEARS: Final = 1
_RESTORES: Final = 2
_LIES_OVER: Final = 1
_ALPHA_BIT: Final = 4
_USUAL_DIVISOR: Final = 100
_SHARED: Final = frozenset({b"PLTE", b"tRNS"})

OpenStill = Callable[[bytes], Image.Image]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame.

    Attributes:
        box: Left, top, right and bottom.
        duration_ms: How long it is shown.
        clears: Whether its area is cleared after it.
        restores: Whether its area is restored after it to what it was before.
        lies_over: Whether what is below shows through it, rather than being replaced.
        parts: Its compressed pixels.
    """

    box: tuple[int, int, int, int]
    duration_ms: float
    clears: bool
    restores: bool
    lies_over: bool
    parts: tuple[memoryview, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.box[2] - self.box[0], self.box[3] - self.box[1]


def hides_default(source: bytes) -> bool:
    """Say whether the default image, which viewers without animation show, is not a frame of the animation."""
    for chunk in png_chunks(source, may_be_cut_off=True):
        if chunk.kind in {b"fcTL", b"IDAT"}:
            return chunk.kind == b"IDAT"
    return False


def sound_frames(source: bytes, announced: int) -> int:
    """Count the frames that can be shown.

    Args:
        source: The whole file.
        announced: The number that it states.

    Returns:
        Fewer than announced if it ends without the others; 0 if its chunks are damaged or out of order.

    Raises:
        EndsTooEarlyError: The file is truncated.
    """
    found = 0
    try:
        for frame in apng_frames(source):
            if not frame.parts:
                return 0
            found += 1
    except DamagedError:
        return 0
    return min(found, announced) if has_end_chunk(source) else announced


def apng_frames(source: bytes) -> Iterator[Frame]:
    """Yield the frames of an animation.

    Raises:
        DamagedError: They are damaged, or out of order.
    """
    frame: Frame | None = None
    parts: list[memoryview] = []
    sequence = 0
    for chunk in png_chunks(source):
        if chunk.kind in {b"fcTL", b"fdAT"}:
            if int.from_bytes(chunk.data[:_SEQUENCE_BYTES], "big") != sequence or not chunk.is_whole(source):
                raise DamagedError("its frames are damaged or out of order")
            sequence += 1
        if chunk.kind == b"fcTL":
            if frame is not None:
                yield replace(frame, parts=tuple(parts))
            frame, parts = _frame(chunk.data, _size(source)), []
        elif chunk.kind == b"fdAT" and frame is not None:
            parts.append(chunk.data[_SEQUENCE_BYTES:])
        elif chunk.kind == b"IDAT" and frame is not None:
            if frame.size != _size(source):
                raise DamagedError("the first frame does not have the canvas's size")
            parts.append(chunk.data)
    if frame is not None:
        yield replace(frame, parts=tuple(parts))


def _size(source: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", source, SIGNATURE_BYTES + 8)
    return width, height


def _frame(data: memoryview, canvas: tuple[int, int]) -> Frame:
    if len(data) != _CONTROL_BYTES:
        raise DamagedError("a frame's description is damaged")
    _, width, height, left, top, time, divisor, disposal, blending = struct.unpack(_CONTROL, data)
    if not width or not height or left + width > canvas[0] or top + height > canvas[1]:
        raise DamagedError("a frame reaches beyond the picture")
    return Frame(
        box=(left, top, left + width, top + height),
        duration_ms=1000 * time / (divisor or _USUAL_DIVISOR),
        clears=disposal == _CLEARS,
        restores=disposal == _RESTORES,
        lies_over=blending == _LIES_OVER,
    )


class ApngFile(ImageFile.ImageFile):
    """An animation as a Pillow image: complete frames, one after another.

    Args:
        source: The file.
        count: The number of frames.
        open_still: Opens a PNG that is not animated.
    """

    format = "PNG"
    format_description = "Animated PNG"

    def __init__(self, source: bytes, count: int, open_still: OpenStill) -> None:
        self._source, self._open_still = source, open_still
        self.n_frames = count
        super().__init__(BytesIO())

    def _open(self) -> None:
        first = next(apng_frames(self._source), None)
        if first is None:
            raise EndsTooEarlyError
        self._shared = b"".join(
            self._source[chunk.start : chunk.end] for chunk in png_chunks(self._source) if chunk.kind in _SHARED
        )
        loops = (chunk.data[4:8] for chunk in png_chunks(self._source) if chunk.kind == b"acTL")
        self.info["loop"] = int.from_bytes(next(loops, b""), "big")
        self._size = _size(self._source)
        self._mode = "RGBA" if self._may_show_through(first) else "RGB"
        self._restart()

    def _may_show_through(self, first: Frame) -> bool:
        has_alpha = self._source[25] & _ALPHA_BIT or b"tRNS" in self._shared
        return bool(has_alpha) or first.size != self._size or any(each.clears for each in apng_frames(self._source))

    def _restart(self) -> None:
        self._frames, self._at, self._is_painted = apng_frames(self._source), 0, False
        self._canvas = Image.new(self.mode, self._size)
        self._frame = self._next()

    def _next(self) -> Frame:
        frame = next(self._frames, None)
        if frame is None:
            raise EndsTooEarlyError
        self.info["duration"] = frame.duration_ms
        return frame

    def tell(self) -> int:
        """Return the index of the current frame."""
        return self._at

    def seek(self, frame: int) -> None:
        """Go to a frame; those before it are painted.

        Raises:
            EOFError: There is none.
        """
        if frame >= self.n_frames:
            raise EOFError("no more frames")
        if frame < self._at:
            self._restart()
        while self._at < frame:
            self.load()
            self._dispose()
            self._frame, self._at, self._is_painted = self._next(), self._at + 1, False

    def load(self) -> Any:  # noqa: ANN401 - as in Pillow, whose type has no public name
        """Paint the frame."""
        if not self._is_painted:
            pixels = self._decoded(self._frame)
            self._before = self._canvas.copy() if self._frame.restores else None
            if self._frame.size == self._size and not (self._frame.lies_over and pixels.mode == "RGBA"):
                self._canvas = pixels.convert(self.mode)
            elif self._frame.lies_over and pixels.mode == "RGBA":
                self._canvas.alpha_composite(pixels, self._frame.box[:2])
            else:
                self._canvas.paste(pixels, self._frame.box)
            self._is_painted = True
            self.im = self._canvas.im
        return super().load()

    def _dispose(self) -> None:
        if self._before is not None:
            self._canvas = self._before
        elif self._frame.clears:
            self._canvas.paste((0,) * len(self.mode), self._frame.box)

    def _decoded(self, frame: Frame) -> Image.Image:
        """Decode a frame, as a PNG of its size with the shared palette."""
        header = struct.pack(">II", *frame.size) + self._source[_HEADER_REST]
        data = b"".join(frame.parts)
        chunks = (png_chunk(b"IHDR", header), self._shared, png_chunk(b"IDAT", data), png_chunk(b"IEND", b""))
        with self._open_still(self._source[:SIGNATURE_BYTES] + b"".join(chunks)) as image:
            image.load()
            if image.mode.startswith("I"):  # greys of 16 bits, which Pillow would clip instead of scaling
                return image.convert("I").point(lambda level: level * (1 / 257) + 0.5).convert("L").convert("RGB")
            has_alpha = image.has_transparency_data
            return image.convert("RGBA" if has_alpha and self.mode == "RGBA" else "RGB")
