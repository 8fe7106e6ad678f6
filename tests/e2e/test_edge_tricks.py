"""Paths, queries and headers that try to circumvent access rules."""

import socket
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

import pytest

from support.pipeline_client import Image, PipelineClient
from support.raw_http import ask_raw
from support.stack import Stack
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack


@pytest.fixture(scope="module")
def image(pipeline: PipelineClient, jpeg: bytes) -> Iterator[Image]:
    ready = pipeline.ready(pipeline.upload("tricks.jpg", jpeg))
    yield ready
    pipeline.delete(ready["id"])


UP: Final = [
    "..",
    ".%2e",
    "%2e.",
    "%2e%2e",
    "%2E%2E",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "..%00",
    "..%09",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "%uff0e%uff0e",
    "%ef%bc%8e%ef%bc%8e",
]
SLASHES: Final = ["/", "%2f", "%2F", "%252f", "%5c", "\\", "%c0%af", "//", "/./"]


@pytest.mark.parametrize("slash", SLASHES)
@pytest.mark.parametrize("up", UP)
def test_no_way_of_writing_two_dots_shows_an_original(
    stack: Stack, image: Image, jpeg: bytes, up: str, slash: str
) -> None:
    raw = f"raw{slash}{image['id']}.jpg"
    for target in (
        f"/thumbs{slash}{up}{slash}{raw}",
        f"/thumbs/{image['id']}{slash}{up}{slash}{up}{slash}{raw}",
        f"/js{slash}{up}{slash}{raw}",
        f"/api{slash}{up}{slash}{raw}",
        f"{slash}{up}{slash}{stack.image_bucket}{slash}{raw}",
        f"/thumbs{slash}{up}{slash}{up}{slash}{stack.site_bucket}{slash}index.html",
    ):
        answer = stack.raw("GET", target)
        assert answer.status != 500, target
        if answer.body == jpeg:
            # The same file by another spelling of its own address is the same download.
            assert answer.headers["content-disposition"] == "attachment", target
        assert b"<ListBucketResult" not in answer.body
        assert b"thumbpipe</title>" not in answer.body or answer.status == 404, target


@pytest.mark.parametrize(
    "query",
    [
        "list-type=2",
        "list-type=2&prefix=raw/",
        "versions",
        "uploads",
        "acl",
        "policy",
        "tagging",
        "location",
        "logging",
        "torrent",
        "versionId=null",
        "attributes",
        "select&select-type=2",
    ],
)
@pytest.mark.parametrize("path", ["/", "/thumbs/", "/thumbs", "/raw/", "rendition"])
def test_no_query_makes_another_request_of_the_buckets(stack: Stack, image: Image, path: str, query: str) -> None:
    target = image["renditions"][0]["url"].removeprefix(stack.api_url) if path == "rendition" else path
    plain, answer = stack.raw("GET", target), stack.raw("GET", f"{target}?{query}")
    assert answer.status == plain.status
    assert answer.headers["content-type"] == plain.headers["content-type"]
    for word in (b"<ListBucketResult", b"<ListVersionsResult", b"<AccessControlPolicy", b'"Statement"', b"<Tagging"):
        assert word not in answer.body


