"""The page is served, and the API lets it in and no other."""

import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from support.pipeline import PipelineClient
from support.stack import Stack

STRANGER = "https://stranger.example"
LINK = re.compile(r"""(?:href|src)=["']([^"'#]+)["']""")
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


@pytest.fixture
def origin(stack: Stack) -> str:
    parts = urlsplit(stack.page_url)
    return f"{parts.scheme}://{parts.netloc}"


def test_the_page_and_all_that_it_links_to_are_served(stack: Stack) -> None:
    waiting, seen = [stack.page_url], set[str]()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        # As a browser does: the engine refuses what strangers' pages ask for.
        response = httpx.get(url, headers={"Referer": stack.page_url})
        assert response.status_code == 200, url
        links = IMPORT if url.endswith(".js") else LINK
        if url.endswith((".js", ".html")):
            waiting += [urljoin(url, link) for link in links.findall(response.text) if "://" not in link]
    assert len([url for url in seen if url.endswith(".js")]) >= 3


@pytest.mark.parametrize(
    ("file", "content_type"),
    [("index.html", "text/html"), ("styles.css", "text/css"), ("config.json", "application/json")],
)
def test_the_pages_files_carry_their_types(stack: Stack, file: str, content_type: str) -> None:
    response = httpx.get(urljoin(stack.page_url, file))
    assert response.headers["content-type"].startswith(content_type)


def test_the_page_knows_the_api(stack: Stack) -> None:
    assert httpx.get(urljoin(stack.page_url, "config.json")).json() == {"apiUrl": stack.api_url}


def preflight(url: str, origin: str, method: str) -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return httpx.options(url, headers={**headers, "Access-Control-Request-Headers": "content-type"})


@pytest.mark.parametrize(
    ("path", "method"),
    [("/api/uploads", "POST"), ("/api/images", "GET"), ("/api/images/01ARZ3NDEKTSV4RRFFQ69G5FAV", "DELETE")],
)
def test_preflight_admits_the_pages_origin_and_no_other(stack: Stack, origin: str, path: str, method: str) -> None:
    admitted = preflight(stack.api_url + path, origin, method)
    assert admitted.is_success
    assert admitted.headers["access-control-allow-origin"] == origin
    assert method in admitted.headers["access-control-allow-methods"]
    assert "content-type" in admitted.headers["access-control-allow-headers"].lower()
    refused = preflight(stack.api_url + path, STRANGER, method)
    assert refused.headers.get("access-control-allow-origin") not in {STRANGER, "*"}


@pytest.mark.parametrize("path", ["/api/images", "/api/images/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/api/nothing"])
def test_every_answer_carries_cors_errors_included(stack: Stack, origin: str, path: str) -> None:
    admitted = httpx.get(stack.api_url + path, headers={"Origin": origin})
    assert admitted.headers["access-control-allow-origin"] == origin
    refused = httpx.get(stack.api_url + path, headers={"Origin": STRANGER})
    assert refused.headers.get("access-control-allow-origin") not in {STRANGER, "*"}


def test_the_bucket_admits_uploads_from_the_pages_origin_only(pipeline: PipelineClient, origin: str) -> None:
    url = pipeline.promise("a.jpg", "image/jpeg", 10).json()["upload"]["url"]
    admitted = preflight(url, origin, "POST")
    assert admitted.headers["access-control-allow-origin"] == origin
    refused = preflight(url, STRANGER, "POST")
    assert refused.headers.get("access-control-allow-origin") not in {STRANGER, "*"}
