from pathlib import Path

import pytest
from PIL import Image, ImageCms

from images import make
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.open.picture import Facts
from thumbpipe.core.imaging.open.probe import probe


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("JPEG", "JPEG"),
        ("PNG", "PNG"),
        ("WEBP", "WebP"),
        ("GIF", "GIF"),
        ("TIFF", "TIFF"),
        ("BMP", "BMP"),
        ("AVIF", "AVIF"),
    ],
)
def test_a_pictures_size_and_format_name_are_reported(encoding: str, name: str) -> None:
    assert probe(make.saved(make.quadrants(62, 40), encoding), Limits()) == Facts(width=62, height=40, format=name)


def test_a_heic_photo_is_known(photos: Path) -> None:
    facts = probe((photos / "nuthatch.heic").read_bytes(), Limits())
    assert (facts.width, facts.height, facts.format, facts.frames) == (4032, 3024, "HEIC", 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_size_is_as_the_viewer_sees_it(encoding: str, orientation: int) -> None:
    facts = probe(make.oriented(orientation, encoding), Limits())
    assert (facts.width, facts.height, facts.orientation) == (320, 240, orientation)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_by_its_boxes_and_not_again_by_exif(made: Path, orientation: int) -> None:
    facts = probe((made / f"orientation-{orientation}.heic").read_bytes(), Limits())
    assert (facts.width, facts.height, facts.orientation) == (64, 48, orientation)


@pytest.mark.parametrize("encoding", ["GIF", "WEBP", "PNG", "AVIF"])
def test_frames_of_an_animation_are_counted(encoding: str) -> None:
    assert probe(make.animated(encoding), Limits()).frames == 3


def test_the_pages_of_a_tiff_are_not_frames() -> None:
    first, *rest = make.animation_frames(3)
    assert probe(make.saved(first, "TIFF", save_all=True, append_images=rest), Limits()).frames == 1


@pytest.mark.parametrize("encoding", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_an_alpha_channel_is_reported(encoding: str) -> None:
    assert probe(make.saved(Image.new("RGBA", (8, 8), (1, 2, 3, 4)), encoding), Limits()).has_alpha


def test_a_palettes_transparency_is_detected() -> None:
    image = make.quadrants(8, 8).quantize(4)
    assert probe(make.saved(image, "PNG", transparency=0), Limits()).has_alpha
    assert probe(make.saved(image, "GIF", transparency=0), Limits()).has_alpha
    assert not probe(make.saved(image, "PNG"), Limits()).has_alpha


def test_the_colour_profiles_name_is_reported() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    facts = probe(make.saved(make.quadrants(8, 8), "JPEG", icc_profile=profile), Limits())
    assert facts.colour_profile == "sRGB built-in"


def test_a_broken_colour_profile_has_no_name() -> None:
    facts = probe(make.saved(make.quadrants(8, 8), "JPEG", icc_profile=b"nonsense"), Limits())
    assert facts.colour_profile is None


@pytest.mark.parametrize(
    ("captured", "offset", "expected"),
    [
        ("2026:11:25 08:54:17", "+01:00", "2026-11-25T08:54:17+01:00"),
        ("2026:11:25 08:54:17", None, "2026-11-25T08:54:17"),
        ("2026:11:25 08:54:17", "home", "2026-11-25T08:54:17"),
        ("    :  :     :  :  ", None, None),
        (None, "+01:00", None),
    ],
)
@pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_the_capture_time_is_reported_as_in_exif(
    encoding: str, captured: str | None, offset: str | None, expected: str | None
) -> None:
    source = make.saved(make.quadrants(8, 8), encoding, exif=make.exif_block(1, captured, offset))
    assert probe(source, Limits()).captured_at == expected


def test_a_corrupt_exif_block_is_ignored() -> None:
    source = make.saved(make.quadrants(8, 6), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xffnonsense")
    assert probe(source, Limits()) == Facts(width=8, height=6, format="JPEG")


def test_an_orientation_that_exif_does_not_know_means_upright() -> None:
    source = make.saved(make.quadrants(8, 6), "JPEG", exif=make.exif_block(9))
    assert (probe(source, Limits()).width, probe(source, Limits()).orientation) == (8, 1)


def test_probing_decodes_no_pixel() -> None:
    """A picture of 64 megapixels whose pixels are missing is still known."""
    source = make.png((8_000, 8_000), depth=8, colour_type=2, rows=b"")
    assert probe(source, Limits()).width == 8_000
