"""Listing, showing and deleting."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final

import pytest
from PIL import Image as PillowImage

from support.pipeline_client import PipelineClient
from support.stack import Stack
from support.waiting import wait_until

PAGED: Final = 120


@pytest.fixture(scope="module")
def many(pipeline: PipelineClient) -> Iterator[list[str]]:
    def promise(number: int) -> str:
        image_id: str = pipeline.promise(f"{number}.jpg", "image/jpeg", 1000).json()["id"]
        return image_id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(promise, range(PAGED)))
    yield ids
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pipeline.delete, ids))


def test_listing_is_newest_first(pipeline: PipelineClient, many: list[str]) -> None:
    created = [image["created_at"] for image in pipeline.listing()]
    assert len(created) >= len(many)
    assert all(newer >= older for newer, older in pairwise(created))


def test_paging_has_neither_gaps_nor_duplicates_while_images_arrive(pipeline: PipelineClient, many: list[str]) -> None:
    seen: list[str] = []
    arrived: list[str] = []
    cursor: str | None = None
    while True:
        body = pipeline.page(limit=7, **({"cursor": cursor} if cursor else {})).json()
        assert len(body["items"]) <= 7
        seen += [image["id"] for image in body["items"]]
        arrived.append(pipeline.promise("later.jpg", "image/jpeg", 10).json()["id"])
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert set(many) <= set(seen)
    assert not set(arrived) & set(seen)
    for image_id in arrived:
        pipeline.delete(image_id)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", ""])
def test_a_limit_outside_1_to_100_is_refused(pipeline: PipelineClient, limit: str) -> None:
    response = pipeline.page(limit=limit)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert "limit" in response.text


@pytest.mark.parametrize("change", ["forged", "truncated", "padded", "last character", "nonsense"])
@pytest.mark.usefixtures("many")
def test_a_forged_cursor_is_refused(pipeline: PipelineClient, change: str) -> None:
    cursor: str = pipeline.page(limit=1).json()["next_cursor"]
    forged = {
        "forged": ("A" if cursor[0] != "A" else "B") + cursor[1:],
        "truncated": cursor[:-6],
        "padded": cursor + "=",
        # In bits that stand for nothing.
        "last character": cursor[:-1] + chr(ord(cursor[-1]) + 1),
        "nonsense": "2026-11",
    }[change]
    response = pipeline.page(limit=1, cursor=forged)
    assert response.status_code == 400
    assert "cursor" in response.text


def test_an_unknown_image_is_404(pipeline: PipelineClient) -> None:
    response = pipeline.show("01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("filename", ["Zürich 夏 🏔.jpg", '<img src=x onerror="alert(1)">.jpg', "n" * 251 + ".jpg"])
def test_a_filename_is_returned_as_sent_and_is_not_part_of_a_key(pipeline: PipelineClient, filename: str) -> None:
    promised = pipeline.promise(filename, "image/jpeg", 10).json()
    image = pipeline.show(promised["id"]).json()
    assert image["filename"] == filename
    assert image["state"] == "pending"
    assert promised["upload"]["fields"]["key"] == f"raw/{promised['id']}.jpg"
    pipeline.delete(promised["id"])


def test_delete_removes_every_version_the_renditions_and_the_entry(
    pipeline: PipelineClient, stack: Stack, jpeg: bytes
) -> None:
    image_id = pipeline.upload("a.jpg", jpeg)
    first = pipeline.ready(image_id)
    key = f"raw/{image_id}.jpg"
    buffer = io.BytesIO()
    PillowImage.new("RGB", (50, 40)).save(buffer, "JPEG")
    s3 = stack.client("s3")
    s3.put_object(Bucket=stack.image_bucket, Key=key, Body=buffer.getvalue(), ContentType="image/jpeg")
    wait_until("the overwrite", lambda: pipeline.show(image_id).json()["width"] == 50)
    assert pipeline.delete(image_id).status_code == 204
    for prefix in (key, f"thumbs/{image_id}/"):
        left = s3.list_object_versions(Bucket=stack.image_bucket, Prefix=prefix)
        assert not left.get("Versions")
        assert not left.get("DeleteMarkers")
    assert pipeline.show(image_id).status_code == 404
    assert image_id not in [image["id"] for image in pipeline.listing()]
    assert pipeline.http.get(first["renditions"][0]["url"]).status_code == 404
    assert pipeline.delete(image_id).status_code == 204
