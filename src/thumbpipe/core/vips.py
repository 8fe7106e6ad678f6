"""libvips where it is faster than Pillow and needs less memory: shrinking, and decoding while it shrinks.

It is a second way to the same pixels. What it does not take, or stumbles over, is left to Pillow, so that what a
damaged file is called is decided in one place.
"""

from types import ModuleType
from typing import Any, Final

from PIL import Image

from thumbpipe.core.clap import ClippedFile
from thumbpipe.core.handing import handed
from thumbpipe.core.libvips import libvips
from thumbpipe.core.probe import Picture
from thumbpipe.core.recipe import OnTruncated
from thumbpipe.core.sniff import SourceFormat

_BANDS: Final = {"L": 1, "RGB": 3, "RGBa": 4}
_PREMULTIPLIED: Final = {"L": "L", "RGB": "RGB", "RGBA": "RGBa"}
_MIN_SAMPLES: Final = 200_000
"""Below, handing the pixels over and back costs more than it saves: 70,000 pixels in colour."""

_AVIF_EFFORT: Final = 4
"""Of 9. At 3 it takes a fifth of the time, for 7 % more bytes."""

_PLAIN_TIFF: Final = frozenset({"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"})


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image | None:
    """Shrink a picture to exactly a size, by Lanczos.

    Args:
        image: In any mode; premultiplied if it has alpha.
        size: No edge of it longer than the picture's.

    Returns:
        In the same mode; None where Pillow is to do it.
    """
    vips = libvips()
    bands = _BANDS.get(image.mode)
    if vips is None or bands is None or not _pays(image.size, size, bands):
        return None
    pixels = vips.Image.new_from_memory(image.tobytes(), image.width, image.height, bands, "uchar")
    return _resized(pixels, size, image.mode)


def streamed(picture: Picture, size: tuple[int, int]) -> Image.Image | None:
    """Decode a picture and shrink it to exactly a size, some rows at a time: the whole is never in memory.

    Args:
        picture: What to decode.
        size: As large as it is wanted, as it is stored.

    Returns:
        In mode L, RGB or RGBa; None where Pillow is to do it.
    """
    mode = _PREMULTIPLIED.get(picture.image.mode)
    vips = libvips()
    if vips is None or mode is None or picture.facts.frames > 1 or not _pays(picture.image.size, size, _BANDS[mode]):
        return None
    try:
        if picture.facts.format == SourceFormat.HEIC:
            return _heic(vips, picture, size, mode)
        if picture.facts.format == SourceFormat.AVIF:
            return _avif(vips, picture, size, mode)
        pixels = _opened(vips, picture)
        return pixels and _premultiplied(pixels, size, mode)
    except vips.Error:
        return None


def avif(image: Image.Image, quality: int) -> bytes | None:
    """Encode AVIF with full colour resolution, which Pillow's encoder needs a tenth more bytes for.

    Args:
        image: In mode L, RGB or RGBA.
        quality: 1 to 100.

    Returns:
        None where Pillow is to do it.
    """
    vips = libvips()
    if vips is None:
        return None
    bands = len(image.getbands())
    pixels = vips.Image.new_from_memory(image.tobytes(), image.width, image.height, bands, "uchar")
    pixels = pixels.copy(interpretation="b-w" if bands == 1 else "srgb")
    try:
        data: bytes = pixels.heifsave_buffer(
            Q=quality, compression="av1", effort=_AVIF_EFFORT, subsample_mode="off", keep="none"
        )
    except vips.Error:
        return None
    return data


def _pays(have: tuple[int, int], want: tuple[int, int], bands: int) -> bool:
    return have[0] * have[1] * bands >= _MIN_SAMPLES and want[0] <= have[0] and want[1] <= have[1] and have != want


def _opened(vips: ModuleType, picture: Picture) -> Any:  # noqa: ANN401 (it ships no types)
    """Open a picture for reading from top to bottom; a kind that Pillow is to decode is None."""
    options = {"access": "sequential", "fail_on": "warning"}
    image, source = picture.image, picture.source
    tiles = {tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in image.tile}
    eight_bits = tiles == {image.mode}
    match picture.facts.format:
        case SourceFormat.PNG if eight_bits and "transparency" not in image.info and not image.info.get("interlace"):
            return vips.Image.pngload_buffer(source, **options)
        case SourceFormat.TIFF if (
            eight_bits and picture.facts.orientation == 1 and image.info.get("compression") in _PLAIN_TIFF
        ):
            return vips.Image.tiffload_buffer(source, **options)
        case _:
            return None


def _heic(vips: ModuleType, picture: Picture, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Hand libheif's pixels over as they are: Pillow would copy them twice, a fifth of the time for 12 megapixels.

    Raises what Pillow's plug-in would.
    """
    if isinstance(picture.image, ClippedFile) or picture.on_truncated is OnTruncated.RENDER:
        return None
    import pi_heif  # type: ignore[import-untyped]  # noqa: PLC0415  # as in `opening`

    file = pi_heif.open_heif(picture.source)  # held until the pixels are shrunk: they are its memory
    data, kind, whole = file.data, file.mode, file.size  # the size may change while it decodes
    if (kind, whole) != (picture.image.mode, picture.image.size):
        return None
    return _premultiplied(_from_memory(vips, data, whole, len(kind)), size, mode)


def _avif(vips: ModuleType, picture: Picture, size: tuple[int, int], mode: str) -> Image.Image | None:
    """Hand dav1d's pixels over in the same way."""
    image = picture.image
    if picture.on_truncated is OnTruncated.RENDER:
        return None
    data = handed(image)
    if data is None:
        return None
    shrunk = _premultiplied(_from_memory(vips, data, image.size, len(image.mode)), size, mode)
    if shrunk is None:
        image.frombytes(data)
    return shrunk


def _from_memory(vips: ModuleType, data: bytes, size: tuple[int, int], bands: int) -> Any:  # noqa: ANN401 (the same)
    return vips.Image.new_from_memory(data, *size, bands, "uchar").copy(interpretation="srgb")


def _premultiplied(pixels: Any, size: tuple[int, int], mode: str) -> Image.Image | None:  # noqa: ANN401 (the same)
    if pixels.bands != _BANDS[mode]:
        return None
    return _resized(pixels.premultiply().rint().cast("uchar") if mode == "RGBa" else pixels, size, mode)


def _resized(pixels: Any, size: tuple[int, int], mode: str) -> Image.Image | None:  # noqa: ANN401 (the same)
    done = pixels.resize(size[0] / pixels.width, vscale=size[1] / pixels.height)
    if (done.width, done.height) != size:  # an edge rounded the other way
        return None
    return Image.frombytes(mode, size, done.write_to_memory())
