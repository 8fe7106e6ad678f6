"""Pictures that other decoders show differently, each with the reason, as checked by hand."""

import io
from typing import Final

from PIL import Image

from thumbpipe.core.imaging.open.png.apng import hides_default

GAMMA: Final = "the PNG states a gamma (gAMA), which browsers and thumbpipe apply and the peers do not"
INKS: Final = "CMYK without a profile: libvips takes it for a printer's, thumbpipe for plain inks"
XMP: Final = "Pillow turns it by what XMP says; browsers go by EXIF alone"
STRICTER: Final = "damaged: thumbpipe refuses what the peer passes over"
HIDDEN: Final = "the first frame of an animation whose default image, which the peers show, is no frame"
CLEARED: Final = "what no frame of a GIF has painted is transparent, as in browsers; the peers paint it"

_NAMED: Final = {
    "16_bit_binary_pgm.tiff": "signed samples, which libvips does not scale",
    "8bit.s.tif": "signed samples, which libvips does not scale",
    "dispose-restore-background.gif": CLEARED,
    "hdr_room.png": "PQ by code points (cICP), which browsers and thumbpipe apply and the peers do not",
    "image-inside-bg.gif": CLEARED,
    "image-outside-bg.gif": CLEARED,
    "image-overlap-bg.gif": CLEARED,
    "images-combine.gif": CLEARED,
    "missing-pixels.gif": CLEARED,
    "hopper_lzma.tif": "libvips shows it black",
    "hopper_unknown_pixel_mode.tif": "32 bits a sample, which libvips does not scale to eight",
    "hopper_webp.tif": "WebP within TIFF, which Pillow's libtiff does not read",
    "png_decompression_dos.png": STRICTER,
    "separate_planar_extra_samples.tiff": "signed samples, which libvips does not scale",
    "tbbn1g04.png": "Pillow looks for the transparent grey's four bits among pixels of eight, and finds none",
    "tiff_overflow_rows_per_strip.tif": STRICTER,
    "tiff_tiled_jpeg_oob_read.tif": STRICTER,
    "truncated_end_chunk.png": "its last chunk is announced and missing, behind its last row: Pillow refuses it",
    "unknown_compression_method.png": STRICTER,
    "xmp_tags_orientation.avif": XMP,
    "xmp_tags_orientation.png": XMP,
    "xmp_tags_orientation_exiftool.png": XMP,
    "no-clear-and-eoi.gif": "no end code: libvips shows nothing",
    "no-eoi.gif": "no end code: libvips shows nothing",
}


def reason(name: str, source: bytes) -> str | None:
    """Return why other decoders show a picture differently; None if the reason is unknown."""
    named = _NAMED.get(name.rpartition("/")[2])
    if named:
        return named
    if b"gAMA" in source[: source.find(b"IDAT")] and source.startswith(b"\x89PNG"):
        return GAMMA
    if b"acTL" in source[: source.find(b"IDAT")] and source.startswith(b"\x89PNG") and hides_default(source):
        return HIDDEN
    with Image.open(io.BytesIO(source)) as image:
        return INKS if image.mode == "CMYK" and "icc_profile" not in image.info else None
