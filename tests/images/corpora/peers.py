"""Other decoders: their rendering of the same files, on white and in sRGB."""

import io
from typing import Final

import pyvips
from PIL import Image, ImageCms, ImageOps

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")
DEEP: Final = {"I;16": 257.0, "I;16B": 257.0, "I;16L": 257.0, "I;16N": 257.0, "I": 257.0, "F": 1.0}
SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def by_libvips(source: bytes) -> Image.Image | None:
    """Decode by libvips, whole, with its own colour conversion; None where it cannot."""
    try:
        image = pyvips.Image.new_from_buffer(source, "", fail_on="truncated").autorot()
        if image.get_typeof("icc-profile-data"):
            image = image.icc_transform("srgb", embedded=True, black_point_compensation=True, depth=8)
        image = image.colourspace("srgb")
        if image.hasalpha():
            image = image.flatten(background=[255.0])
        image = image.cast("uchar")[0:3]
        return Image.frombytes("RGB", (image.width, image.height), image.write_to_memory())
    except pyvips.Error:
        return None


def by_pillow(source: bytes) -> Image.Image | None:
    """Decode the complete file by Pillow only; None if it cannot."""
    Image.init()
    try:
        with Image.open(io.BytesIO(source), formats=FORMATS) as opened:
            opened.load()
            image = ImageOps.exif_transpose(opened)
            profile = opened.info.get("icc_profile")
        return on_white(_to_srgb(image, profile))
    except Exception:  # noqa: BLE001 - decoders answer damage with every error there is
        return None


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode in DEEP:
        if image.has_transparency_data:
            raise ValueError("Pillow does not apply a transparent colour to 16 bits.")
        divisor = DEEP[image.mode]
        return image.convert("F").point(lambda value: value * (1 / divisor) + 0).convert("L")
    if image.mode in {"P", "PA"} or image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in {"L", "RGB", "CMYK", "LAB"}:
        image = image.convert("RGB")
    if not profile:
        return image
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
        return ImageCms.profileToProfile(image, embedded, SRGB, outputMode=mode, flags=flags) or image
    except ImageCms.PyCMSError:
        return image


def on_white(image: Image.Image) -> Image.Image:
    """Lay a picture on white, where it is transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    straight = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", straight.size, "white"), straight).convert("RGB")
