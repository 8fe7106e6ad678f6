"""Uploads that the API refuses to presign, and that S3 refuses to accept."""

import io
from typing import Any, Final

import httpx
import pytest

from support.pipeline_client import PipelineClient
from support.stack import PARTNER, Stack
from support.waiting import wait_until

PROBLEM: Final = "application/problem+json"
JPEG_TYPE: Final = "image/jpeg"


@pytest.fixture
def origin() -> str:
    return PARTNER


def promise(pipeline: PipelineClient, **kwargs: Any) -> httpx.Response:  # noqa: ANN401 - handed on to httpx
    return pipeline.http.post(f"{pipeline.api_url}/api/uploads", **kwargs)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"filename": "a.svg", "content_type": "image/svg+xml", "size_bytes": 10}, "image/heic"),
        ({"filename": "a.jpg", "content_type": JPEG_TYPE, "size_bytes": 0}, "size_bytes"),
        ({"filename": "a.jpg", "content_type": JPEG_TYPE, "size_bytes": 26_214_401}, "26214400"),
        ({"filename": "a.jpg", "content_type": JPEG_TYPE, "size_bytes": "10"}, "size_bytes"),
        ({"filename": "a.jpg", "content_type": JPEG_TYPE, "size_bytes": 10, "acl": "public"}, "acl"),
        ({"filename": "", "content_type": JPEG_TYPE, "size_bytes": 10}, "filename"),
        ({"filename": "a" * 256, "content_type": JPEG_TYPE, "size_bytes": 10}, "filename"),
        ({"content_type": JPEG_TYPE, "size_bytes": 10}, "filename"),
    ],
    ids=["type", "empty", "too-big", "size-no-number", "unknown-field", "no-name", "long-name", "missing-field"],
)
def test_an_upload_request_is_refused_with_a_problem_that_names_the_error(
    pipeline: PipelineClient, origin: str, body: dict[str, object], named: str
) -> None:
    response = promise(pipeline, json=body, headers={"origin": origin})
    assert response.status_code == 400
    assert response.headers["content-type"] == PROBLEM
    assert response.headers["access-control-allow-origin"] == origin
    assert response.json()["status"] == 400
    assert named in response.text


@pytest.mark.parametrize("content", [b'{"filename": ', b"[]", b'"a.jpg"'], ids=["malformed", "array", "string"])
def test_api_gateway_refuses_a_body_that_is_not_an_object(
    pipeline: PipelineClient, origin: str, content: bytes
) -> None:
    response = promise(pipeline, content=content, headers={"content-type": "application/json", "origin": origin})
    assert response.status_code == 400
    assert response.headers["x-amzn-errortype"] == "BadRequestException", "the function was asked"
    assert response.headers["content-type"] == PROBLEM
    assert response.headers["access-control-allow-origin"] == origin
    assert response.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "The body must be a JSON object with filename, content_type and size_bytes.",
    }


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"filename=a.jpg", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {}, 415),
    ],
    ids=["no-json", "not-even-labelled"],
)
def test_the_function_refuses_bodies_that_are_not_upload_requests(
    pipeline: PipelineClient, origin: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    response = promise(pipeline, content=content, headers={**headers, "origin": origin})
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM
    assert response.headers["access-control-allow-origin"] == origin
    assert response.json()["status"] == status


def test_the_firewall_refuses_a_body_that_is_too_large(pipeline: PipelineClient) -> None:
    content = b'{"filename": "' + b"a" * 20_000 + b'"}'
    response = promise(pipeline, content=content, headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert response.json()["status"] == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("PUT", "/api/uploads", 405), ("POST", "/api/images", 405)],
)
def test_unknown_routes_and_methods_are_problems(pipeline: PipelineClient, method: str, path: str, status: int) -> None:
    # CloudFront refuses a GET with a body.
    content = b"" if method == "GET" else b"{}"
    response = pipeline.http.request(method, pipeline.api_url + path, content=content)
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["status"] == status


@pytest.fixture
def upload(pipeline: PipelineClient, jpeg: bytes) -> dict[str, Any]:
    promised: dict[str, Any] = promise(
        pipeline, json={"filename": "a.jpg", "content_type": JPEG_TYPE, "size_bytes": len(jpeg)}
    ).json()["upload"]
    return promised


@pytest.mark.parametrize(
    "changed",
    [{"key": "raw/somebody-elses.jpg"}, {"key": "thumbs/x.jpg"}, {"Content-Type": "text/html"}],
    ids=["other-key", "outside-raw", "other-type"],
)
def test_s3_refuses_uploads_outside_the_presigned_conditions(
    stack: Stack, pipeline: PipelineClient, upload: dict[str, Any], jpeg: bytes, changed: dict[str, str]
) -> None:
    response = pipeline.send(upload, jpeg, **changed)
    assert response.status_code == 403, response.text
    key = changed.get("key", upload["fields"]["key"])
    assert "Contents" not in stack.client("s3").list_objects_v2(Bucket=stack.image_bucket, Prefix=key)


def test_s3_refuses_more_bytes_than_the_limit(pipeline: PipelineClient, upload: dict[str, Any]) -> None:
    response = pipeline.send(upload, io.BytesIO(b"\xff" * 26_214_401).getvalue())
    assert response.status_code == 400
    assert "EntityTooLarge" in response.text


def test_s3_refuses_an_upload_after_its_expiry(stack: Stack, pipeline: PipelineClient, jpeg: bytes) -> None:
    functions = stack.client("lambda")
    name = stack.function_names["uploads"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    short = {**variables, "THUMBPIPE_UPLOAD_EXPIRES_SECONDS": "1"}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": short})
    try:
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        promised = pipeline.promise("late.jpg", JPEG_TYPE, len(jpeg)).json()["upload"]
        refused = wait_until(
            "an upload to be refused as expired",
            lambda: response if (response := pipeline.send(promised, jpeg)).status_code == 403 else None,
            within_s=20,
        )
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    assert "expired" in refused.text.lower()
