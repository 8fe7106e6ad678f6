from typing import Final

import pytest

from fakes.aws import ENVIRONMENT
from thumbpipe.adapters.settings import GallerySettings, SettingsError, ThumbnailerSettings, UploadsSettings
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import OutputFormat, Recipe

OPTIONAL: Final = {"THUMBPIPE_THUMBNAIL_WIDTHS", "THUMBPIPE_MAX_UPLOAD_BYTES"}
BARE: Final = {name: value for name, value in ENVIRONMENT.items() if name not in OPTIONAL}


def test_unset_settings_have_the_documented_defaults() -> None:
    uploads = UploadsSettings.from_env(BARE)
    assert (uploads.catalog_shards, uploads.max_upload_bytes) == (1, 26_214_400)
    assert (uploads.upload_expires_seconds, uploads.pending_ttl_seconds) == (300, 86_400)
    assert uploads.transfer_acceleration is False
    gallery = GallerySettings.from_env(BARE)
    assert (gallery.url_expires_seconds, gallery.original_downloads) == (3600, True)
    assert gallery.signing_key_parameter is None
    without_pages = {name: value for name, value in BARE.items() if name != "THUMBPIPE_PAGE_ORIGINS"}
    assert GallerySettings.from_env(without_pages).page_origins == ()
    assert GallerySettings.from_env(BARE | {"THUMBPIPE_PAGE_ORIGINS": ""}).page_origins == ()
    thumbnailer = ThumbnailerSettings.from_env(BARE)
    assert (thumbnailer.recipe, thumbnailer.limits) == (Recipe(), Limits())


def test_every_value_is_read() -> None:
    env = BARE | {
        "THUMBPIPE_CATALOG_SHARDS": "4",
        "THUMBPIPE_MAX_UPLOAD_BYTES": "2000",
        "THUMBPIPE_UPLOAD_EXPIRES_SECONDS": "60",
        "THUMBPIPE_PENDING_TTL_SECONDS": "3600",
        "THUMBPIPE_TRANSFER_ACCELERATION": "true",
        "THUMBPIPE_PAGE_ORIGINS": "http://127.0.0.1:4566, https://a.example",
        "THUMBPIPE_URL_EXPIRES_SECONDS": "120",
        "THUMBPIPE_DELIVERY": "signed",
        "THUMBPIPE_DELIVERY_URL": "http://e1.cloudfront.localhost:4566",
        "THUMBPIPE_DISTRIBUTION_ID": "E1",
        "THUMBPIPE_SIGNING_KEY_PARAMETER": "/photos/signing-key",
        "THUMBPIPE_ORIGINAL_DOWNLOADS": "false",
        "THUMBPIPE_THUMBNAIL_WIDTHS": "100, 200",
        "THUMBPIPE_THUMBNAIL_FORMATS": "avif,png",
        "THUMBPIPE_MAX_MEGAPIXELS": "5",
        "THUMBPIPE_MAX_EDGE_PIXELS": "3000",
        "THUMBPIPE_MAX_FRAMES": "7",
        "THUMBPIPE_MAX_RECEIVE_COUNT": "3",
    }
    uploads = UploadsSettings.from_env(env)
    assert (uploads.catalog_shards, uploads.max_upload_bytes, uploads.upload_expires_seconds) == (4, 2000, 60)
    assert (uploads.pending_ttl_seconds, uploads.transfer_acceleration) == (3600, True)
    assert uploads.page_origins == ("http://127.0.0.1:4566", "https://a.example")
    gallery = GallerySettings.from_env(env)
    assert (gallery.delivery_url, gallery.distribution_id) == ("http://e1.cloudfront.localhost:4566", "E1")
    assert (gallery.url_expires_seconds, gallery.original_downloads) == (120, False)
    assert gallery.signing_key_parameter == "/photos/signing-key"
    assert ThumbnailerSettings.from_env(env).max_receive_count == 3
    assert ThumbnailerSettings.from_env(env).recipe == Recipe(
        widths=(100, 200), formats=(OutputFormat.AVIF, OutputFormat.PNG)
    )
    assert ThumbnailerSettings.from_env(env).limits == Limits(
        max_bytes=2000, max_pixels=5_000_000, max_edge_px=3000, max_frames=7
    )


