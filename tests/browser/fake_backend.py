"""The distribution, the storage and the thumbnailer behind the page, in memory and on a loopback port.

It answers as the contracts say (docs: openapi.yaml); the switches below make it fail in various ways.
"""

import base64
import io
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from PIL import Image, ImageOps, UnidentifiedImageError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | None"
Entry: TypeAlias = dict[str, Json]

FRONTEND: Final = Path(__file__).parents[2] / "frontend"
TYPES: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}
MAX_BYTES: Final = 25 * 1024 * 1024
RECEIVE_BUFFER_BYTES: Final = 256 * 1024
PLACEHOLDER: Final = "1QcSHQRnh493V4dIh4eXh1h4kJUI"
EXPIRED: Final = (
    "<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"
)
CONTENT_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass
class FakeBackend:
    """The backend's contents and behaviour."""

    url: str = ""
    delivery_url: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)
    originals: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    down: bool = False
    expired_uploads: int = 0
    broken_pictures: int = 0
    storage_error: str = ""
    upload_gate: threading.Event = field(default_factory=threading.Event)
    processing_gate: threading.Event = field(default_factory=threading.Event)
    _serial: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.upload_gate.set()
        self.processing_gate.set()

    @property
    def page_url(self) -> str:
        """The page."""
        return f"{self.url}/"

    def promise(self, photo: Entry) -> Entry:
        """Make a pending entry, newer than all that are there."""
        serial = next(self._serial)
        created = datetime(2026, 11, 25, 8, tzinfo=UTC) + timedelta(minutes=serial)
        identity = f"01JDFAKE{serial:018d}"
        nothing: Entry = dict.fromkeys(
            ("processed_at", "width", "height", "format", "frames", "placeholder", "original_url", "error")
        )
        self.entries[identity] = {
            **nothing,
            **photo,
            "id": identity,
            "state": "pending",
            "created_at": created.isoformat().replace("+00:00", ".000000Z"),
            "renditions": [],
        }
        return self.entries[identity]

    def add(self, filename: str, data: bytes) -> str:
        """Add a photo as if it had been uploaded before."""
        identity = str(
            self.promise({"filename": filename, "content_type": "image/jpeg", "size_bytes": len(data)})["id"]
        )
        self.originals[identity] = data
        return identity

    def current(self, identity: str) -> Entry:
        """Return the entry, after the thumbnailer had its turn."""
        entry = self.entries[identity]
        if entry["state"] == "pending" and identity in self.originals and self.processing_gate.is_set():
            entry |= self._thumbnails(identity, self.originals[identity])
        return entry

    def _thumbnails(self, identity: str, data: bytes) -> Entry:
        original = f"{self.delivery_url}/raw/{identity}"
        done: Entry = {"processed_at": "2026-11-25T09:00:00.000000Z", "original_url": original}
        try:
            photo = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        except UnidentifiedImageError:
            error: Json = {"code": "not_an_image", "message": "The file is no image that thumbpipe reads."}
            return done | {"state": "failed", "error": error}
        renditions = [
            self._rendition(identity, photo, width, format_)
            for width in sorted({min(width, photo.width) for width in (160, 320, 640, 1280)})
            for format_ in ("webp", "jpeg")
        ]
        facts: Entry = {"width": photo.width, "height": photo.height, "format": "jpeg", "frames": 1}
        return done | facts | {"state": "ready", "placeholder": PLACEHOLDER, "renditions": list(renditions)}

    def _rendition(self, identity: str, photo: Image.Image, width: int, format_: str) -> Entry:
        buffer = io.BytesIO()
        small = photo.resize((width, max(1, round(photo.height * width / photo.width))))
        small.save(buffer, format_)
        path = f"/thumbs/{identity}/0a1b2c3d/{width}.{format_}"
        self.files[path] = (f"image/{format_}", buffer.getvalue())
        url = f"{self.delivery_url}{path}?Signature={base64.urlsafe_b64encode(path.encode()).decode()}"
        return {"width": width, "height": small.height, "format": format_, "bytes": buffer.tell(), "url": url}


