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
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from thumbpipe.core.imaging.errors import ErrorCode, InvalidImageError
from thumbpipe.core.imaging.open.clipped_file import ClippedFile
from thumbpipe.core.imaging.open.containers.gif import with_clear_indices
from thumbpipe.core.imaging.open.containers.tiff_support import is_webp, unsupported_kind
from thumbpipe.core.imaging.open.containers.webp import with_alpha_announced
from thumbpipe.core.imaging.open.isobmff.clean_aperture import Aperture
from thumbpipe.core.imaging.open.orientation import decoder_turns
from thumbpipe.core.imaging.open.sniff import SourceFormat, unsupported_format
from thumbpipe.core.imaging.open.vips_tiff import VipsTiffFile

# `Limits` differ from call to call, and Pillow's own limit is one for the process: threads that set it would change
# each other's. Ours are checked for every size before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_PLUGINS: Final = {
    SourceFormat.JPEG: (JpegImagePlugin.JpegImageFile.format, MpoImagePlugin.MpoImageFile.format),
    SourceFormat.PNG: (PngImagePlugin.PngImageFile.format,),
    SourceFormat.WEBP: (WebPImagePlugin.WebPImageFile.format,),
    SourceFormat.GIF: (GifImagePlugin.GifImageFile.format,),
    SourceFormat.TIFF: (TiffImagePlugin.TiffImageFile.format,),
    SourceFormat.BMP: (BmpImagePlugin.BmpImageFile.format,),
    SourceFormat.AVIF: (AvifImagePlugin.AvifImageFile.format,),
    SourceFormat.HEIC: ("HEIF",),
}

_ANIMATED: Final = frozenset({SourceFormat.PNG, SourceFormat.WEBP, SourceFormat.GIF, SourceFormat.AVIF})
_BITS: Final = 8


def open_lazily(source: bytes, source_format: SourceFormat, aperture: Aperture | None = None) -> ImageFile.ImageFile:
    """Open a file of a known format; its pixels are not decoded.

    Args:
        source: The file.
        source_format: What it is.
        aperture: The part of an AVIF or HEIC that is shown, if not all.

    Raises:
        InvalidImageError: The header is damaged. Decoders raise other exceptions, too.
    """
    if aperture is None:
        return _open(source, source_format)
    whole = _open(aperture.opened(source), source_format)
    shown = aperture.turned_rectangle if decoder_turns(whole, source_format) else aperture.rectangle
    return ClippedFile(whole, shown(whole.size))


def completed(source: bytes, source_format: SourceFormat, max_bytes: int) -> bytes:
    """Append to a truncated file what its decoder needs to begin at all."""
    if source_format is SourceFormat.JPEG:
        return source + b"\xff\xd9"
    claimed = int.from_bytes(source[4:8], "little") + 8
    if source_format is SourceFormat.WEBP and len(source) < claimed <= max_bytes:
        return source.ljust(claimed, b"\0")
    return source


def largest_tile(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Return the size of the largest piece that is decoded at once: a TIFF's tile may be larger than its picture."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.size
    return int(image.tag_v2.get(322, 1)), int(image.tag_v2.get(323, 1))


def frame_count(image: ImageFile.ImageFile, source_format: SourceFormat) -> int:
    """Return how many frames an animation has: the pages of a TIFF and the pictures of a HEIC are none."""
    return int(getattr(image, "n_frames", 1)) if source_format in _ANIMATED else 1


def _open(source: bytes, source_format: SourceFormat) -> ImageFile.ImageFile:
    if source_format is SourceFormat.HEIC:
        _register_heic()
    try:
        image = Image.open(BytesIO(_announced(source, source_format)), formats=_PLUGINS[source_format])
    except UnidentifiedImageError as error:
        if source_format is SourceFormat.TIFF:
            _require_supported_kind(source)
            with suppress(SyntaxError):
                return VipsTiffFile(BytesIO(source))
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file's header is damaged.") from error
    _check_palette(image, source_format)
    if source_format is SourceFormat.PNG:
        _widen_transparent_grey(image, depth=source[24])
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return image
    if _has_unsigned_32_bits(image):
        return VipsTiffFile(BytesIO(source))
    if is_webp(source):
        with suppress(SyntaxError):
            return VipsTiffFile(BytesIO(source))
    _require_supported_kind(source)
    return image


@cache
def _register_heic() -> None:
    # Imported here, so that other formats do not pay for it.
    import pi_heif  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships no types

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def _require_supported_kind(source: bytes) -> None:
    kind = unsupported_kind(source)
    if kind:
        raise unsupported_format(kind)


def _announced(source: bytes, source_format: SourceFormat) -> bytes:
    """Declare transparency in the header, for decoders that rely on it."""
    match source_format:
        case SourceFormat.GIF:
            return with_clear_indices(source)
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


def _has_unsigned_32_bits(image: TiffImagePlugin.TiffImageFile) -> bool:
    """Say whether Pillow would read a TIFF's bright greys as negative numbers."""
    if image.mode != "I":
        return False
    depths, kinds = image.tag_v2.get(258, (1,)), image.tag_v2.get(339, (1,))
    return (depths, kinds) == ((32,), (1,))
