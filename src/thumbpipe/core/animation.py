"""Animated pictures: which frames are kept, for how long, how often they play."""

from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from thumbpipe.core.crop import Target
from thumbpipe.core.errors import InvalidImageError
from thumbpipe.core.frame import FrameReader
from thumbpipe.core.probe import Picture, decoding
from thumbpipe.core.recipe import OnTruncated, Recipe
from thumbpipe.core.scale import scale
from thumbpipe.core.sniff import SourceFormat

_FOREVER: Final = 0
_MAX_PLAYS: Final = 65_535
_MAX_DURATION_MS: Final = 0xFFFFFF  # what WebP can store


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """Frames of one size, upright, in sRGB.

    Args:
        frames: At least one; each in mode L, RGB or RGBa.
        durations_ms: How long each is shown.
        plays: How often it plays; 0 is forever.
    """

    frames: tuple[Image.Image, ...]
    durations_ms: tuple[int, ...]
    plays: int

    def scaled(self, size: tuple[int, int]) -> "Animation":
        """Shrink every frame to exactly a size."""
        return replace(self, frames=tuple(scale(frame, size) for frame in self.frames))


def read_animation(picture: Picture, target: Target, recipe: Recipe) -> Animation:
    """Decode an animation, holding no more than the frames that are kept, shrunk.

    Args:
        picture: What to decode.
        target: The largest size that is wanted, upright.
        recipe: How many frames and pixels the result may have. Above, only every n-th frame is kept, shown for n times
            as long, so that the whole takes the same time.

    Raises:
        InvalidImageError: A frame cannot be decoded.
    """
    total = picture.facts.frames
    budget = max(1, min(recipe.animation_frames, recipe.animation_pixels // (target.size[0] * target.size[1])))
    step = -(-total // budget)
    reader = FrameReader(picture, target)
    frames = [reader.read()]
    durations = [_duration(picture)]
    for index in range(1, total):
        # A frame that is left out is decoded all the same, since the next may be painted over it.
        try:
            with decoding(picture.facts.format):
                picture.image.seek(index)
                picture.image.load()
        except InvalidImageError:
            if picture.on_truncated is OnTruncated.REFUSE:
                raise
            break
        if index % step:
            durations[-1] += _duration(picture)
        else:
            frames.append(reader.read())
            durations.append(_duration(picture))
    durations_ms = tuple(min(each, _MAX_DURATION_MS) for each in durations)
    return Animation(frames=tuple(frames), durations_ms=durations_ms, plays=_plays(picture))


def _duration(picture: Picture) -> int:
    duration = picture.image.info.get("duration", 0)
    return max(0, round(duration)) if isinstance(duration, int | float) else 0


def _plays(picture: Picture) -> int:
    """How often it plays: WebP and APNG count plays, GIF counts repeats and plays once where it says nothing."""
    loop = picture.image.info.get("loop")
    if picture.facts.format == SourceFormat.GIF:
        loop = 1 if loop is None else loop + 1 if loop else _FOREVER
    return min(loop, _MAX_PLAYS) if isinstance(loop, int) else _FOREVER
