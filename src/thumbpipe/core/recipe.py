import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_RENDITION_EDGE_PX: Final = 16_383
"""The longest edge that WebP can store; a recipe must work in every output format."""

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


class OutputFormat(StrEnum):
    """A format that renditions are made in; the value is its name in recipes and in the catalog."""

    WEBP = "webp"
    JPEG = "jpeg"
    AVIF = "avif"
    PNG = "png"

    @property
    def extension(self) -> str:
        """The ending of a rendition's file name, without the dot."""
        return "jpg" if self is OutputFormat.JPEG else self.value

    @property
    def content_type(self) -> str:
        """The media type that a rendition is served as."""
        return f"image/{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Which renditions are made of a picture.

    Args:
        widths: Widths in pixels. One that is larger than the picture gives way to the picture's own width.
        formats: Each width is made in each of these.
        background: `#rrggbb`, shown through transparent parts where the format has no transparency.
        animation_frames: An animated rendition has at most this many frames; beyond, every n-th is kept for n times
            as long.
        animation_pixels: The same for the sum of its frames' pixels.
    """

    widths: tuple[int, ...] = (160, 320, 640, 1280)
    formats: tuple[OutputFormat, ...] = (OutputFormat.WEBP, OutputFormat.JPEG)
    background: str = "#ffffff"
    animation_frames: int = 200
    animation_pixels: int = 40_000_000

    def __post_init__(self) -> None:
        _require(len(self.widths) > 0, "A recipe needs at least one width.")
        _require(len(self.formats) > 0, "A recipe needs at least one format.")
        _require(len(set(self.widths)) == len(self.widths), f"A width is named twice: {self.widths}.")
        _require(len(set(self.formats)) == len(self.formats), f"A format is named twice: {self.formats}.")
        for width in self.widths:
            _require(1 <= width <= MAX_RENDITION_EDGE_PX, f"A width is 1 to {MAX_RENDITION_EDGE_PX} px, not {width}.")
        _require(_COLOUR.fullmatch(self.background) is not None, f"A colour is #rrggbb, not {self.background!r}.")
        _require(self.animation_frames >= 1, "An animation has at least one frame.")
        _require(self.animation_pixels >= 1, "An animation has at least one pixel.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a source may cost at most; whatever is above is refused before a pixel is decoded.

    Args:
        max_bytes: Size of the file.
        max_pixels: Width x height of one frame.
        max_edge_px: The longer edge.
        max_frames: Frames of an animation.
        max_animation_pixels: Width x height x frames of an animation. Each frame is laid on a canvas of full size,
            however little it changes, at some 10 ns a pixel: without this limit a GIF of 5 kB takes minutes.
    """

    max_bytes: int = 25 * 1024 * 1024
    max_pixels: int = 100_000_000
    max_edge_px: int = 30_000
    max_frames: int = 500
    max_animation_pixels: int = 1_250_000_000

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_pixels", "max_edge_px", "max_frames", "max_animation_pixels"):
            value = getattr(self, name)
            _require(value >= 1, f"{name} is at least 1, not {value}.")


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 (an assertion's first argument)
    if not condition:
        raise ValueError(message)