class _Handler(BaseHTTPRequestHandler):
    backend: FakeBackend
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.backend.requests.append(f"GET {self.path}")
        if url.path.startswith("/api/images"):
            self._api_get(url.path.removeprefix("/api/images").strip("/"), parse_qs(url.query))
        elif url.path.startswith("/raw/"):
            self._original(self.backend.entries[url.path.rsplit("/", 1)[1]])
        elif not url.path.startswith("/thumbs/"):
            self._site(url.path.removeprefix("/") or "index.html")
        elif self.backend.broken_pictures > 0:
            self.backend.broken_pictures -= 1
            self._answer(HTTPStatus.FORBIDDEN, "application/xml", EXPIRED.encode())
        elif url.path in self.backend.files:
            self._answer(HTTPStatus.OK, *self.backend.files[url.path])
        else:
            self._problem(HTTPStatus.NOT_FOUND, "There is no such thing.")

    def do_POST(self) -> None:
        self.backend.requests.append(f"POST {self.path}")
        if self.path == "/image-bucket":
            self._store()
        else:
            self._promise(json.loads(self._body()))

    def do_DELETE(self) -> None:
        self.backend.requests.append(f"DELETE {self.path}")
        if self.backend.down:
            self.close_connection = True
            return
        self.backend.entries.pop(self.path.rsplit("/", 1)[1], None)
        self._answer(HTTPStatus.NO_CONTENT, None, b"")

    def _api_get(self, identity: str, query: dict[str, list[str]]) -> None:
        backend = self.backend
        if backend.down:
            self.close_connection = True
        elif identity and identity in backend.entries:
            self._json(HTTPStatus.OK, backend.current(identity))
        elif identity:
            self._problem(HTTPStatus.NOT_FOUND, "There is no image of that id.")
        else:
            limit = int(query["limit"][0])
            before = query.get("cursor", ["~"])[0]
            ids = sorted((id_ for id_ in backend.entries if id_ < before), reverse=True)
            cursor = ids[limit - 1] if len(ids) > limit else None
            items: list[Json] = [backend.current(id_) for id_ in ids[:limit]]
            self._json(HTTPStatus.OK, {"items": items, "next_cursor": cursor})

    def _promise(self, photo: Entry) -> None:
        if self.backend.down:
            self.close_connection = True
        elif photo["content_type"] not in TYPES:
            self._problem(HTTPStatus.BAD_REQUEST, f"content_type is one of {', '.join(TYPES)}.")
        elif not 0 < int(str(photo["size_bytes"])) <= MAX_BYTES:
            self._problem(HTTPStatus.BAD_REQUEST, f"size_bytes is between 1 and {MAX_BYTES}.")
        else:
            entry = self.backend.promise(photo)
            fields: Entry = {"key": f"raw/{entry['id']}.jpg", "Content-Type": photo["content_type"]}
            target: Entry = {"url": f"{self.backend.url}/image-bucket", "fields": fields}
            self._json(HTTPStatus.CREATED, {"id": entry["id"], "upload": target, "expires_at": "2026-11-25T09:05:00Z"})

    def _store(self) -> None:
        half = int(self.headers["Content-Length"]) // 2
        body = self.rfile.read(half)
        self.backend.upload_gate.wait(120)
        body += self._body(half)
        if self.backend.expired_uploads > 0:
            self.backend.expired_uploads -= 1
            self._answer(HTTPStatus.FORBIDDEN, "application/xml", EXPIRED.encode())
        elif self.backend.storage_error:
            self._answer(HTTPStatus.BAD_REQUEST, "application/xml", self.backend.storage_error.encode())
        else:
            boundary = self.headers["Content-Type"].partition("boundary=")[2]
            parts = [part.partition(b"\r\n\r\n") for part in body.split(f"--{boundary}".encode())]
            (key,) = (value[:-2].decode() for head, _, value in parts if b'name="key"' in head)
            (data,) = (value[:-2] for head, _, value in parts if b'name="file"' in head)
            self.backend.originals[Path(key).stem] = data
            self._answer(HTTPStatus.NO_CONTENT, None, b"")

    def _site(self, path: str) -> None:
        if path == "config.json":
            self._json(HTTPStatus.OK, {"apiUrl": ""})
        elif (FRONTEND / path).is_file():
            self._answer(HTTPStatus.OK, CONTENT_TYPES[Path(path).suffix], (FRONTEND / path).read_bytes())
        else:
            self._answer(HTTPStatus.NOT_FOUND, CONTENT_TYPES[".html"], (FRONTEND / "404.html").read_bytes())

    def _original(self, entry: Entry) -> None:
        data = self.backend.originals[str(entry["id"])]
        self._answer(HTTPStatus.OK, str(entry["content_type"]), data, {"Content-Disposition": "attachment"})

    def _body(self, already_read: int = 0) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]) - already_read)

    def _problem(self, status: HTTPStatus, detail: str) -> None:
        self._json(status, {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail})

    def _json(self, status: HTTPStatus, value: Json) -> None:
        kind = "application/json" if status < HTTPStatus.BAD_REQUEST else "application/problem+json"
        self._answer(status, kind, json.dumps(value).encode())

    def _answer(
        self, status: HTTPStatus, content_type: str | None, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        # The distribution's policy, but that uploads go to the same origin here.
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        )
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if content_type:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        with suppress(ConnectionError):  # The browser may have left.
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked is in `backend.requests`."""


@contextmanager
def serve() -> Iterator[FakeBackend]:
    """Serve a new backend until the block ends."""
    backend = FakeBackend()
    handler = type("Handler", (_Handler,), {"backend": backend})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # Connections inherit it. Otherwise the kernel may take a whole photo before anything is read.
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        backend.url = backend.delivery_url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield backend
        finally:
            backend.upload_gate.set()
            server.shutdown()
            thread.join()
