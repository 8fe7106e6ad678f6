"""Files that can never become thumbnails are recorded with their code, not retried, and do not affect others."""

import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from support.pipeline_client import Image, PipelineClient
from support.stack import Stack
from support.waiting import wait_until

FAILED_WITHIN_S: Final = 20


def png_bomb(width: int, height: int) -> bytes:
    """Return a small PNG whose header promises `width` by `height` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def outcome(pipeline: PipelineClient, jpeg: bytes) -> Mapping[str, Image]:
    files = {
        "text": (b"This is no photo.\n" * 20, "image/jpeg"),
        "truncated": (jpeg[: len(jpeg) // 2], "image/jpeg"),
        "bomb": (png_bomb(60_000, 60_000), "image/png"),
        "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "image/png"),
        "page": (b"<!doctype html><script>alert(document.domain)</script>", "image/jpeg"),
        "good": (jpeg, "image/jpeg"),
    }

    def process(name: str) -> Image:
        data, content_type = files[name]
        image_id = pipeline.upload(f"{name}.jpg", data, content_type)
        return pipeline.settled(image_id, within_s=FAILED_WITHIN_S)

    with ThreadPoolExecutor(len(files)) as pool:
        return dict(zip(files, pool.map(process, files), strict=True))


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("text", {"not_an_image"}),
        ("truncated", {"truncated"}),
        ("bomb", {"too_many_pixels", "edge_too_long"}),
        ("svg", {"unsupported_format"}),
        ("page", {"not_an_image"}),
    ],
)
def test_a_bad_file_fails_with_its_code(outcome: Mapping[str, Image], name: str, codes: set[str]) -> None:
    image = outcome[name]
    assert image["state"] == "failed"
    assert image["error"]["code"] in codes
    assert image["error"]["message"]
    assert image["renditions"] == []


@pytest.mark.parametrize("name", ["page", "svg"])
def test_the_original_of_a_page_in_disguise_is_saved_and_never_shown(
    outcome: Mapping[str, Image], pipeline: PipelineClient, name: str
) -> None:
    response = pipeline.http.get(outcome[name]["original_url"])
    assert response.status_code == 200
    assert response.headers["content-type"] == outcome[name]["content_type"]
    assert response.headers["content-type"] in {"image/jpeg", "image/png"}
    assert response.headers["content-disposition"].startswith("attachment")


def test_the_photo_beside_bad_ones_is_ready(outcome: Mapping[str, Image]) -> None:
    assert outcome["good"]["state"] == "ready"
    assert outcome["good"]["renditions"]


@pytest.mark.usefixtures("outcome")
def test_bad_files_leave_both_queues_empty(stack: Stack) -> None:
    wait_until("the queue to be empty", stack.drained)
    assert stack.depth(stack.dead_letter_queue_url) == 0
