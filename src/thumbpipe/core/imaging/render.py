"""Render a file: everything that a recipe asks for, decoding once."""

from dataclasses import dataclass

from PIL import Image

from thumbpipe.core.imaging.encode.animation import Animation, encode_animation
from thumbpipe.core.imaging.encode.still import encode_still
from thumbpipe.core.imaging.frames import FrameReader, read_animation
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.picture import Facts, Picture
from thumbpipe.core.imaging.open.probe import open_picture
from thumbpipe.core.imaging.placeholder.placeholder import placeholder
from thumbpipe.core.imaging.recipe import Fit, OutputFormat, Recipe
from thumbpipe.core.imaging.resize.crop import Target
from thumbpipe.core.imaging.resize.scale import rendition_sizes, scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One thumbnail file.

    Attributes:
        width: In pixels.
        height: In pixels.
        format: What `data` is encoded as.
        data: The file.
    """

    width: int
    height: int
    format: OutputFormat
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Everything that is made of one file.

    Attributes:
        facts: What its headers say.
        placeholder: Its ThumbHash in base64.
        renditions: By width, smallest first, and by format in the recipe's order.
    """

    facts: Facts
    placeholder: str
    renditions: tuple[Rendition, ...]


def render(source: bytes, recipe: Recipe, limits: Limits) -> Rendered:
    """Make every rendition of a recipe and the placeholder, decoding once.

    Args:
        source: The whole file, in any supported format.
        recipe: What is made.
        limits: The most that the file may cost; a larger one is refused before it is decoded.

    Raises:
        InvalidImageError: The file cannot be rendered.
    """
    picture = open_picture(source, limits, recipe.on_truncated)
    sizes = (recipe.size,) if recipe.size else rendition_sizes(picture.facts.width, picture.facts.height, recipe.widths)
    if picture.facts.frames > 1 and OutputFormat.WEBP in recipe.formats:
        smallest, renditions = _animated(picture, sizes, recipe)
    else:
        smallest, renditions = _still(picture, sizes, recipe)
    return Rendered(facts=picture.facts, placeholder=placeholder(smallest), renditions=tuple(renditions))


def _still(picture: Picture, sizes: tuple[tuple[int, int], ...], recipe: Recipe) -> tuple[Image.Image, list[Rendition]]:
    """Return the smallest picture and the renditions, smallest first."""
    image = FrameReader(picture, _target(sizes[0], recipe)).read()
    renditions: list[Rendition] = []
    for size in sizes:
        image = scale(image, size)
        renditions[:0] = [
            Rendition(width=size[0], height=size[1], format=output, data=encode_still(image, output, recipe))
            for output in recipe.formats
        ]
    return image, renditions


def _animated(
    picture: Picture, sizes: tuple[tuple[int, int], ...], recipe: Recipe
) -> tuple[Image.Image, list[Rendition]]:
    """Do the same with an animation: WebP keeps it, the other formats get its first frame."""
    animation = read_animation(picture, _target(sizes[0], recipe), recipe)
    renditions: list[Rendition] = []
    for size in sizes:
        animation = animation.scaled(size)
        renditions[:0] = [
            Rendition(width=size[0], height=size[1], format=output, data=_animated_file(animation, output, recipe))
            for output in recipe.formats
        ]
    return animation.frames[0], renditions


def _target(size: tuple[int, int], recipe: Recipe) -> Target:
    return Target(size=size, gravity=recipe.gravity if recipe.fit is Fit.COVER else None)


def _animated_file(animation: Animation, output: OutputFormat, recipe: Recipe) -> bytes:
    if output is OutputFormat.WEBP:
        return encode_animation(animation, recipe)
    return encode_still(animation.frames[0], output, recipe)
