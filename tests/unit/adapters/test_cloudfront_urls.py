from typing import Final

import pytest

from fakes.values import failed, pending, ready
from thumbpipe.adapters.cloudfront_urls import Distribution

URL: Final = "https://photos.example.com"


class FakeSigner:
    def sign_folder(self, address: str) -> str:
        return f"folder={address}"

    def sign_file(self, address: str) -> str:
        return f"file={address}"


def test_files_have_unsigned_urls_if_delivery_is_public() -> None:
    urls = Distribution(URL, original_downloads=True).urls(ready())
    assert urls.renditions == tuple(f"{URL}/{rendition.key}" for rendition in ready().renditions)
    assert urls.original == f"{URL}/{ready().source_key}"


def test_all_renditions_of_an_image_share_the_signature_of_their_folder() -> None:
    urls = Distribution(URL, original_downloads=True, signer=FakeSigner()).urls(ready())
    query = f"?folder={URL}/thumbs/{ready().id}/"
    assert urls.renditions == tuple(f"{URL}/{rendition.key}{query}" for rendition in ready().renditions)


def test_an_original_has_its_own_signature() -> None:
    original = Distribution(URL, original_downloads=True, signer=FakeSigner()).urls(failed()).original
    assert original == f"{URL}/{failed().source_key}?file={URL}/{failed().source_key}"


@pytest.mark.parametrize("signer", [None, FakeSigner()])
def test_an_unavailable_original_has_no_url(signer: FakeSigner | None) -> None:
    assert Distribution(URL, original_downloads=True, signer=signer).urls(pending()).original is None
    assert Distribution(URL, original_downloads=False, signer=signer).urls(ready()).original is None


def test_a_key_of_any_characters_is_one_path() -> None:
    image = failed(source_key="raw/a b/ü#1?x=*&%20.jpg")
    original = Distribution(URL, original_downloads=True).urls(image).original
    assert original == f"{URL}/raw/a%20b/%C3%BC%231%3Fx%3D%2A%26%2520.jpg"
