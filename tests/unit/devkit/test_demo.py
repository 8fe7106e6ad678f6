import http.server
import io
import json
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from thumbpipe_devkit.demo import pipeline
from thumbpipe_devkit.demo.gallery import Gallery
from thumbpipe_devkit.demo.photos import Photo, collect
from thumbpipe_devkit.errors import NoPhotosError


def _jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "JPEG")
    return buffer.getvalue()


class Api(http.server.ThreadingHTTPServer):
    """The API, the bucket and the thumbnailer in one: a photo is ready when it is asked for the second time."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.images: list[dict[str, object]] = []
        self.stored: dict[str, bytes] = {}
        self.rendition = _jpeg(64, 48)
        self.stated = {"width": 64, "height": 48, "format": "jpeg", "bytes": len(self.rendition)}
        self.final = "ready"
        self.x_cache = "Miss from cloudfront"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/bucket":
            self.server.stored[str(len(self.server.stored))] = body
            self._answer(204, b"")
            return
        asked = json.loads(body)
        if asked["content_type"] == "application/octet-stream":
            self._answer(400, json.dumps({"title": "Bad Request", "detail": "no such type is taken"}).encode())
            return
        image_id = f"id{len(self.server.images)}"
        self.server.images.append({"id": image_id, "state": "pending", "renditions": [], "error": None})
        upload = {"url": f"{self.server.url}/bucket", "fields": {"key": f"raw/{image_id}"}}
        self._answer(201, json.dumps({"id": image_id, "upload": upload}).encode())

    def do_GET(self) -> None:
        if self.path == "/rendition":
            self._answer(200, self.server.rendition)
            return
        page = int(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)).get("cursor", "0"))
        # One image a page, so that every look-up pages.
        items = [dict(image) for image in self.server.images[page : page + 1]]
        for image in self.server.images[page : page + 1]:
            error = {"code": "truncated", "message": "it ends early"} if self.server.final == "failed" else None
            rendition = self.server.stated | {"url": f"{self.server.url}/rendition"}
            image.update(state=self.server.final, renditions=[rendition] if error is None else [], error=error)
        cursor = str(page + 1) if page + 1 < len(self.server.images) else None
        self._answer(200, json.dumps({"items": items, "next_cursor": cursor}).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Cache", self.server.x_cache)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    for name in ("a.jpg", "b.JPG"):
        (tmp_path / name).write_bytes(_jpeg(640, 480))
    return collect([tmp_path])


def _run(api: Api, photos: list[Photo]) -> list[pipeline.Outcome]:
    with Gallery(api.url) as gallery:
        return pipeline.run(gallery, photos, lambda: None)


def test_each_photo_is_sent_watched_and_checked(api: Api, photos: list[Photo]) -> None:
    outcomes = _run(api, photos)
    assert [outcome.photo for outcome in outcomes] == photos
    assert all(outcome.is_good and outcome.ready_ms is not None for outcome in outcomes)
    assert all(photos[0].path.read_bytes() in form for form in api.stored.values())


@pytest.mark.parametrize("stated", [{"width": 65}, {"height": 1}, {"bytes": 7}, {"format": "webp"}])
def test_a_rendition_that_is_not_as_stated_is_a_fault(api: Api, photos: list[Photo], stated: dict[str, object]) -> None:
    api.stated |= stated
    assert not any(outcome.is_good for outcome in _run(api, photos))


def test_a_rendition_that_does_not_decode_is_a_fault(api: Api, photos: list[Photo]) -> None:
    api.rendition = api.rendition[: len(api.rendition) // 2]
    assert all("does not decode" in outcome.faults[0] for outcome in _run(api, photos))


def test_a_rendition_that_bypasses_the_distribution_is_an_error(api: Api, photos: list[Photo]) -> None:
    api.x_cache = ""
    assert all("does not come from the distribution" in outcome.faults[0] for outcome in _run(api, photos))


def test_a_ready_photo_without_renditions_is_not_good(photos: list[Photo]) -> None:
    outcome = pipeline.Outcome(photo=photos[0], state="ready", image={"renditions": []})
    assert not outcome.is_good


def test_a_failed_photo_shows_the_reason(api: Api, photos: list[Photo]) -> None:
    api.final = "failed"
    assert [outcome.faults for outcome in _run(api, photos)] == [["truncated: it ends early"]] * 2


def test_a_refused_file_shows_the_reason_and_the_others_continue(api: Api, photos: list[Photo], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no photo")
    outcomes = _run(api, [*photos, *collect([tmp_path / "notes.txt"])])
    assert [outcome.state for outcome in outcomes] == ["ready", "ready", "refused"]
    assert outcomes[2].faults == ["no such type is taken"]


def test_the_samples_are_used_if_no_photos_are_named() -> None:
    samples = collect([])
    assert len(samples) >= 10
    assert {photo.content_type for photo in samples} >= {"image/jpeg", "image/png", "image/webp"}


def test_folders_are_searched_and_other_files_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("deep/er/A.HEIC", "deep/b.tif", "notes.txt"):
        (tmp_path / name).touch()
    assert [(photo.path.name, photo.content_type) for photo in collect([tmp_path])] == [
        ("b.tif", "image/tiff"),
        ("A.HEIC", "image/heic"),
    ]


def test_nothing_to_send_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoPhotosError, match="does not exist"):
        collect([tmp_path / "missing"])
    with pytest.raises(NoPhotosError, match="there are none"):
        collect([tmp_path])
