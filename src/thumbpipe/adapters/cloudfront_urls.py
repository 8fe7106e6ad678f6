"""URLs of an image's files at the distribution, the only reader of the bucket."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from thumbpipe.core.catalog.image import Image, State
from thumbpipe.core.catalog.object_keys import renditions_prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUrls:
    """URLs of an image's renditions, in their order, and of the original; None if it cannot be downloaded."""

    renditions: tuple[str, ...]
    original: str | None


class UrlSigner(Protocol):
    """Signs URLs."""

    def sign_folder(self, url: str) -> str:
        """Return the query that grants access to everything below a URL, which ends with a slash."""

    def sign_file(self, url: str) -> str:
        """Return the query that grants access to one URL."""


class Distribution:
    """The CloudFront distribution.

    Args:
        url: Its URL, without a slash at the end.
        original_downloads: Whether originals can be downloaded.
        signer: Signs the URLs; None if delivery is public.
    """

    def __init__(self, url: str, *, original_downloads: bool, signer: UrlSigner | None = None) -> None:
        self._url = url
        self._original_downloads = original_downloads
        self._signer = signer

    def urls(self, image: Image) -> ImageUrls:
        """Return the URLs of an image's files.

        One signature covers all renditions of an image: they lie in one folder, which holds nothing else.
        """
        query = ""
        if self._signer is not None and image.renditions:
            query = "?" + self._signer.sign_folder(self._url_of(renditions_prefix(image.id)))
        return ImageUrls(
            renditions=tuple(self._url_of(rendition.key) + query for rendition in image.renditions),
            original=self._original(image),
        )

    def _original(self, image: Image) -> str | None:
        if not self._original_downloads or image.state is State.PENDING:
            return None
        url = self._url_of(image.source_key)
        return url if self._signer is None else f"{url}?{self._signer.sign_file(url)}"

    def _url_of(self, key: str) -> str:
        # `*` and `?`, which a key may contain, are wildcards in a policy: they are escaped along with the rest.
        return f"{self._url}/{quote(key, safe='/')}"
