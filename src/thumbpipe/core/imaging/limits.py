"""Limits: what a file may cost, checked before it is decoded."""

from dataclasses import dataclass
from typing import Final

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError

_DECODED_TO_SHOWN: Final = 2
"""The tiles of a grid may have this many times the allowed pixels in total: those at its edges extend beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a file may cost; anything larger is refused before a pixel is decoded.

    Attributes:
        max_bytes: The size of the file.
        max_pixels: Width x height of one frame.
        max_edge_px: The longer edge.
        max_frames: The frames of an animation.
        max_animation_pixels: Width x height x frames of an animation, twice for more than eight bits per sample, and
            twice for interlacing. Each frame is composed on a canvas of full size, however little it changes: without
            this limit a GIF of 5 kB takes minutes. With it the worst animation takes less than a third of a function's
            60 s (docs/image-engine.md).
    """

    max_bytes: int = 25 * 1024 * 1024
    max_pixels: int = 100_000_000
    max_edge_px: int = 30_000
    max_frames: int = 500
    max_animation_pixels: int = 500_000_000

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_pixels", "max_edge_px", "max_frames", "max_animation_pixels"):
            value = getattr(self, name)
            if value < 1:
                raise ValueError(f"{name} is at least 1, not {value}.")

    def check_bytes(self, size: int) -> None:
        """Refuse a file that is too large.

        Args:
            size: In bytes.

        Raises:
            InvalidImageError: It is too large.
        """
        if size > self.max_bytes:
            raise InvalidImageError(
                ErrorCode.TOO_MANY_BYTES, f"The file has {size:,} bytes; at most {self.max_bytes:,} are allowed."
            )

    def check_size(self, width: int, height: int, frames: int = 1, *, weight: int = 1) -> None:
        """Refuse a picture that is too large.

        Args:
            width: In pixels.
            height: The same.
            frames: More than 1 for an animation; counting may have stopped one above `max_frames`.
            weight: How many times a frame's pixels count: depth and interlacing double the time of each.

        Raises:
            InvalidImageError: It is too large.
        """
        if max(width, height) > self.max_edge_px:
            raise InvalidImageError(
                ErrorCode.EDGE_TOO_LONG,
                f"The image is {width:,} x {height:,} px; an edge may have at most {self.max_edge_px:,} px.",
            )
        if width * height > self.max_pixels:
            raise InvalidImageError(
                ErrorCode.TOO_MANY_PIXELS,
                f"The image has {width * height / 1e6:,.1f} megapixels ({width:,} x {height:,});"
                f" at most {self.max_pixels / 1e6:,.1f} are allowed.",
            )
        self._check_frames(width, height, frames, weight)

    def _check_frames(self, width: int, height: int, frames: int, weight: int) -> None:
        if frames > self.max_frames:
            raise InvalidImageError(
                ErrorCode.TOO_MANY_FRAMES,
                f"The animation has more than {self.max_frames:,} frames, the most that are allowed.",
            )
        together = width * height * frames * weight
        often = f", counted {weight} times for depth or interlacing" if weight > 1 else ""
        if frames > 1 and together > self.max_animation_pixels:
            raise InvalidImageError(
                ErrorCode.TOO_MANY_PIXELS,
                f"The animation has {together / 1e6:,.1f} megapixels in its {frames:,} frames{often};"
                f" at most {self.max_animation_pixels / 1e6:,.1f} are allowed.",
            )

    def check_tiles(self, pixels: int) -> None:
        """Refuse a picture whose tiles are too large together.

        Args:
            pixels: Of all tiles, each counted as often as it is decoded.

        Raises:
            InvalidImageError: They are too large.
        """
        if pixels > _DECODED_TO_SHOWN * self.max_pixels:
            raise InvalidImageError(
                ErrorCode.TOO_MANY_PIXELS,
                f"The image's tiles have {pixels / 1e6:,.1f} megapixels in total;"
                f" at most {_DECODED_TO_SHOWN * self.max_pixels / 1e6:,.1f} are allowed.",
            )