def test_a_query_does_not_turn_a_download_into_a_page(stack: Stack, image: Image) -> None:
    target = image["original_url"].removeprefix(stack.api_url)
    answer = stack.raw("GET", f"{target}?response-content-type=text/html&response-content-disposition=inline")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == "attachment"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"},
        {"X-Original-URL": "/raw/x.jpg", "X-Rewrite-URL": "/raw/x.jpg"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1", "Forwarded": "host=evil.example"},
        {"X-Api-Key": "a-guess"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20261125/us-east-1/s3/aws4_request, Signature=00"},
        {"X-Amz-Security-Token": "x", "X-Amz-Date": "20261125T000000Z", "X-Amz-Content-Sha256": "x"},
        {"X-Amz-Copy-Source": "/bucket/raw/x.jpg", "X-Amz-Acl": "public-read"},
        {"Connection": "x-api-key, authorization, host"},
        {"Range": "bytes=" + ",".join(f"{start}-" for start in range(200))},
        {"Origin": "null", "Referer": "https://evil.example/"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_smuggled_header_changes_what_is_answered(stack: Stack, image: Image, headers: Mapping[str, str]) -> None:
    rendition = image["renditions"][0]["url"].removeprefix(stack.api_url)
    for target in (f"/api/images/{image['id']}", rendition, "/index.html"):
        plain, answer = stack.raw("GET", target), stack.raw("GET", target, headers)
        assert answer.status in {plain.status, 206, 416}
        assert len(answer.body) <= max(2 * len(plain.body), 2000)
        assert b"evil.example" not in answer.body
        assert "evil.example" not in str(answer.headers)
    assert stack.raw("GET", f"/api/images/{image['id']}").status == 200
    assert stack.raw("GET", rendition).status == 200


def test_another_host_gets_nothing_from_the_distribution(stack: Stack, image: Image, jpeg: bytes) -> None:
    for host in ("evil.example", f"{stack.image_bucket}.s3.amazonaws.com", "cloudfront.localhost", ""):
        answer = stack.raw("GET", f"/raw/{image['id']}.jpg", {"Host": host})
        assert answer.body != jpeg


# CloudFront takes URLs of up to 8,192 bytes, and requests of up to 32,768 without their body.
@pytest.mark.parametrize("length", [9_000, 40_000, 100_000])
@pytest.mark.parametrize("where", ["path", "query", "header", "cookie"])
def test_values_that_are_too_long_are_refused_and_break_nothing(stack: Stack, length: int, where: str) -> None:
    filler = "a" * length
    target = {"path": f"/thumbs/{filler}", "query": f"/index.html?{filler}"}.get(where, "/index.html")
    headers = {"header": {"X-Long": filler}, "cookie": {"Cookie": f"a={filler}"}}.get(where, {})
    fits = where in {"header", "cookie"} and length < 32_000
    try:
        status = stack.raw("GET", target, headers).status
    except ConnectionError:
        status = None  # Hung up on.
    assert status == 200 if fits else status is None or 400 <= status < 500
    assert stack.raw("GET", "/index.html").status == 200


@pytest.mark.parametrize(
    "place", ["/thumbs/x%0d%0aSet-Cookie:%20a=b", "/%0d%0aLocation:%20https://evil.example", "/x%00y"]
)
def test_no_line_break_gets_into_an_answer(stack: Stack, place: str) -> None:
    answer = stack.raw("GET", place)
    assert 400 <= answer.status < 500
    assert not {"set-cookie", "location"} & set(answer.headers)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: {length}\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: {length}",
        "Content-Length: {length}\r\nTransfer-Encoding: xchunked",
        "Content-Length: {length}\r\nTransfer-Encoding : chunked",
        "Content-Length: 0\r\nContent-Length: {length}",
    ],
)
def test_no_second_request_hides_in_a_first_one(stack: Stack, image: Image, jpeg: bytes, head: str) -> None:
    parts = urlsplit(stack.api_url)
    hidden = f"GET /raw/{image['id']}.jpg HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n"
    body = f"0\r\n\r\n{hidden}"
    request = f"POST /api/uploads HTTP/1.1\r\nHost: {parts.netloc}\r\n{head.format(length=len(body))}\r\n\r\n{body}"
    received = b""
    with socket.create_connection(("127.0.0.1", parts.port or 80), timeout=3) as connection:
        connection.sendall(request.encode())
        try:
            while part := connection.recv(65536):
                received += part
        except TimeoutError:
            pass
    statuses = [line for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    # One response to the first; a second one may only say that the rest is not a request.
    assert jpeg not in received
    assert all(b" 200 " not in line for line in statuses)
    assert stack.raw("GET", "/index.html").status == 200


SECURITY_HEADERS: Final = {
    "strict-transport-security",
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-resource-policy",
}


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /\x80 HTTP/1.1\r\nHOST\r\n",
        b"GET /thumbs/\xff.jpg HTTP/1.1\r\nHOST\r\n",
        b"GET /api/images?cursor=\x80 HTTP/1.1\r\nHOST\r\n",
        b"GET /index.html HTTP/1.1\r\nHOSTX\x80: y\r\n\r\n",
        b"GET /index.html HTTP/1.1\r\nHOSTX: a\x00b\r\n\r\n",
        b"GET /index.html HTTP/1.1\r\nHOSTno header\r\n\r\n",
        b"GET /index.html HTTP/1.1\r\nno header\r\nHOST\r\n",
        b"GET /index.html\r\nHOST\r\n",
        b"GET /index.html HTTP/7.0\r\nHOST\r\n",
        b"GET /index.html HTTP/1.1\nHOST\n\n",
        b"\x00\xff\xfe\r\nHOST\r\n",
        b"GET http://[::1/ HTTP/1.1\r\nHOST\r\n",
        b"OPTIONS * HTTP/1.1\r\nHOST\r\n",
        b"BREW /index.html HTTP/1.1\r\nHOST\r\n",
        b"GET /index.html HTTP/1.1\r\nHOSTHOST\r\n",
        b"GET /index.html HTTP/1.1\r\nHOSTX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHOST\r\n",
        b"POST /api/uploads HTTP/1.1\r\nHOSTContent-Length: x\r\n\r\n",
        b"POST /api/uploads HTTP/1.1\r\nHOSTTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=lambda request: request[:40].decode("latin-1"),
)
@pytest.mark.parametrize("at", ["by name", "by port"])
def test_malformed_requests_are_refused_with_every_security_header(
    stack: Stack, deployed: DevkitStack, request_: bytes, at: str
) -> None:
    name, port = urlsplit(stack.api_url).netloc, urlsplit(stack.api_url).port
    own_port = urlsplit(deployed.other_page_urls()[0]).port
    assert port is not None
    assert own_port is not None
    headers = f"Host: {name}\r\nUser-Agent: tests\r\nConnection: close\r\n".encode()

    answer = ask_raw(port if at == "by name" else own_port, request_.replace(b"HOST", headers))

    assert answer.status in {400, 403, 413}
    assert set(answer.named("")) >= SECURITY_HEADERS
    assert answer.headers["X-Cache"].endswith("from cloudfront")
    assert answer.headers["Server"] == "CloudFront"


def test_a_malformed_form_reaches_the_api(stack: Stack) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = stack.raw("POST", "/api/uploads", headers, b"\x80 no part at all")

    assert answer.status in {400, 415}
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.headers) >= SECURITY_HEADERS
