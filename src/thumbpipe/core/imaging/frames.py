"""Read frames of a picture: decoded, shrunk to the largest rendition's size, in sRGB and upright."""

from typing import Final

from PIL import Image

from thumbpipe.core.imaging.colour.source_profile import source_profile
from thumbpipe.core.imaging.colour.to_srgb import to_srgb
from thumbpipe.core.imaging.decode.pixels import read_pixels
from thumbpipe.core.imaging.encode.animation import Animation
from thumbpipe.core.imaging.errors import InvalidImageError, decoding
from thumbpipe.core.imaging.open.orientation import is_sideways
from thumbpipe.core.imaging.open.picture import Picture
from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.recipe import OnTruncated, Recipe
from thumbpipe.core.imaging.resize.crop import Target

_FOREVER: Final = 0


class FrameReader:
    """Reads frames of a picture in one size.

    Args:
        picture: The picture.
        target: The size and part of each frame, upright. The part that draws the eye is found in the first frame that
            is read; the others show the same part.
    """

    def __init__(self, picture: Picture, target: Target) -> None:
        self._picture = picture
        self._target = target.transposed() if is_sideways(picture.turn) else target

    def read(self) -> Image.Image:
        """Read the picture's current frame, which is the first until `seek` is called.

        Returns:
            In mode L, RGB or RGBa.

        Raises:
            InvalidImageError: The pixels cannot be decoded.
        """
        picture = self._picture
        with decoding(picture.facts.format):
            pixels = read_pixels(picture, self._target.decoded_size(*picture.image.size))
        self._target = self._target.focused(pixels.eight_bits)
        # Colours are converted and the frame is turned after shrinking, when they cost a fraction.
        image = to_srgb(pixels.resized(self._target.apply), source_profile(picture))
        return image.transpose(picture.turn) if picture.turn is not None else image


def read_animation(picture: Picture, target: Target, recipe: Recipe) -> Animation:
    """Read an animation. Only the frames that are kept are in memory, shrunk.

    Args:
        picture: The picture.
        target: The largest size of its renditions, upright.
        recipe: How many frames and pixels the result may have. Of longer ones, every n-th frame is kept, n times
            as long, so that the duration stays the same.

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
        # A frame that is not kept is decoded all the same, because the next may be painted over it.
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
    return Animation(frames=tuple(frames), durations_ms=tuple(durations), plays=_plays(picture))


def _duration(picture: Picture) -> int:
    duration = picture.image.info.get("duration", 0)
    return max(0, round(duration)) if isinstance(duration, int | float) else 0


def _plays(picture: Picture) -> int:
    """Return how often it plays: WebP and APNG count plays; GIF counts repeats, and plays once if it says nothing."""
    loop = picture.image.info.get("loop")
    if picture.facts.format == SourceFormat.GIF:
        loop = 1 if loop is None else loop + 1 if loop else _FOREVER
    return loop if isinstance(loop, int) else _FOREVER
