"""A thumbpipe API and its store on a loopback port: enough for the command to be run against HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

MAX_UPLOAD_BYTES: Final = 1_000_000


@dataclass
class FakeThumbpipeApi:
    """What a test sets up and looks at.

    Attributes:
        url: The API's address.
        images: By id, in the order of their arrival.
        files: What the store holds, by path.
        polls_until_ready: How often an image is shown as pending before it is ready.
        rejected: Filenames whose thumbnails fail.
        faults: Answers to give in place of the true one, first come first served: (status, content type, body).
        requests: Method and path of every request.
    """

    url: str = ""
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    polls_until_ready: int = 1
    rejected: set[str] = field(default_factory=set)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, filename: str, content: bytes = b"photo", **changes: object) -> str:
        """Add an image that is ready; its id is returned."""
        image_id = f"{len(self.images):026d}"
        self.files[f"/store/{image_id}/original"] = content
        self.files[f"/store/{image_id}/160.webp"] = b"small " + content
        self.images[image_id] = self._image(image_id, filename, "ready") | changes
        return image_id

    def promise(self, filename: str, content_type: str, size_bytes: int) -> dict[str, Any]:
        image_id = f"{len(self.images):026d}"
        image = self._image(image_id, filename, "pending")
        self.images[image_id] = image | {"content_type": content_type, "size_bytes": size_bytes, "polls": 0}
        return {"id": image_id, "upload": {"url": f"{self.url}/store", "fields": {"key": image_id, "policy": "p"}}}

    def look_at(self, image_id: str) -> dict[str, Any] | None:
        image = self.images.get(image_id)
        if image and "polls" in image and f"/store/{image_id}/original" in self.files:
            image["polls"] += 1
            if image["polls"] > self.polls_until_ready:
                state = "failed" if image["filename"] in self.rejected else "ready"
                image = self.images[image_id] = self._image(image_id, image["filename"], state)
        return image and {name: value for name, value in image.items() if name != "polls"}

    def _image(self, image_id: str, filename: str, state: str) -> dict[str, Any]:
        ready, store = state == "ready", f"{self.url}/store/{image_id}"
        rendition = {"width": 160, "height": 120, "format": "webp", "bytes": 11, "url": f"{store}/160.webp"}
        return {
            "id": image_id,
            "state": state,
            "filename": filename,
            "content_type": "image/jpeg",
            "size_bytes": 5,
            "created_at": "2026-11-25T08:54:17.123456Z",
            "processed_at": "2026-11-25T08:54:18.123456Z" if ready else None,
            "width": 4000 if ready else None,
            "height": 3000 if ready else None,
            "format": "JPEG" if ready else None,
            "frames": 1 if ready else None,
            "placeholder": "1QcSHQRnh493V4dIh4eXh1h4kJUI" if ready else None,
            "renditions": [rendition] if ready else [],
            "original_url": f"{store}/original" if state != "pending" else None,
            "error": {"code": "not_an_image", "message": "The file is not an image."} if state == "failed" else None,
        }


@contextmanager
def serve_api() -> Iterator[FakeThumbpipeApi]:
    """Serve an empty API."""
    api = FakeThumbpipeApi()

    class Handler(_Handler):
        fake = api

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeThumbpipeApi

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.fake.lock:
            self.fake.requests.append(f"{self.command} {self.path}")
            if self.fake.faults:
                status, content_type, text = self.fake.faults.pop(0)
                return self._answer(status, text.encode(), content_type)
            path = urlsplit(self.path).path
            if path.startswith("/store"):
                return self._store(path, body)
            return self._api(path, body)

    def _api(self, path: str, body: bytes) -> None:
        if self.command == "POST" and path == "/api/uploads":
            return self._promise(json.loads(body))
        if path == "/api/images":
            return self._page(parse_qs(urlsplit(self.path).query))
        image_id = unquote(path.rpartition("/")[2])
        if self.command == "DELETE":
            self.fake.images.pop(image_id, None)
            return self._answer(204)
        image = self.fake.look_at(image_id)
        return self._json(200, image) if image else self._problem(404, f"There is no image {image_id}.")

    def _promise(self, wanted: dict[str, Any]) -> None:
        if not wanted["content_type"].startswith("image/"):
            return self._problem(400, "content_type: One of these types is expected: image/jpeg, image/png.")
        if not wanted["size_bytes"]:
            return self._problem(400, "size_bytes: A whole number from 1 is expected.")
        return self._json(201, self.fake.promise(**wanted))

    def _page(self, query: dict[str, list[str]]) -> None:
        images = list(reversed(self.fake.images.values()))
        start, limit = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
        more = start + limit < len(images)
        items = images[start : start + limit]
        self._json(200, {"items": items, "next_cursor": str(start + limit) if more else None})

    def _store(self, path: str, body: bytes) -> None:
        if self.command == "GET":
            content = self.fake.files.get(path)
            return self._answer(404) if content is None else self._answer(200, content, "image/webp")
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + body).get_payload()
        assert isinstance(parts, list)
        fields = {
            str(part.get_param("name", header="Content-Disposition")): part
            for part in parts
            if isinstance(part, Message)
        }
        content = _payload(fields["file"])
        # S3 ignores whatever comes after the file.
        assert list(fields) == ["key", "policy", "file"]
        if len(content) > MAX_UPLOAD_BYTES:
            text = "<Error><Code>EntityTooLarge</Code><Message>Your upload is &lt;too&gt; large</Message></Error>"
            return self._answer(400, text.encode(), "application/xml")
        self.fake.files[f"/store/{_payload(fields['key']).decode()}/original"] = content
        return self._answer(204)

    def _json(self, status: int, content: object) -> None:
        self._answer(status, json.dumps(content).encode(), "application/json")

    def _problem(self, status: int, detail: str) -> None:
        content = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail}
        self._answer(status, json.dumps(content).encode(), "application/problem+json")

    def _answer(self, status: int, body: bytes = b"", content_type: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
