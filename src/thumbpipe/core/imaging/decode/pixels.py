"""Decode a picture, shrinking it on the way by whole factors, so that no second picture of full size is in memory."""

from typing import Final, TypeAlias

from PIL import Image

from thumbpipe.core.imaging.alpha import without_idle_alpha
from thumbpipe.core.imaging.decode.box_reduce import GAP, reduced
from thumbpipe.core.imaging.decode.eight_bit import EightBitPixels
from thumbpipe.core.imaging.decode.high_depth import (
    HIGH_DEPTH_MODES,
    HighDepthPixels,
    read_high_depth,
    read_high_depth_grey,
)
from thumbpipe.core.imaging.decode.libwebp import decode_still
from thumbpipe.core.imaging.decode.streaming import streamed
from thumbpipe.core.imaging.decode.tiff_samples import read_tiff_samples
from thumbpipe.core.imaging.open.containers.webp import is_still
from thumbpipe.core.imaging.open.picture import Picture
from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.recipe import OnTruncated

_WEBP_GAP: Final = 1.5
"""libwebp averages areas while it decodes, which is soft at the size itself, and larger sizes take longer."""

_SHRINKABLE_MODES: Final = frozenset({"L", "RGB", "CMYK", "LAB"})


Pixels: TypeAlias = EightBitPixels | HighDepthPixels
"""A decoded picture, up to some four times as large as requested."""


def read_pixels(picture: Picture, size: tuple[int, int]) -> Pixels:
    """Decode the current frame.

    Args:
        picture: The picture.
        size: The minimum size of the result, as the picture is stored.
    """
    # None of these supports JPEG, which Pillow shrinks while it decodes.
    if picture.facts.format != SourceFormat.JPEG:
        for read in (_read_webp, read_tiff_samples, read_high_depth, _read_stream):
            pixels = read(picture, size)
            if pixels is not None:
                return pixels
    return _read_by_pillow(picture, size)


def _read_webp(picture: Picture, size: tuple[int, int]) -> EightBitPixels | None:
    if picture.facts.format != SourceFormat.WEBP or not is_still(picture.source):
        return None
    whole = picture.image.size
    wanted = tuple(min(have, -int(-_WEBP_GAP * want // 1)) for have, want in zip(whole, size, strict=True))
    image = decode_still(
        picture.source,
        (wanted[0], wanted[1]),
        has_alpha=picture.facts.has_alpha,
        may_be_cut_off=picture.on_truncated is OnTruncated.RENDER,
    )
    return _filled(image)


def _read_stream(picture: Picture, size: tuple[int, int]) -> EightBitPixels | None:
    return _filled(streamed(picture, size))


def _filled(image: Image.Image | None) -> EightBitPixels | None:
    return None if image is None else EightBitPixels(image=without_idle_alpha(image), extent=image.size)


def _read_by_pillow(picture: Picture, size: tuple[int, int]) -> Pixels:
    # Only JPEGs can be decoded to 1/2, 1/4 or 1/8 of their size, not below the requested one; others are unaffected.
    drafted = picture.image.draft(None, size)
    picture.load()
    image = picture.image
    if image.mode in HIGH_DEPTH_MODES:
        return read_high_depth_grey(picture, size)
    # The last column and row of a drafted picture may stand for fewer stored ones than the others.
    reach = drafted[1][2:] if drafted else image.size
    if _is_ready(image, size):
        return EightBitPixels(image=image, extent=reach)
    (workable,), extent = reduced(image, size, lambda band, _top: (_workable(band),), reach)
    return EightBitPixels(image=without_idle_alpha(workable), extent=extent)


def _is_ready(image: Image.Image, size: tuple[int, int]) -> bool:
    """Say whether a picture needs no conversion, and is too small to be shrunk by a whole factor."""
    small = all(have < 2 * GAP * want for have, want in zip(image.size, size, strict=True))
    return small and image.mode in _SHRINKABLE_MODES and not image.has_transparency_data


def _workable(image: Image.Image) -> Image.Image:
    """Convert a picture to a mode that can be shrunk: L, RGB, RGBa, CMYK or LAB."""
    if image.has_transparency_data:
        return image.convert("RGBA").convert("RGBa")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in _SHRINKABLE_MODES else image.convert("RGB")
