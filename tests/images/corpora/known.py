"""Pictures that other decoders show differently, each with the reason, as checked by hand."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.open.png.apng import hides_default

GAMMA: Final = "the PNG states a gamma (gAMA), which browsers and thumbpipe apply and the peers do not, or not in full"
INKS: Final = "CMYK without a profile: the peers assume a printer's profile, thumbpipe and browsers plain inks"
HIDDEN: Final = "the first frame of an animation; the peers show the default image, which is not a frame"
CLEARED: Final = "areas that no frame of a GIF has painted are transparent, as in browsers; a peer paints them"
NO_ALPHA: Final = "ImageMagick ignores the alpha of a HEIC or AVIF"
SIGNED: Final = "signed samples, which the peers scale differently"
INVERTED: Final = "greys of 2 and 4 bits whose white is 0, which ImageMagick shows as a negative"
FIRST: Final = "a GIF of frames without duration: the peer shows only the first, on another background"
BEYOND: Final = "colours outside sRGB: the peers clip them before they shrink the picture, thumbpipe afterwards"
BITS: Final = "bit fields, an empty alpha channel or OS/2's palette, which ImageMagick does not read as specified"
OLD_JPEG: Final = "the older kind of JPEG in TIFF, whose chroma ImageMagick takes for colours"
MATRIX: Final = "code points that state only the matrix: ImageMagick is yellower than libvips, by 24"
DAMAGED: Final = "damage that the peer ignores"
UNSHOWN: Final = "no peer decodes it, or it has more than 25 megapixels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a peer shows a picture differently, or supports one that we do not.

    Attributes:
        words: The text for the table.
        is_ours: Whether we should support the picture, but do not: refused wrongly.
    """

    words: str
    is_ours: bool = False


_NAMED: Final = {
    "16bit.s.tif": SIGNED,
    "16_bit_binary_pgm.tiff": SIGNED,
    "8bit.s.tif": SIGNED,
    "badrle.bmp": DAMAGED,
    "dispose-restore-background.gif": CLEARED,
    "hdr_room.png": "PQ by code points (cICP), which browsers and thumbpipe apply and the peers do not",
    "high-color.gif": FIRST,
    "hopper.Lab.tif": "Lab: ImageMagick uses another white, 25 apart in the darkest field",
    "hopper2I.tif": INVERTED,
    "hopper2IR.tif": INVERTED,
    "hopper4I.tif": INVERTED,
    "hopper4IR.tif": INVERTED,
    "hopper_bad_exif.jpg": "stripes one pixel wide, deliberately damaged: at half the size they differ by 22 of 255",
    "hopper_lzma.tif": "libvips shows it black",
    "hopper_unknown_pixel_mode.tif": "32 bits per sample, which libvips does not scale to eight",
    "image-inside-bg.gif": CLEARED,
    "image-outside-bg.gif": CLEARED,
    "image-overlap-bg.gif": CLEARED,
    "images-combine.gif": CLEARED,
    "invalid_id.heic": "its grid refers to missing items: each decoder shows another of its pictures",
    "missing-pixels.gif": CLEARED,
    "no-clear-and-eoi.gif": "no end code: libvips shows nothing",
    "no-eoi.gif": "no end code: libvips shows nothing",
    "old-style-jpeg-compression-no-samplesperpixel.tif": OLD_JPEG,
    "old-style-jpeg-compression.tif": OLD_JPEG,
    "P3-sRGB-color-bars.png": BEYOND,
    "pal8os2v2.bmp": BITS,
    "R2020-sRGB-color-bars.png": BEYOND,
    "rgb16-231.bmp": BITS,
    "rgb32fakealpha.bmp": BITS,
    "tiff_overflow_rows_per_strip.tif": DAMAGED,
    "tiff_tiled_jpeg_oob_read.tif": DAMAGED,
    "xmp_tags_orientation.avif": MATRIX,
}
_NOT_TAKEN: Final = {
    "separate_planar_extra_samples.tiff": "a TIFF of signed samples with an extra one, which is unknown in practice",
}
_ALPHA_KINDS: Final = (b"auxiliary:alpha", b"hevc:2015:auxid:1")


def reason(name: str, source: bytes) -> Reason | None:
    """Return why other decoders show a picture differently; None if the reason is unknown."""
    base = name.rpartition("/")[2]
    if base in _NOT_TAKEN:
        return Reason(words=_NOT_TAKEN[base], is_ours=True)
    words = _NAMED.get(base) or _general(source)
    return Reason(words=words) if words else None


def _general(source: bytes) -> str | None:
    """Return a reason that applies to many files, by their content."""
    is_png, head = source.startswith(b"\x89PNG"), source[: max(0, source.find(b"IDAT"))]
    if is_png and b"acTL" in head and hides_default(source):
        return HIDDEN
    if is_png and b"gAMA" in head:
        return GAMMA
    if source[4:8] == b"ftyp" and any(kind in source for kind in _ALPHA_KINDS):
        return NO_ALPHA
    try:
        with Image.open(io.BytesIO(source), formats=("JPEG", "TIFF")) as image:
            return INKS if image.mode == "CMYK" and "icc_profile" not in image.info else None
    except Exception:  # noqa: BLE001 - decoders raise all kinds of errors for damage
        return None
