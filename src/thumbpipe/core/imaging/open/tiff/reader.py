"""TIFF files → lazy images, by whichever decoder reads their layout correctly."""

from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Final

from PIL import Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from thumbpipe.core.imaging.errors import EndsTooEarlyError, ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.sniff import unsupported_format
from thumbpipe.core.imaging.open.tiff.layout import TiffLayout, read_layout
from thumbpipe.core.imaging.open.tiff.sampled_file import SampledTiff, is_read_by_pillow, is_readable
from thumbpipe.core.imaging.open.tiff.support import NONE, WEBP, missing_kind
from thumbpipe.core.imaging.open.tiff.vips_file import VipsTiffFile

_PLUGIN: Final = (TiffImagePlugin.TiffImageFile.format,)


def open_tiff(source: bytes) -> ImageFile.ImageFile:
    """Open the first page; its pixels are not decoded.

    Args:
        source: The file.

    Raises:
        InvalidImageError: It is damaged, or of a kind that no available decoder supports.
    """
    layout = _layout(source)
    kind = layout and missing_kind(layout)
    if kind:
        raise unsupported_format(kind)
    for read in _readers(source, layout):
        with suppress(SyntaxError, UnidentifiedImageError):
            return read()
    if layout and layout.compression == WEBP:
        raise unsupported_format("a TIFF compressed with WebP")
    raise InvalidImageError(ErrorCode.CORRUPT, "The TIFF file's header is damaged.")


def _layout(source: bytes) -> TiffLayout | None:
    try:
        return read_layout(source)
    except EndsTooEarlyError:
        return None


def _readers(source: bytes, layout: TiffLayout | None) -> list[Callable[[], ImageFile.ImageFile]]:
    """Return the ways to read it, the best first."""
    by_pillow, by_libvips = lambda: _by_pillow(source), lambda: VipsTiffFile(source)
    if layout and layout.is_subsampled and layout.compression == NONE:
        return [lambda: VipsTiffFile(source, bands=layout.samples)]  # Pillow would expect chroma for each pixel
    if layout is None or not is_readable(layout):
        return [by_pillow, by_libvips]
    by_samples = lambda: SampledTiff(layout)  # noqa: E731 - one of three of a kind
    return [by_pillow, by_samples] if is_read_by_pillow(layout) else [by_samples, by_pillow]


def _by_pillow(source: bytes) -> ImageFile.ImageFile:
    image = Image.open(BytesIO(source), formats=_PLUGIN)
    if image.mode == "P" and image.palette is None:
        raise InvalidImageError(ErrorCode.CORRUPT, "The TIFF file is damaged (its palette is missing).")
    return image
