"""A client for the end-to-end tests that uses the API as a browser does, without the package under test."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from support.waiting import wait_until
from thumbpipe_devkit.loopback import local_client

READY_WITHIN_S: Final = 60.0

Image = dict[str, Any]


@dataclass(frozen=True)
class PipelineClient:
    """The API and the upload, as the page uses them."""

    api_url: str
    http: httpx.Client = field(default_factory=lambda: local_client(timeout=30))

    def promise(self, filename: str, content_type: str, size_bytes: int) -> httpx.Response:
        """Ask for a presigned upload."""
        body = {"filename": filename, "content_type": content_type, "size_bytes": size_bytes}
        return self.http.post(f"{self.api_url}/api/uploads", json=body)

    def send(self, upload: dict[str, Any], photo: bytes, **changed: str) -> httpx.Response:
        """Send a photo to S3 with the presigned fields; `changed` fields replace those that were signed."""
        fields = {**upload["fields"], **changed}
        return self.http.post(upload["url"], data=fields, files={"file": ("blob", photo)})

    def upload(self, filename: str, photo: bytes, content_type: str = "image/jpeg") -> str:
        """Upload a photo and return its id."""
        promised = self.promise(filename, content_type, len(photo))
        assert promised.status_code == httpx.codes.CREATED, promised.text
        sent = self.send(promised.json()["upload"], photo)
        assert sent.is_success, sent.text
        image_id: str = promised.json()["id"]
        return image_id

    def show(self, image_id: str) -> httpx.Response:
        """Fetch one image."""
        return self.http.get(f"{self.api_url}/api/images/{image_id}")

    def delete(self, image_id: str) -> httpx.Response:
        """Delete one image."""
        return self.http.delete(f"{self.api_url}/api/images/{image_id}")

    def page(self, **query: str | int) -> httpx.Response:
        """Fetch one page of the listing."""
        return self.http.get(f"{self.api_url}/api/images", params=query)

    def listing(self, limit: int = 100) -> Iterator[Image]:
        """Yield every image, newest first."""
        query: dict[str, str | int] = {"limit": limit}
        while True:
            body = self.page(**query).json()
            yield from body["items"]
            if body["next_cursor"] is None:
                return
            query["cursor"] = body["next_cursor"]

    def settled(self, image_id: str, *, within_s: float = READY_WITHIN_S) -> Image:
        """Wait until an image is ready or failed, and return it."""

        def probe() -> Image | None:
            response = self.show(image_id)
            image: Image = response.json()
            return image if response.is_success and image["state"] != "pending" else None

        return wait_until(f"image {image_id} to be ready or failed", probe, within_s=within_s)

    def ready(self, image_id: str, *, within_s: float = READY_WITHIN_S) -> Image:
        """Wait until an image is ready, and return it."""
        image = self.settled(image_id, within_s=within_s)
        assert image["state"] == "ready", image["error"]
        return image
