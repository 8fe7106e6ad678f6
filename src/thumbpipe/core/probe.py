from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, ImageFile, TiffImagePlugin

from thumbpipe.core.clap import ClippedFile
from thumbpipe.core.colour import profile_name
from thumbpipe.core.errors import ErrorCode, InvalidImageError
from thumbpipe.core.exif import TURNS, Exif, read_exif, sensible_orientation
from thumbpipe.core.iso import IsoFacts
from thumbpipe.core.layout import Layout, read_layout
from thumbpipe.core.opening import completed, open_lazily
from thumbpipe.core.png import rows_are_missing
from thumbpipe.core.reader import EndsTooEarlyError
from thumbpipe.core.recipe import Limits, OnTruncated
from thumbpipe.core.sniff import SourceFormat, sniff
from thumbpipe.core.vips_tiff import VipsTiffFile

_ANIMATED: Final = frozenset({SourceFormat.PNG, SourceFormat.WEBP, SourceFormat.GIF, SourceFormat.AVIF})
# Pillow (TIFF) and libheif (HEIC) turn these upright themselves, while they decode.
_TURNED_BY_DECODER: Final = frozenset({SourceFormat.TIFF, SourceFormat.HEIC})

_DECODED_TO_SHOWN: Final = 2
"""How many times the pixels that are taken the tiles of a grid may have together: those at its edge reach beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a picture is, read from its headers.

    Args:
        width: In pixels, as the viewer sees it: turned upright.
        height: The same.
        format: By its usual name: JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF or HEIC.
        frames: Of its animation; 1 for a still picture, a TIFF of several pages included.
        has_alpha: Whether it can be transparent anywhere.
        orientation: As EXIF states it, 1 to 8; an AVIF's by its own boxes, which alone count there.
        colour_profile: The name of the embedded ICC profile.
        captured_at: When the photo was taken, by EXIF: `2026-11-25T08:54:17`, with an offset if one is stated.
    """

    width: int
    height: int
    format: str
    frames: int = 1
    has_alpha: bool = False
    orientation: int = 1
    colour_profile: str | None = None
    captured_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture whose header is read and whose pixels are not.

    Args:
        facts: What the header says.
        image: Pillow's lazy image, as it is stored.
        turn: What turns the decoded image upright.
        source: The file.
        on_truncated: What becomes of it if pixels are missing.
        cicp: Its colours by code points, where it states them: primaries, transfer, matrix and range.
    """

    facts: Facts
    image: ImageFile.ImageFile
    turn: Image.Transpose | None
    source: bytes
    on_truncated: OnTruncated
    cicp: tuple[int, int, int, int] | None = None

    def load(self) -> None:
        """Decode the frame that the image is at. It stays as far as it goes where that may be shown.

        Raises:
            EndsTooEarlyError: Rows are missing, and the decoder has not told.
        """
        first_of_png = self.facts.format == SourceFormat.PNG and self.image.tell() == 0
        refuses = self.on_truncated is OnTruncated.REFUSE
        try:
            self.image.load()
        except (EOFError, OSError, SyntaxError) as err:
            # The end that a PNG lacks may be that of a chunk behind the last row.
            if not _is_truncation(err) or (refuses and not first_of_png):
                raise
            # The decoder has filled what there is, and Pillow takes an image without tiles for decoded.
            self.image.tile = []
            self.image.load()
        if refuses and first_of_png and rows_are_missing(self.source, self.image):
            raise EndsTooEarlyError

    def reopened(self) -> "Picture":
        """Open the same file once more."""
        return replace(self, image=open_lazily(self.source, SourceFormat(self.facts.format)))


def probe(source: bytes, limits: Limits) -> Facts:
    """Read what a picture is, without decoding it.

    Args:
        source: The whole file.
        limits: What it may cost.

    Raises:
        InvalidImageError: It is no picture that may be rendered.
    """
    return open_picture(source, limits).facts


def open_picture(source: bytes, limits: Limits, on_truncated: OnTruncated = OnTruncated.REFUSE) -> Picture:
    """Open a picture within its limits.

    Args:
        source: The whole file.
        limits: What it may cost.
        on_truncated: Whether it may end too early.

    Raises:
        InvalidImageError: It is no picture that may be rendered.
    """
    if len(source) > limits.max_bytes:
        raise InvalidImageError(
            ErrorCode.TOO_MANY_BYTES, f"The file has {len(source):,} bytes; at most {limits.max_bytes:,} are taken."
        )
    source_format = sniff(source)
    may_be_cut_off = on_truncated is OnTruncated.RENDER
    with decoding(source_format):
        layout = read_layout(source, source_format, limits.max_frames, may_be_cut_off=may_be_cut_off)
    if layout is not None:
        _check(layout.width, layout.height, layout.frames or 1, limits)
        if layout.iso:
            _check_streams(layout.iso, source_format, limits)
    with decoding(source_format):
        image = _opened(
            completed(source, source_format, limits.max_bytes) if may_be_cut_off else source, source_format, layout
        )
        tile_width, tile_height = _tile(image)
        frames = _frames(image, source_format, layout)
        exif = _exif(source, image, layout)
    _check(image.width, image.height, frames, limits)
    _check(tile_width, tile_height, frames, limits)
    return Picture(
        facts=_facts(image, source_format, frames, exif, layout),
        image=image,
        turn=None if _is_turned_by_decoder(image, source_format) else TURNS.get(exif.orientation),
        source=source,
        on_truncated=on_truncated,
        cicp=layout.cicp if layout else None,
    )


@contextmanager
def decoding(source_format: str) -> Iterator[None]:
    """Turn whatever a decoder raises into `InvalidImageError`.

    Decoders answer damaged bytes with nearly every error that Python has, `MemoryError` and `RecursionError` included,
    and none documents which. So only calls into decoders belong inside; an error of our own must fly.
    """
    try:
        yield
    except InvalidImageError:
        raise
    except Exception as err:
        if _is_truncation(err):
            raise _truncated(source_format) from err
        reason = " ".join(str(err).split()) or type(err).__name__
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file is damaged ({reason}).") from err


def _is_truncation(err: Exception) -> bool:
    return isinstance(err, EOFError | EndsTooEarlyError) or "truncated" in str(err).lower()


def _truncated(source_format: str) -> InvalidImageError:
    return InvalidImageError(ErrorCode.TRUNCATED, f"The {source_format} file ends before the picture does.")


def _check(width: int, height: int, frames: int, limits: Limits) -> None:
    if max(width, height) > limits.max_edge_px:
        raise InvalidImageError(
            ErrorCode.EDGE_TOO_LONG,
            f"The picture is {width:,} x {height:,} px; an edge may have {limits.max_edge_px:,} px at most.",
        )
    if width * height > limits.max_pixels:
        raise InvalidImageError(
            ErrorCode.TOO_MANY_PIXELS,
            f"The picture has {width * height / 1e6:,.1f} megapixels ({width:,} x {height:,});"
            f" at most {limits.max_pixels / 1e6:,.1f} are taken.",
        )
    _check_frames(width, height, frames, limits)


def _check_streams(iso: IsoFacts, source_format: SourceFormat, limits: Limits) -> None:
    """Hold what is decoded to the limits, whatever is shown of it."""
    for width, height in iso.sizes:
        _check(width, height, 1, limits)
    if iso.decoded_pixels > _DECODED_TO_SHOWN * limits.max_pixels:
        raise InvalidImageError(
            ErrorCode.TOO_MANY_PIXELS,
            f"The picture's tiles have {iso.decoded_pixels / 1e6:,.1f} megapixels together;"
            f" at most {_DECODED_TO_SHOWN * limits.max_pixels / 1e6:,.1f} are taken.",
        )
    if iso.contradiction:
        raise InvalidImageError(ErrorCode.CORRUPT, f"The {source_format} file is damaged ({iso.contradiction}).")


def _check_frames(width: int, height: int, frames: int, limits: Limits) -> None:
    if frames > limits.max_frames:
        # Counting stops above the limit, so the true figure may not be known.
        raise InvalidImageError(
            ErrorCode.TOO_MANY_FRAMES,
            f"The animation has more than {limits.max_frames:,} frames, the most that are taken.",
        )
    together = width * height * frames
    if frames > 1 and together > limits.max_animation_pixels:
        raise InvalidImageError(
            ErrorCode.TOO_MANY_PIXELS,
            f"The animation has {together / 1e6:,.1f} megapixels in its {frames:,} frames;"
            f" at most {limits.max_animation_pixels / 1e6:,.1f} are taken.",
        )


def _opened(source: bytes, source_format: SourceFormat, layout: Layout | None) -> ImageFile.ImageFile:
    aperture = layout.iso.aperture if layout and layout.iso else None
    if aperture is None:
        return open_lazily(source, source_format)
    whole = open_lazily(aperture.opened(source), source_format)
    turned = source_format in _TURNED_BY_DECODER
    return ClippedFile(whole, (aperture.turned_rectangle if turned else aperture.rectangle)(whole.size))


def _tile(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Return the largest piece that is decoded at once: a TIFF's tile may be larger than its picture."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.size
    return int(image.tag_v2.get(322, 1)), int(image.tag_v2.get(323, 1))


def _frames(image: ImageFile.ImageFile, source_format: SourceFormat, layout: Layout | None) -> int:
    if source_format not in _ANIMATED:
        return 1
    return (layout and layout.frames) or int(getattr(image, "n_frames", 1))


def _exif(source: bytes, image: ImageFile.ImageFile, layout: Layout | None) -> Exif:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return read_exif(source)
    exif = read_exif((layout and layout.exif) or image.info.get("exif"))
    # HEIC: what EXIF said before the decoder overwrote it
    orientation = image.info.get("original_orientation") or exif.orientation
    return replace(exif, orientation=sensible_orientation(orientation))


def _is_turned_by_decoder(image: ImageFile.ImageFile, source_format: SourceFormat) -> bool:
    return source_format in _TURNED_BY_DECODER and not isinstance(image, VipsTiffFile)


def _facts(
    image: ImageFile.ImageFile, source_format: SourceFormat, frames: int, exif: Exif, layout: Layout | None
) -> Facts:
    width, height = image.size
    if not _is_turned_by_decoder(image, source_format) and exif.orientation >= 5:  # noqa: PLR2004 (5 to 8 lie on their side)
        width, height = height, width
    return Facts(
        width=width,
        height=height,
        format=source_format.value,
        frames=frames,
        has_alpha=image.has_transparency_data or bool(layout and layout.has_alpha),
        orientation=exif.orientation,
        colour_profile=profile_name(image.info.get("icc_profile")),
        captured_at=exif.captured_at,
    )
