"""Deleted stays deleted, by the engine's own S3, queue and functions."""

from typing import Any

import httpx
import pytest

from support.pipeline_client import PipelineClient
from support.stack import Stack
from support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("retried_soon")


def promised(pipeline: PipelineClient, photo: bytes) -> dict[str, Any]:
    """Reserve an upload."""
    answer = pipeline.promise("holiday.jpg", "image/jpeg", len(photo))
    assert answer.status_code == httpx.codes.CREATED
    reserved: dict[str, Any] = answer.json()
    return reserved


def send(pipeline: PipelineClient, reserved: dict[str, Any], photo: bytes) -> None:
    assert pipeline.send(reserved["upload"], photo).is_success


def stored(stack: Stack, image_id: str) -> list[str]:
    """Return every version of the photo and of its renditions."""
    s3 = stack.client("s3")
    listed = [
        s3.list_object_versions(Bucket=stack.image_bucket, Prefix=prefix)
        for prefix in (f"raw/{image_id}", f"thumbs/{image_id}/")
    ]
    return [each["Key"] for page in listed for name in ("Versions", "DeleteMarkers") for each in page.get(name, [])]


def test_an_upload_that_ends_after_the_deletion_brings_nothing_back(
    stack: Stack, pipeline: PipelineClient, jpeg: bytes
) -> None:
    reserved = promised(pipeline, jpeg)
    assert pipeline.delete(reserved["id"]).status_code == 204
    send(pipeline, reserved, jpeg)
    wait_until("the photo to be removed", lambda: not stored(stack, reserved["id"]))
    assert pipeline.show(reserved["id"]).status_code == 404


@pytest.mark.parametrize("deletions", [1, 2])
def test_a_form_that_is_used_again_after_the_deletion_brings_nothing_back(
    stack: Stack, pipeline: PipelineClient, jpeg: bytes, deletions: int
) -> None:
    reserved = promised(pipeline, jpeg)
    send(pipeline, reserved, jpeg)
    pipeline.ready(reserved["id"])
    assert pipeline.delete(reserved["id"]).status_code == 204
    send(pipeline, reserved, jpeg)
    if deletions > 1:
        assert pipeline.delete(reserved["id"]).status_code == 204
        assert not [key for key in stored(stack, reserved["id"]) if key.startswith("raw/")], "204 means gone"
    wait_until("the photo to be removed", lambda: not stored(stack, reserved["id"]))
    wait_until("the queue to be empty", stack.drained)
    assert pipeline.show(reserved["id"]).status_code == 404
    assert not stored(stack, reserved["id"])
