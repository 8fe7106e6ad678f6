"""The addresses that an image's files have at the distribution, which alone may read the bucket."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from thumbpipe.core.catalog.image import Image, State
from thumbpipe.core.catalog.object_keys import renditions_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUrls:
    """Where an image's files are: its renditions in their order, and the original; None where it is not given out."""

    renditions: tuple[str, ...]
    original: str | None


class UrlSigner(Protocol):
    """What signs addresses."""

    def sign_folder(self, address: str) -> str:
        """The query that admits to everything below an address, which ends with a slash."""

    def sign_file(self, address: str) -> str:
        """The query that admits to one address."""


class Delivery:
    """The distribution.

    Args:
        url: Its address, without a slash at the end.
        original_downloads: Whether originals are given out.
        signer: What signs the addresses; None where everybody may read who knows them.
    """

    def __init__(self, url: str, *, original_downloads: bool, signer: UrlSigner | None = None) -> None:
        self._url = url
        self._original_downloads = original_downloads
        self._signer = signer

    def urls(self, image: Image) -> ImageUrls:
        """Name where the image's files are.

        One signature serves all renditions of an image: they lie in one folder, which holds nothing else.
        """
        query = ""
        if self._signer is not None and image.renditions:
            query = "?" + self._signer.sign_folder(self._address(renditions_prefix(image.id)))
        return ImageUrls(
            renditions=tuple(self._address(rendition.key) + query for rendition in image.renditions),
            original=self._original(image),
        )

    def _original(self, image: Image) -> str | None:
        if not self._original_downloads or image.state is State.PENDING:
            return None
        address = self._address(image.source_key)
        return address if self._signer is None else f"{address}?{self._signer.sign_file(address)}"

    def _address(self, key: str) -> str:
        # Of what a key may hold, `*` and `?` would mean more than themselves in a policy: they are among those escaped.
        return f"{self._url}/{quote(key, safe='/')}"
