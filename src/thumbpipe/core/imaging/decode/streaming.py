"""Decode and shrink some rows at a time, by libvips: faster than Pillow, and the whole is never in memory.

It is a second way to the same pixels. What it does not support or fails on is left to Pillow, so that the errors of
damaged files are the same with and without libvips.
"""

from types import ModuleType
from typing import Any, Final

from PIL import Image

from thumbpipe.core.imaging.decode.avif_rows import decoded_rows
from thumbpipe.core.imaging.libvips import BANDS, from_samples, libvips, pays, resized
from thumbpipe.core.imaging.open.clipped_file import ClippedFile
from thumbpipe.core.imaging.open.picture import Picture
from thumbpipe.core.imaging.open.sniff import SourceFormat
from thumbpipe.core.imaging.recipe import OnTruncated

_PREMULTIPLIED: Final = {"L": "L", "RGB": "RGB", "RGBA": "RGBa"}
_PLAIN_TIFF: Final = frozenset({"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"})


def streamed(picture: Picture, size: tuple[int, int]) -> Image.Image | None:
    """Decode a picture and shrink it to exactly a size.

    Args:
        picture: The picture.
        size: Of the result, as the picture is stored.

    Returns:
        In mode L, RGB or RGBa; None if Pillow has to decode it.
    """
    mode = _PREMULTIPLIED.get(picture.image.mode)
    vips = libvips()
    if vips is None or mode is None or picture.is_animation or not pays(picture.image.size, size, BANDS[mode]):
        return None
    try:
        if picture.facts.format == SourceFormat.HEIC:
            return _heic(vips, picture, size, mode)
        if picture.facts.format == SourceFormat.AVIF:
            return _avif(vips, picture, size, mode)
        pixels = opened(vips, picture) if _has_eight_bits(picture) else None
        return pixels and _premultiplied(pixels, size, mode)
    except vips.Error:
        return None


def opened(vips: ModuleType, picture: Picture) -> Any:  # noqa: ANN401 - pyvips has no types
    """Open a picture for reading from top to bottom; None if Pillow has to decode its kind."""
    options = {"access": "sequential", "fail_on": "warning"}
    info = picture.image.info
    match picture.facts.format:
        case SourceFormat.PNG if "transparency" not in info and not info.get("interlace"):
            return vips.Image.pngload_buffer(picture.source, **options)
        case SourceFormat.TIFF if picture.facts.orientation == 1 and info.get("compression") in _PLAIN_TIFF:
            return vips.Image.tiffload_buffer(picture.source, **options)
        case _:
            return None


def _has_eight_bits(picture: Picture) -> bool:
    image = picture.image
    return {tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in image.tile} == {image.mode}


def _heic(vips: ModuleType, picture: Picture, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Pass libheif's pixels to libvips: Pillow would copy them twice, a fifth of the time for 12 megapixels.

    Raises what Pillow's plug-in would raise.
    """
    if isinstance(picture.image, ClippedFile) or picture.on_truncated is OnTruncated.RENDER:
        return None
    import pi_heif  # type: ignore[import-untyped]  # noqa: PLC0415 - as in `pillow`

    file = pi_heif.open_heif(picture.source)  # kept until the pixels are shrunk, because it owns them
    data, kind, whole = file.data, file.mode, file.size  # the size may change while it decodes
    if (kind, whole) != (picture.image.mode, picture.image.size):
        return None
    return _premultiplied(_in_srgb(vips, data, whole, len(kind)), size, mode)


def _avif(vips: ModuleType, picture: Picture, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Do the same with dav1d's pixels."""
    image = picture.image
    if picture.on_truncated is OnTruncated.RENDER:
        return None
    data = decoded_rows(image)
    if data is None:
        return None
    shrunk = _premultiplied(_in_srgb(vips, data, image.size, len(image.mode)), size, mode)
    if shrunk is None:
        image.frombytes(data)
    return shrunk


def _in_srgb(vips: ModuleType, data: bytes, size: tuple[int, int], bands: int) -> Any:  # noqa: ANN401 - the same
    return from_samples(vips, data, size, bands).copy(interpretation="srgb")


def _premultiplied(pixels: Any, size: tuple[int, int], mode: str) -> Image.Image | None:  # noqa: ANN401 - the same
    if pixels.bands != BANDS[mode]:
        return None
    return resized(pixels.premultiply().rint().cast("uchar") if mode == "RGBa" else pixels, size, mode)
