"""Whatever the bytes are: a picture or `InvalidImageError`, never anything else."""

import random
from pathlib import Path
from typing import Final

import pytest
from PIL import Image, ImageCms

from images import make
from thumbpipe.core.imaging.errors import DamagedError, ErrorCode, InvalidImageError, decoding
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.probe import probe
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe
from thumbpipe.core.imaging.render import render

RECIPE: Final = Recipe(widths=(16,), formats=(OutputFormat.JPEG,))
# A byte that claims 30,000 px an edge within the 100 megapixels is fine, but makes the tests slow.
LIMITS: Final = Limits(max_pixels=1_000_000)


def survives(source: bytes) -> bool:
    """Tell whether it still shows a picture; any error but the refusal fails the test."""
    try:
        render(source, RECIPE, LIMITS)
    except InvalidImageError:
        return False
    return True


def shown(source: bytes) -> bytes | None:
    """Return what it shows; None if it is refused."""
    try:
        return render(source, RECIPE, LIMITS).renditions[0].data
    except InvalidImageError:
        return None


def sources() -> dict[str, bytes]:
    picture, noise = make.quadrants(48, 36), Image.effect_noise((48, 36), 90)
    transparent = picture.convert("RGBA")
    transparent.putalpha(noise)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        "jpeg": make.saved(picture, "JPEG", exif=make.exif_block(6, "2026:11:25 08:54:17"), icc_profile=profile),
        "jpeg-cmyk": make.saved(picture.convert("CMYK"), "JPEG"),
        "jpeg-progressive": make.saved(noise, "JPEG", progressive=True),
        "mpo": make.saved(picture, "MPO", save_all=True, append_images=[picture]),
        "png": make.saved(transparent, "PNG", exif=make.exif_block(6)),
        "png-palette": make.saved(picture.quantize(16), "PNG", transparency=1),
        "png-deep": make.grey_ramp(),
        "apng": make.animated("PNG"),
        "webp": make.saved(transparent, "WEBP"),
        "webp-animated": make.animated("WEBP"),
        "gif": make.saved(picture, "GIF"),
        "gif-animated": make.animated("GIF"),
        "tiff": make.saved(picture, "TIFF", exif=make.exif_block(6)),
        "tiff-lzw": make.saved(picture, "TIFF", compression="tiff_lzw"),
        "tiff-jpeg": make.saved(picture, "TIFF", compression="jpeg"),
        "bmp": make.saved(picture, "BMP"),
        "avif": make.saved(transparent, "AVIF"),
        "heic": (make.MADE / "orientation-6.heic").read_bytes(),
    }


SOURCES: Final = sources()


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_cut_off_is_refused_unless_no_row_is_missing(name: str) -> None:
    source = SOURCES[name]
    whole = shown(source)
    assert whole
    cuts = sorted({*range(0, min(len(source), 40), 3), *range(0, len(source), len(source) // 30 + 1)})
    outcomes = [shown(source[:cut]) for cut in cuts]
    assert set(outcomes) <= {None, whole}
    # Of an MPO the first picture is shown; the others may be missing.
    assert outcomes.count(whole) <= (20 if name == "mpo" else 7)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_flipped_byte_raises_anything_but_the_refusal(name: str) -> None:
    chance = random.Random(name)  # noqa: S311 - the same bytes each time
    for _ in range(60):
        source = bytearray(SOURCES[name])
        for _ in range(chance.choice((1, 1, 4))):
            # Headers hold what hurts, so that half of the flips hit them.
            source[chance.randrange(chance.choice((len(source), min(len(source), 200))))] = chance.randrange(256)
        survives(bytes(source))


@pytest.mark.parametrize("name", SOURCES)
def test_probing_damaged_bytes_raises_nothing_but_the_refusal(name: str) -> None:
    source = SOURCES[name]
    for at in range(min(len(source), 300)):
        damaged = source[:at] + bytes([source[at] ^ 0xFF]) + source[at + 1 :]
        try:
            probe(damaged, LIMITS)
        except InvalidImageError as error:
            assert error.code in ErrorCode  # noqa: PT017 - most flips are no error at all


def test_a_heic_whose_item_types_are_not_text_does_not_kill_the_process(made: Path) -> None:
    """pi_heif 1.4.0 crashed on it; the item is passed over, and the picture is rendered."""
    source = (made / "orientation-5.heic").read_bytes()
    entry = source.index(b"Exif", source.index(b"iinf"))
    damaged = source[: entry + 1] + b"\xa8" + source[entry + 2 :]
    assert probe(damaged, LIMITS).width == probe(source, LIMITS).width
    assert render(damaged, Recipe(), LIMITS).renditions


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (RecursionError("too deep"), ErrorCode.CORRUPT, "The PNG file is damaged."),
        (
            OSError("image file is truncated (3 bytes)"),
            ErrorCode.TRUNCATED,
            "The PNG file ends too early.",
        ),
        (KeyError("MPO"), ErrorCode.CORRUPT, "The PNG file is damaged."),
        (ValueError("not enough image data"), ErrorCode.CORRUPT, "The PNG file is damaged."),
        (DamagedError("its rows are odd"), ErrorCode.CORRUPT, "The PNG file is damaged (its rows are odd)."),
        (EOFError(), ErrorCode.TRUNCATED, "The PNG file ends too early."),
        (InvalidImageError(ErrorCode.EMPTY, "Empty."), ErrorCode.EMPTY, "Empty."),
    ],
)
def test_whatever_a_decoder_raises_becomes_the_refusal(raised: Exception, code: ErrorCode, message: str) -> None:
    with pytest.raises(InvalidImageError) as refused, decoding("PNG"):
        raise raised
    assert (refused.value.code, refused.value.message) == (code, message)
