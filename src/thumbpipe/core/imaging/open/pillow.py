"""Open files by Pillow, lazily, and correct what it would get wrong."""

from contextlib import suppress
from functools import cache
from io import BytesIO
from typing import Final

# Each plug-in is imported by name: `Image.init()` would load some forty that are never used.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.clipped_file import ClippedFile
from thumbpipe.core.imaging.open.containers.bmp_bit_fields import BitFieldsBmp, read_bit_fields
from thumbpipe.core.imaging.open.containers.bmp_kinds import missing_bmp_kind, with_whole_header
from thumbpipe.core.imaging.open.containers.gif import with_clear_indices
from thumbpipe.core.imaging.open.containers.gif_loops import with_known_loops
from thumbpipe.core.imaging.open.containers.webp import with_alpha_announced
from thumbpipe.core.imaging.open.jpeg.walk_jpeg import bare
from thumbpipe.core.imaging.open.layout import Layout
from thumbpipe.core.imaging.open.orientation import decoder_turns
from thumbpipe.core.imaging.open.png.apng import ApngFile
from thumbpipe.core.imaging.open.sniff import SourceFormat, unsupported_format
from thumbpipe.core.imaging.open.tiff.reader import open_tiff

# `Limits` differ from call to call, and Pillow's own limit is one for the process: threads that set it would change
# each other's. Ours are checked for every size before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_PLUGINS: Final = {
    SourceFormat.JPEG: (JpegImagePlugin.JpegImageFile.format,),
    SourceFormat.PNG: (PngImagePlugin.PngImageFile.format,),
    SourceFormat.WEBP: (WebPImagePlugin.WebPImageFile.format,),
    SourceFormat.GIF: (GifImagePlugin.GifImageFile.format,),
    SourceFormat.BMP: (BmpImagePlugin.BmpImageFile.format,),
    SourceFormat.AVIF: (AvifImagePlugin.AvifImageFile.format,),
    SourceFormat.HEIC: ("HEIF",),
}

_ANIMATED: Final = frozenset({SourceFormat.PNG, SourceFormat.WEBP, SourceFormat.GIF, SourceFormat.AVIF})
_BITS: Final = 8


@cache
def _register_heic() -> None:
    # Imported here, so that it does not slow the other formats' cold start.
    import pi_heif  # type: ignore[import-untyped]  # noqa: PLC0415  # it ships no types

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def completed(source: bytes, source_format: SourceFormat, max_bytes: int) -> bytes:
    """Append an end to a truncated file; without one its decoder would not even start."""
    if source_format is SourceFormat.JPEG:
        return source + b"\xff\xd9"
    claimed = int.from_bytes(source[4:8], "little") + 8
    if source_format is SourceFormat.WEBP and len(source) < claimed <= max_bytes:
        return source.ljust(claimed, b"\0")
    return source


def open_lazily(source: bytes, source_format: SourceFormat, layout: Layout | None = None) -> ImageFile.ImageFile:
    """Open a file of a known format; its pixels are not decoded.

    Args:
        source: The file.
        source_format: What it is.
        layout: What its container says.

    Raises:
        InvalidImageError: The header is damaged. Decoders raise other exceptions, too.
    """
    if layout and layout.is_apng:
        return ApngFile(source, layout.frames or 1, lambda still: _open(still, source_format))
    aperture, transforms = (layout.iso.aperture, layout.iso.transforms) if layout and layout.iso else (None, None)
    if transforms:
        whole = _open(transforms.without(source), source_format)
        return ClippedFile(whole, transforms.shown_size(whole.size), transforms.apply)
    if aperture is None:
        return _open(source, source_format)
    whole = _open(aperture.opened(source), source_format)
    box = (aperture.turned_rectangle if decoder_turns(whole, source_format) else aperture.rectangle)(whole.size)
    return ClippedFile(whole, (box[2] - box[0], box[3] - box[1]), lambda image: image.crop(box))


def frame_count(image: ImageFile.ImageFile, source_format: SourceFormat) -> int:
    """Return how many frames an animation has: the pages of a TIFF and the pictures of a HEIC do not count."""
    return int(getattr(image, "n_frames", 1)) if source_format in _ANIMATED else 1


def _open(source: bytes, source_format: SourceFormat) -> ImageFile.ImageFile:
    if source_format is SourceFormat.TIFF:
        return open_tiff(source)
    if source_format is SourceFormat.BMP:
        return _open_bmp(source)
    if source_format is SourceFormat.HEIC:
        _register_heic()
    image = _identified(_announced(source, source_format), source_format)
    _check_palette(image, source_format)
    if source_format is SourceFormat.PNG:
        _widen_transparent_grey(image, depth=source[24])
    return image


def _open_bmp(source: bytes) -> ImageFile.ImageFile:
    kind = missing_bmp_kind(source)
    if kind:
        raise unsupported_format(kind)
    fields = read_bit_fields(source)
    return BitFieldsBmp(source, fields) if fields else _identified(with_whole_header(source), SourceFormat.BMP)


def _identified(source: bytes, source_format: SourceFormat) -> ImageFile.ImageFile:
    formats = _PLUGINS[source_format]
    try:
        return Image.open(BytesIO(source), formats=formats)
    except UnidentifiedImageError as error:
        if source_format is SourceFormat.JPEG:
            # Pillow also rejects JPEGs with malformed metadata.
            with suppress(UnidentifiedImageError):
                return Image.open(BytesIO(bare(source)), formats=formats)
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file's header is damaged.") from error


def _announced(source: bytes, source_format: SourceFormat) -> bytes:
    """Declare transparency in the header, for decoders that rely on it."""
    match source_format:
        case SourceFormat.GIF:
            return with_clear_indices(with_known_loops(source))
        case SourceFormat.WEBP:
            return with_alpha_announced(source)
        case _:
            return source


def _widen_transparent_grey(image: ImageFile.ImageFile, depth: int) -> None:
    """Scale the grey that a PNG declares transparent to eight bits, as Pillow scales its pixels.

    Pillow leaves it unscaled in 2 and 4 bits, so that no pixel would be transparent.
    """
    grey = image.info.get("transparency")
    if image.mode == "L" and isinstance(grey, int) and depth < _BITS:
        image.info["transparency"] = grey * 255 // (2**depth - 1)


def _check_palette(image: ImageFile.ImageFile, source_format: SourceFormat) -> None:
    """Refuse indices without a palette; remove the palette of greys, which would become indices when they are loaded.

    Raises:
        InvalidImageError: The palette is missing.
    """
    if image.mode == "P" and image.palette is None:
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file is damaged (its palette is missing).")
    if image.mode == "L":
        image.palette = None
