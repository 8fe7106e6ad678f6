"""The distribution's headers and caching of the page, the API and the images."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import httpx
import pytest
from PIL import Image as PillowImage

from support.pipeline_client import Image, PipelineClient
from support.stack import Stack
from support.waiting import wait_until

YEAR: Final = "public, max-age=31536000, immutable"
UNKNOWN_ID: Final = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
SHUT: Final = {"default-src": {"'none'"}, "frame-ancestors": {"'none'"}}
SHUT_AND_SANDBOXED: Final = {**SHUT, "sandbox": set[str]()}


@pytest.fixture(scope="module")
def image(pipeline: PipelineClient, jpeg: bytes) -> Iterator[Image]:
    ready = pipeline.ready(pipeline.upload("edge.jpg", jpeg))
    yield ready
    pipeline.delete(ready["id"])


@pytest.fixture(scope="module")
def answers(stack: Stack, image: Image) -> Mapping[str, httpx.Response]:
    """One answer of each kind, by its name."""

    def ask(path: str, **options: str) -> httpx.Response:
        return stack.http.get(path if "://" in path else stack.api_url + path, params=options or None)

    return {
        "page": ask("/"),
        "script": ask("/js/main.js"),
        "style": ask("/styles.css"),
        "settings": ask("/config.json"),
        "unknown page": ask("/no/such/page"),
        "list": ask("/api/images"),
        "refused list": ask("/api/images", limit="0"),
        "unknown image": ask(f"/api/images/{UNKNOWN_ID}"),
        "unknown route": ask("/api/nothing"),
        "thumbnail": ask(image["renditions"][0]["url"]),
        "unknown thumbnail": ask(f"/thumbs/{UNKNOWN_ID}/0a1b2c3d/160.webp"),
        "original": ask(image["original_url"]),
        "unknown original": ask(f"/raw/{UNKNOWN_ID}.jpg"),
    }


STATUSES: Final = {
    "page": 200,
    "script": 200,
    "style": 200,
    "settings": 200,
    "unknown page": 404,
    "list": 200,
    "refused list": 400,
    "unknown image": 404,
    "unknown route": 404,
    "thumbnail": 200,
    "unknown thumbnail": 404,
    "original": 200,
    "unknown original": 404,
}
PAGES: Final = ("page", "script", "style", "settings", "unknown page")
API: Final = ("list", "refused list", "unknown image", "unknown route")
IMAGES: Final = ("thumbnail", "unknown thumbnail", "original", "unknown original")


def policy(answer: httpx.Response) -> dict[str, set[str]]:
    """Read a content security policy: directive → sources."""
    directives = (directive.split() for directive in answer.headers["content-security-policy"].split(";"))
    return {name: set(sources) for name, *sources in directives}


@pytest.mark.parametrize("kind", STATUSES)
def test_every_answer_is_of_its_status_and_guarded(answers: Mapping[str, httpx.Response], kind: str) -> None:
    answer = answers[kind]
    assert answer.status_code == STATUSES[kind], answer.text
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "cloudfront" in answer.headers["x-cache"]
    assert "(CloudFront)" in answer.headers["via"]
    assert answer.headers["x-amz-cf-id"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("kind", PAGES)
def test_the_page_runs_its_own_code_alone_and_speaks_to_api_and_bucket_alone(
    answers: Mapping[str, httpx.Response], stack: Stack, kind: str
) -> None:
    directives = policy(answers[kind])
    assert directives["default-src"] == {"'none'"}
    assert directives["script-src"] == directives["style-src"] == {"'self'"}
    assert directives["connect-src"] == {"'self'", stack.endpoint_url}
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == {"'none'"}
    assert not any("unsafe" in source for sources in directives.values() for source in sources)


@pytest.mark.parametrize("kind", [*API, *IMAGES])
def test_responses_other_than_pages_may_run_nothing(answers: Mapping[str, httpx.Response], kind: str) -> None:
    assert policy(answers[kind]) == (SHUT if kind in API else SHUT_AND_SANDBOXED)


@pytest.mark.parametrize("kind", API)
def test_answers_of_the_api_are_kept_nowhere_and_errors_are_problems(
    answers: Mapping[str, httpx.Response], kind: str
) -> None:
    answer = answers[kind]
    assert answer.headers["cache-control"] == "no-store"
    assert "age" not in answer.headers
    if answer.is_error:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("kind", ["original", "unknown original"])
def test_an_original_is_never_displayed_or_cached(answers: Mapping[str, httpx.Response], kind: str) -> None:
    assert answers[kind].headers["content-disposition"] == "attachment"
    assert answers[kind].headers["cache-control"] == "private, no-store"


def test_an_unknown_page_is_ours(answers: Mapping[str, httpx.Response]) -> None:
    answer = answers["unknown page"]
    assert answer.headers["content-type"].startswith("text/html")
    assert "Page not found" in answer.text


def test_the_page_is_revalidated_each_time_by_its_etag(stack: Stack) -> None:
    first = stack.http.get(stack.page_url)
    assert first.headers["cache-control"] == "no-cache"
    again = stack.http.get(stack.page_url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_the_page_is_compressed_for_viewers_that_accept_it(stack: Stack) -> None:
    sizes = {}
    for encoding in ("br", "gzip", "identity"):
        with stack.http.stream("GET", f"{stack.page_url}styles.css", headers={"Accept-Encoding": encoding}) as answer:
            sizes[encoding] = len(b"".join(answer.iter_raw()))
            assert answer.headers.get("content-encoding", "identity") == encoding
            assert "accept-encoding" in answer.headers.get("vary", "accept-encoding").lower()
    assert sizes["br"] < sizes["identity"] / 2
    assert sizes["gzip"] < sizes["identity"] / 2


def test_a_second_fetch_of_a_rendition_is_a_hit(stack: Stack, image: Image) -> None:
    url = image["renditions"][-1]["url"]
    first, second = stack.http.get(url), stack.http.get(url)
    assert [answer.headers["x-cache"] for answer in (first, second)] == ["Miss from cloudfront", "Hit from cloudfront"]
    assert first.content == second.content
    assert first.headers["cache-control"] == second.headers["cache-control"] == YEAR
    assert int(second.headers["age"]) >= 0


def test_a_query_added_to_a_renditions_url_creates_no_other_copy(stack: Stack, image: Image) -> None:
    url = image["renditions"][0]["url"]
    stack.http.get(url)
    for query, headers in (("?x=1", {}), ("", {"Cookie": "a=b"}), ("", {"Accept-Language": "fr"})):
        assert stack.http.get(url + query, headers=headers).headers["x-cache"] == "Hit from cloudfront"


def test_a_part_of_a_rendition_and_a_condition_on_it_are_answered_from_the_cache(stack: Stack, image: Image) -> None:
    url = image["renditions"][0]["url"]
    whole = stack.http.get(url)
    part = stack.http.get(url, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    same = stack.http.get(url, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    head = stack.http.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))


def test_an_unknown_thumbnail_is_forgotten_within_10_seconds(stack: Stack, jpeg: bytes) -> None:
    key = f"thumbs/{UNKNOWN_ID}/0a1b2c3d/320.jpg"
    assert stack.http.get(f"{stack.api_url}/{key}").status_code == 404
    stack.client("s3").put_object(Bucket=stack.image_bucket, Key=key, Body=jpeg, ContentType="image/jpeg")
    wait_until("the thumbnail", lambda: stack.http.get(f"{stack.api_url}/{key}").status_code == 200, within_s=11)
    stack.client("s3").delete_object(Bucket=stack.image_bucket, Key=key)


def test_a_new_upload_under_the_same_key_is_never_served_stale(
    stack: Stack, pipeline: PipelineClient, jpeg: bytes
) -> None:
    image_id = pipeline.upload("a.jpg", jpeg)
    key = f"raw/{image_id}.jpg"
    shown = pipeline.ready(image_id)
    for colour in ("red", "lime", "blue"):
        for rendition in shown["renditions"]:
            assert stack.http.get(rendition["url"]).status_code == 200
        version = shown["processed_at"]
        buffer = io.BytesIO()
        PillowImage.new("RGB", (400, 300), colour).save(buffer, "PNG")
        stack.client("s3").put_object(Bucket=stack.image_bucket, Key=key, Body=buffer.getvalue())

        def is_new() -> Image | None:
            now: Image = pipeline.show(image_id).json()
            return now if now["processed_at"] != version else None  # noqa: B023 - called within the turn

        shown = wait_until("the new upload", is_new)
        assert stack.http.get(shown["original_url"]).content == buffer.getvalue()
        for rendition in shown["renditions"]:
            served = PillowImage.open(io.BytesIO(stack.http.get(rendition["url"]).content)).convert("RGB")
            wanted = PillowImage.new("RGB", (1, 1), colour).getpixel((0, 0))
            found = served.getpixel((served.width // 2, served.height // 2))
            assert isinstance(wanted, tuple)
            assert isinstance(found, tuple)
            assert max(abs(a - b) for a, b in zip(wanted, found, strict=True)) < 24
    pipeline.delete(image_id)


def test_a_deleted_image_is_out_of_reach_through_the_cache(stack: Stack, pipeline: PipelineClient, jpeg: bytes) -> None:
    shown = pipeline.ready(pipeline.upload("gone.jpg", jpeg))
    urls = [*(rendition["url"] for rendition in shown["renditions"]), shown["original_url"]]
    for url in urls[:-1] * 2:
        cached = stack.http.get(url)
    assert cached.headers["x-cache"] == "Hit from cloudfront"
    assert pipeline.delete(shown["id"]).status_code == 204
    assert [stack.http.get(url).status_code for url in urls] == [404] * len(urls)


@pytest.mark.parametrize("bucket", ["image_bucket", "site_bucket"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_buckets_are_only_accessible_through_the_distribution(
    stack: Stack, image: Image, bucket: str, method: str
) -> None:
    name = getattr(stack, bucket)
    rendition = image["renditions"][0]["url"].removeprefix(f"{stack.api_url}/")
    for key in ("", "?list-type=2", rendition, "index.html"):
        assert httpx.request(method, f"{stack.endpoint_url}/{name}/{key}").status_code == 403


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "a-guess"}, {"X-Amz-Cf-Id": "x", "Via": "1.1 x (CloudFront)"}])
def test_the_apis_own_url_is_closed(stack: Stack, headers: Mapping[str, str]) -> None:
    body = {"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 5}
    asked = [
        httpx.get(f"{stack.direct_api_url}/api/images", headers=headers),
        httpx.post(f"{stack.direct_api_url}/api/uploads", json=body, headers=headers),
        httpx.delete(f"{stack.direct_api_url}/api/images/{UNKNOWN_ID}", headers=headers),
    ]
    assert [answer.status_code for answer in asked] == [403] * 3
    assert "fields" not in asked[1].text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW", "get"])
@pytest.mark.parametrize("target", ["/index.html", "thumbnail", "original"])
def test_odd_methods_reach_no_file(
    stack: Stack, image: Image, everything: Callable[[], list[str]], method: str, target: str
) -> None:
    path = {"thumbnail": image["renditions"][0]["url"], "original": image["original_url"]}.get(target, target)
    before = everything()
    answer = stack.raw(method, path.removeprefix(stack.api_url), body=b"x" if method in {"POST", "PUT"} else b"")
    assert 400 <= answer.status < 502
    assert everything() == before


@pytest.fixture
def everything(stack: Stack) -> Callable[[], list[str]]:
    """Return all object versions in both buckets, by key and version."""
    s3 = stack.client("s3")

    def list_all() -> list[str]:
        return [
            f"{version['Key']} {version['VersionId']} {version['ETag']}"
            for bucket in (stack.image_bucket, stack.site_bucket)
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
            for version in page.get("Versions", [])
        ]

    return list_all
