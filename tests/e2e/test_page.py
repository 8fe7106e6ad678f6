"""The page is served, and only its origin may call the API."""

import re
from typing import Final
from urllib.parse import urljoin

import httpx
import pytest

from support.pipeline_client import PipelineClient
from support.stack import PARTNER, Stack

STRANGER: Final = "https://stranger.example"
LINK: Final = re.compile(r"""(?:href|src)=["']([^"'#]+)["']""")
IMPORT: Final = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")


def test_the_page_and_all_that_it_links_to_are_served(stack: Stack) -> None:
    waiting, seen = [stack.page_url], set[str]()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        response = stack.http.get(url)
        assert response.status_code == 200, url
        links = IMPORT if url.endswith(".js") else LINK
        if url.endswith((".js", ".html", "/")):
            waiting += [urljoin(url, link) for link in links.findall(response.text) if "://" not in link]
    assert len([url for url in seen if url.endswith(".js")]) >= 3


@pytest.mark.parametrize(
    ("file", "content_type"),
    [("index.html", "text/html"), ("styles.css", "text/css"), ("config.json", "application/json")],
)
def test_the_pages_files_carry_their_types(stack: Stack, file: str, content_type: str) -> None:
    response = stack.http.get(urljoin(stack.page_url, file))
    assert response.headers["content-type"].startswith(content_type)


def test_the_page_has_the_api_at_its_own_origin(stack: Stack) -> None:
    assert stack.http.get(urljoin(stack.page_url, "config.json")).json() == {"apiUrl": ""}
    assert stack.page_url == f"{stack.api_url}/"


def preflight(stack: Stack, url: str, origin: str, method: str) -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return stack.http.options(url, headers={**headers, "Access-Control-Request-Headers": "content-type"})


@pytest.mark.parametrize(
    ("path", "method"),
    [("/api/uploads", "POST"), ("/api/images", "GET"), ("/api/images/01ARZ3NDEKTSV4RRFFQ69G5FAV", "DELETE")],
)
def test_preflight_allows_only_a_partners_origin(stack: Stack, path: str, method: str) -> None:
    admitted = preflight(stack, stack.api_url + path, PARTNER, method)
    assert admitted.is_success
    assert admitted.headers["access-control-allow-origin"] == PARTNER
    assert method in admitted.headers["access-control-allow-methods"]
    assert "content-type" in admitted.headers["access-control-allow-headers"].lower()
    refused = preflight(stack, stack.api_url + path, STRANGER, method)
    assert refused.headers.get("access-control-allow-origin") not in {STRANGER, "*"}


@pytest.mark.parametrize("path", ["/api/images", "/api/images/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/api/nothing"])
def test_every_answer_carries_cors_errors_included(stack: Stack, path: str) -> None:
    admitted = stack.http.get(stack.api_url + path, headers={"Origin": PARTNER})
    assert admitted.headers["access-control-allow-origin"] == PARTNER
    refused = stack.http.get(stack.api_url + path, headers={"Origin": STRANGER})
    assert refused.headers.get("access-control-allow-origin") not in {STRANGER, "*"}


def test_the_bucket_admits_uploads_from_the_page_and_the_partner_only(stack: Stack, pipeline: PipelineClient) -> None:
    url = pipeline.promise("a.jpg", "image/jpeg", 10).json()["upload"]["url"]
    for origin in (stack.origin, PARTNER):
        admitted = preflight(stack, url, origin, "POST")
        assert admitted.headers["access-control-allow-origin"] == origin
    refused = preflight(stack, url, STRANGER, "POST")
    assert refused.headers.get("access-control-allow-origin") not in {STRANGER, "*"}
