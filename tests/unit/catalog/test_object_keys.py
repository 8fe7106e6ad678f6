from typing import Final

import pytest

from thumbpipe.core.catalog.object_keys import filename_of, rendition_key, version_in, version_of

ULID: Final = "01JDHM4V9R8Q2Z6T3X5Y7W1K0N"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("raw/cat.jpg", "cat.jpg"),
        ("raw/a/b/cat 1+1.JPG", "cat 1+1.JPG"),
        ("raw/no-extension", "no-extension"),
        ("raw/folder/", "folder"),
        ("raw/../x", "x"),
        ("raw/" + "a" * 1016 + ".jpg", "a" * 251 + ".jpg"),
    ],
)
def test_a_photo_without_a_reservation_is_named_by_its_key(key: str, name: str) -> None:
    assert filename_of(key) == name


def test_a_rendition_is_named_by_image_version_width_and_format() -> None:
    version = version_of('"9b2cf535f27731c974343645a3985328-12"')
    key = rendition_key(ULID, version, 320, "webp")
    assert key == f"thumbs/{ULID}/9b2cf535/320.webp"
    assert version_in(key) == version
