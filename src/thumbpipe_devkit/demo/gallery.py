"""A client of the API, which uses it as the page does."""

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import httpx
from PIL import Image

from thumbpipe_devkit.demo.photos import Photo
from thumbpipe_devkit.loopback import local_client

_TIMEOUT_S: Final = 60.0
_PAGE: Final = 100


class RefusedError(Exception):
    """The API or the bucket rejected the photo; the message is the one that it returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An uploaded photo: its id, and when the upload ended (`time.monotonic`)."""

    image_id: str
    uploaded_at: float


class Gallery:
    """A client of one API; thread-safe.

    Args:
        api_url: The API's base URL.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._http = local_client(timeout=_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, photo: Photo) -> Sent:
        """Request an upload, and post the photo as a form to the bucket.

        Raises:
            RefusedError: The photo was rejected.
        """
        content = photo.path.read_bytes()
        asked = {"filename": photo.path.name, "content_type": photo.content_type, "size_bytes": len(content)}
        answer = self._http.post(f"{self._api_url}/api/uploads", json=asked)
        if answer.status_code != httpx.codes.CREATED:
            raise RefusedError(_problem(answer))
        promise = answer.json()
        stored = self._http.post(
            promise["upload"]["url"],
            data=promise["upload"]["fields"],
            files={"file": (photo.path.name, content, photo.content_type)},
        )
        if not stored.is_success:
            raise RefusedError(f"S3 answered {stored.status_code}: {stored.text[:200]}")
        return Sent(image_id=str(promise["id"]), uploaded_at=time.monotonic())

    def look_up(self, image_ids: set[str]) -> dict[str, Mapping[str, Any]]:
        """Return the images with these ids, from the newest pages of the listing on."""
        found: dict[str, Mapping[str, Any]] = {}
        query: dict[str, str] = {"limit": str(_PAGE)}
        while True:
            page = self._http.get(f"{self._api_url}/api/images", params=query).raise_for_status().json()
            found |= {item["id"]: item for item in page["items"] if item["id"] in image_ids}
            if len(found) == len(image_ids) or not page["next_cursor"]:
                return found
            query["cursor"] = page["next_cursor"]

    def check(self, renditions: Sequence[Mapping[str, Any]]) -> list[str]:
        """Download and decode the renditions, and return what is wrong with them."""
        return [fault for rendition in renditions if (fault := self._fault(rendition))]

    def _fault(self, rendition: Mapping[str, Any]) -> str | None:
        answer = self._http.get(str(rendition["url"])).raise_for_status()
        if "cloudfront" not in answer.headers.get("x-cache", ""):
            return f"{rendition['width']} {rendition['format']} does not come from the distribution"
        content = answer.content
        stated = (rendition["width"], rendition["height"], rendition["bytes"])
        try:
            with Image.open(io.BytesIO(content)) as picture:
                picture.load()
                found = (*picture.size, len(content))
                kind = str(picture.format).lower()
        except OSError as error:
            return f"{rendition['width']} {rendition['format']} does not decode: {error}"
        if (found, kind) != (stated, rendition["format"]):
            return f"{rendition['width']} {rendition['format']} is {kind} {found}, and the API states {stated}"
        return None


def _problem(answer: httpx.Response) -> str:
    try:
        problem = cast("dict[str, Any]", answer.json())
        return str(problem.get("detail") or problem.get("title") or answer.text)
    except ValueError:
        return f"{answer.status_code} {answer.text[:200]}"
