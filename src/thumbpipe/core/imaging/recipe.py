"""Recipes: which renditions are made of a picture."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import Final

MAX_RENDITION_EDGE_PX: Final = 16_383
"""The longest edge that WebP supports; a recipe must work in every output format."""

MAX_COVER_PIXELS: Final = 25_000_000
"""The largest width x height of a `cover` size: small files are enlarged to it, so their limits do not bound it."""

MAX_QUALITY: Final = 100

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


class OutputFormat(StrEnum):
    """A format of renditions; the value is its name in recipes and in the catalog."""

    WEBP = "webp"
    JPEG = "jpeg"
    AVIF = "avif"
    PNG = "png"

    @property
    def extension(self) -> str:
        """The extension of a rendition's filename, without the dot."""
        return "jpg" if self is OutputFormat.JPEG else self.value

    @property
    def content_type(self) -> str:
        """The media type of a rendition."""
        return f"image/{self.value}"


class Fit(StrEnum):
    """How a picture is fitted to its renditions' sizes."""

    INSIDE = "inside"
    COVER = "cover"


class Gravity(StrEnum):
    """Which part of a picture `Fit.COVER` keeps."""

    CENTRE = "centre"
    ATTENTION = "attention"


class OnTruncated(StrEnum):
    """What is done with a truncated file."""

    REFUSE = "refuse"
    RENDER = "render"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Which renditions are made of a picture.

    Attributes:
        widths: Widths in pixels; for `Fit.INSIDE`. One that is larger than the picture is replaced by the picture's
            own width.
        formats: Each size is made in each of these.
        fit: `INSIDE` keeps the whole picture and its aspect ratio. `COVER` makes one rendition of exactly `size`: the
            largest part of the picture that has its aspect ratio, enlarged if the picture is too small.
        size: Width and height in pixels; required by `Fit.COVER`, and allowed only there.
        gravity: Which part `COVER` keeps: the centre, or the one that draws the eye (edges, saturation, skin).
        quality: 1 to 100, for all lossy formats or for each of them; None, and formats that are not listed, use the
            engine's default.
        background: `#rrggbb`, shown through transparent parts in formats without transparency.
        on_truncated: Whether a truncated file is refused, or rendered as far as it can be decoded.
        animation_frames: The most frames of an animated rendition; of longer ones, every n-th is kept, n times as long.
        animation_pixels: The same for the pixels of all its frames.
    """

    widths: tuple[int, ...] = (160, 320, 640, 1280)
    formats: tuple[OutputFormat, ...] = (OutputFormat.WEBP, OutputFormat.JPEG)
    fit: Fit = Fit.INSIDE
    size: tuple[int, int] | None = None
    gravity: Gravity = Gravity.CENTRE
    quality: int | Mapping[OutputFormat, int] | None = None
    background: str = "#ffffff"
    on_truncated: OnTruncated = OnTruncated.REFUSE
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
        for quality in self._qualities():
            _require(1 <= quality <= MAX_QUALITY, f"A quality is 1 to {MAX_QUALITY}, not {quality}.")
        _require(
            (self.fit is Fit.COVER) == (self.size is not None), "The fit cover needs a size, and no other fit has one."
        )
        for edge in self.size or ():
            _require(1 <= edge <= MAX_RENDITION_EDGE_PX, f"A size is 1 to {MAX_RENDITION_EDGE_PX} px, not {edge}.")
        _require(prod(self.size or ()) <= MAX_COVER_PIXELS, f"A size has at most {MAX_COVER_PIXELS:,} pixels.")
        _require(self.animation_frames >= 1, "An animation has at least one frame.")
        _require(self.animation_pixels >= 1, "An animation has at least one pixel.")

    def quality_of(self, output: OutputFormat) -> int | None:
        """Return the quality of a format; None is the engine's default."""
        return self.quality.get(output) if isinstance(self.quality, Mapping) else self.quality

    def _qualities(self) -> Collection[int]:
        if self.quality is None:
            return ()
        return self.quality.values() if isinstance(self.quality, Mapping) else (self.quality,)


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion's first argument
    if not condition:
        raise ValueError(message)