@pytest.mark.parametrize(
    "name",
    [
        "THUMBPIPE_IMAGE_BUCKET",
        "THUMBPIPE_CATALOG_TABLE",
        "THUMBPIPE_DELIVERY_URL",
        "THUMBPIPE_DISTRIBUTION_ID",
        "THUMBPIPE_CURSOR_KEY_PARAMETER",
    ],
)
def test_a_missing_required_setting_is_named(name: str) -> None:
    env = {other: value for other, value in BARE.items() if other != name}
    with pytest.raises(SettingsError, match=f"^{name} is not set; it must be .+"):
        GallerySettings.from_env(env)


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("THUMBPIPE_IMAGE_BUCKET", "", "the name of a bucket"),
        ("THUMBPIPE_CATALOG_TABLE", " x ", "the name of a table"),
        ("THUMBPIPE_CATALOG_SHARDS", "0", "from 1 to 64"),
        ("THUMBPIPE_CATALOG_SHARDS", "two", "a whole number"),
        ("THUMBPIPE_MAX_UPLOAD_BYTES", "-1", "a whole number"),
        ("THUMBPIPE_UPLOAD_EXPIRES_SECONDS", "3601", "from 1 to 3600"),
        ("THUMBPIPE_PENDING_TTL_SECONDS", "59", "from 60"),
        ("THUMBPIPE_TRANSFER_ACCELERATION", "yes", "true or false"),
        ("THUMBPIPE_PAGE_ORIGINS", "*", "such as https://"),
        ("THUMBPIPE_PAGE_ORIGINS", "https://a.example/", "such as https://"),
        ("THUMBPIPE_PAGE_ORIGINS", "https://a.example,", "such as https://"),
    ],
)
def test_an_invalid_value_is_reported_with_the_valid_ones(name: str, value: str, right: str) -> None:
    with pytest.raises(SettingsError) as refused:
        UploadsSettings.from_env(BARE | {name: value})
    message = str(refused.value)
    assert message.startswith(f"{name} is {value!r}; it must be ")
    assert right in message


def test_signed_delivery_needs_a_key() -> None:
    with pytest.raises(SettingsError, match=r"^THUMBPIPE_SIGNING_KEY_PARAMETER is not set; it must be .+"):
        GallerySettings.from_env(BARE | {"THUMBPIPE_DELIVERY": "signed"})


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("THUMBPIPE_DELIVERY", "private", "public or signed"),
        ("THUMBPIPE_DELIVERY_URL", "https://photos.example.com/", "without a path"),
        ("THUMBPIPE_DELIVERY_URL", "photos.example.com", "without a path"),
        ("THUMBPIPE_DISTRIBUTION_ID", "", "the id of"),
        ("THUMBPIPE_ORIGINAL_DOWNLOADS", "no", "true or false"),
    ],
)
def test_a_wrong_setting_of_the_gallery_is_named(name: str, value: str, right: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is .* must be .*{right}"):
        GallerySettings.from_env(BARE | {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THUMBPIPE_THUMBNAIL_WIDTHS", ""),
        ("THUMBPIPE_THUMBNAIL_WIDTHS", "160,160"),
        ("THUMBPIPE_THUMBNAIL_WIDTHS", "0"),
        ("THUMBPIPE_THUMBNAIL_WIDTHS", "15"),
        ("THUMBPIPE_THUMBNAIL_WIDTHS", "20,21,22,23,24,25,26,27,28,29,30"),
        ("THUMBPIPE_THUMBNAIL_WIDTHS", "8193"),
        ("THUMBPIPE_THUMBNAIL_FORMATS", "gif"),
        ("THUMBPIPE_THUMBNAIL_FORMATS", "webp,webp"),
        ("THUMBPIPE_MAX_MEGAPIXELS", "0"),
        ("THUMBPIPE_MAX_EDGE_PIXELS", "1e3"),
        ("THUMBPIPE_MAX_EDGE_PIXELS", "65536"),
        ("THUMBPIPE_MAX_FRAMES", "0"),
        ("THUMBPIPE_MAX_RECEIVE_COUNT", "0"),
        ("THUMBPIPE_MAX_RECEIVE_COUNT", "five"),
    ],
)
def test_a_wrong_recipe_or_limit_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is "):
        ThumbnailerSettings.from_env(BARE | {name: value})
