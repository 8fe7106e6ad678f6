"""Pictures with sixteen bits per sample, decoded and shrunk some rows at a time by libvips."""

from typing import Final

from PIL import Image

from thumbpipe.core.imaging.decode.streaming import opened
from thumbpipe.core.imaging.libvips import libvips
from thumbpipe.core.imaging.open.picture import Picture

_MIN_PIXELS: Final = 100_000
"""With fewer, Pillow is as fast."""

_BANDS: Final = {"I;16B": 1, "LA;16B": 2, "RGB;16B": 3, "RGB;16L": 3, "RGBA;16B": 4, "RGBA;16L": 4}
_WHITE: Final = 65_535


def streamed_in_high_depth(picture: Picture, size: tuple[int, int], raw_mode: str) -> tuple[Image.Image, ...] | None:
    """Decode a picture and shrink it to exactly a size.

    Args:
        picture: The picture.
        size: Of the result, as the picture is stored.
        raw_mode: Pillow's name for the layout of its samples.

    Returns:
        Its channels in mode F, from 0 to 65,535, multiplied by alpha if that is the last one; None if Pillow has to
        decode it, for example because it is damaged.
    """
    vips, image = libvips(), picture.image
    if vips is None or raw_mode not in _BANDS or image.width * image.height < _MIN_PIXELS:
        return None
    if size == image.size or size[0] > image.width or size[1] > image.height:
        return None
    try:
        pixels = opened(vips, picture)
        if pixels is None or (pixels.bands, pixels.format) != (_BANDS[raw_mode], "ushort"):
            return None
        if not pixels.bands % 2:
            pixels = pixels.premultiply(max_alpha=_WHITE)
        done = pixels.resize(size[0] / pixels.width, vscale=size[1] / pixels.height).cast("float")
        # The Lanczos pass of floats overshoots at edges.
        done = (done < 0).ifthenelse(0, (done > _WHITE).ifthenelse(_WHITE, done)).cast("float").copy_memory()
    except vips.Error:
        return None
    if (done.width, done.height) != size:  # an edge was rounded to another length
        return None
    return tuple(Image.frombytes("F", size, done[band].write_to_memory()) for band in range(done.bands))
