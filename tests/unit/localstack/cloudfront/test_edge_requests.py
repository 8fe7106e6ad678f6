"""How the edge itself handles a viewer's request, whatever the server in front of it accepts."""

import dataclasses
from collections.abc import Iterator
from typing import Final

import pytest
from werkzeug.datastructures import Headers

from support.cloudfront_edge import OriginServer, Page, running_origin
from support.edge_parts import (
    HOST,
    FakeTime,
    Viewers,
    make_behaviour,
    make_caching,
    make_edge,
    make_origin,
    make_request,
)
from thumbpipe_localstack.cloudfront.edge.cache.cache_key import cache_key
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache
from thumbpipe_localstack.cloudfront.edge.model.caching import Choice, Inputs
from thumbpipe_localstack.cloudfront.edge.viewer.cloudfront_headers import set_cloudfront_headers
from thumbpipe_localstack.cloudfront.edge.viewer.request_syntax import check_request
from thumbpipe_localstack.cloudfront.error_pages import EdgeError
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

TEXT: Final = b"the same words again and again. " * 100
CSS: Final = {"Content-Type": "text/css"}


@pytest.fixture
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        yield server


def _with(*headers: tuple[str, str], **changes: object) -> ViewerRequest:
    return dataclasses.replace(make_request(), headers=Headers([("Host", HOST), *headers]), **changes)  # type: ignore[arg-type] # each test names what it changes


def _refusal(request: ViewerRequest) -> int | None:
    try:
        check_request(request)
    except EdgeError as error:
        return error.status
    return None


@pytest.mark.parametrize(
    "headers",
    [
        [("Host", "other.example.com")],
        [("host", HOST)],
        [("Content-Length", "3"), ("Content-Length", "3")],
        [("Content-Length", "3"), ("content-length", "4")],
        [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
        [("Content-Length", "3"), ("Transfer-Encoding", "chunked")],
        [("transfer-encoding", "chunked"), ("content-length", "3")],
        [("Content-Type", "a/b"), ("Content-Type", "c/d")],
        [("Authorization", "a"), ("Authorization", "b")],
        [("Range", "bytes=0-1"), ("Range", "bytes=2-3")],
        [("X Y", "1")],
        [("X", "\x00")],
        [("X", "\x7f")],
    ],
)
def test_ambiguous_requests_are_bad_requests(headers: list[tuple[str, str]]) -> None:
    assert _refusal(_with(*headers)) == 400


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Length", "3")],
        [("Transfer-Encoding", "chunked")],
        [("Accept", "a/b"), ("Accept", "c/d")],
        [("Cookie", "a=1"), ("Cookie", "b=2")],
        [("X", "a\tb")],
        [("X", "ünï")],
    ],
)
def test_unambiguous_requests_pass(headers: list[tuple[str, str]]) -> None:
    assert _refusal(_with(*headers)) is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "x"}, 400),
        ({"path": "/a b"}, 400),
        ({"path": "/\x7f"}, 400),
        ({"path": "/é"}, 400),
        ({"query": "a b"}, 400),
        ({"query": "é"}, 400),
        ({"path": "/" + "a" * (8192 - len(f"https://{HOST}/?"))}, None),
        ({"path": "/" + "a" * (8193 - len(f"https://{HOST}/?"))}, 413),
        ({"query": "a" * (8193 - len(f"https://{HOST}/x?"))}, 413),
        ({"method": "TRACE"}, 403),
        ({"method": "get"}, 403),
    ],
)
def test_targets_and_methods_are_held_to_cloudfronts_limits(changes: dict[str, str], status: int | None) -> None:
    assert _refusal(_with(**changes)) == status


def test_a_head_has_32_kib_with_its_url() -> None:
    taken = len(f"https://{HOST}/x?") + len(f"Host: {HOST}\r\n") + len("X: \r\n")

    assert _refusal(_with(("X", "a" * (32_768 - taken)))) is None
    assert _refusal(_with(("X", "a" * (32_769 - taken)))) == 413


@pytest.mark.parametrize("named", [frozenset[str](), frozenset({"cloudfront-viewer-country"})], ids=["no", "one"])
def test_no_cloudfront_header_is_accepted_from_a_viewer(named: frozenset[str]) -> None:
    forged = ["CloudFront-Viewer-Country", "cloudfront-viewer-address", "CloudFront-Is-Mobile-Viewer", "CLOUDFRONT-X"]
    request = _with(*((name, "forged") for name in forged), ("CloudFront-X", "twice"), ("X-CloudFront-X", "kept"))
    caching = make_caching(forwarded=Inputs(headers=Choice(behaviour="whitelist", names=named)))

    set_cloudfront_headers(request, caching, "NL")

    left = {name.lower(): value for name, value in request.headers}
    assert left == {"host": HOST, "x-cloudfront-x": "kept"} | dict.fromkeys(named, "NL")


def test_a_forged_cloudfront_header_does_not_reach_an_origin_that_gets_all_headers(
    origin: OriginServer,
) -> None:
    caching = make_caching(forwarded=Inputs(headers=Choice(behaviour="all")))
    behaviour = make_behaviour(make_origin(origin), caching)
    viewers = Viewers(cache=Cache(1_000_000), edge=make_edge(behaviour))
    request = make_request(CloudFront_Viewer_Country="forged", X_Own="kept")

    set_cloudfront_headers(request, caching, "")
    viewers.ask("/x", **{name.replace("-", "_"): value for name, value in request.headers})

    (asked,) = origin.asked
    assert (asked.headers["X-Own"], asked.headers["CloudFront-Viewer-Country"]) == ("kept", None)


def test_methods_and_encodings_have_separate_keys() -> None:
    caching = make_caching(gzip=True, brotli=True)
    variants = [(method, encoding) for method in ("GET", "HEAD", "OPTIONS") for encoding in ("", "gzip", "br,gzip")]

    keys = {cache_key("D", caching, make_request(method=method), encoding) for method, encoding in variants}

    assert len(keys) == len(variants)


def test_distributions_paths_queries_cookies_and_headers_have_separate_keys() -> None:
    everything = Choice(behaviour="whitelist", names=frozenset({"a", "b"}))
    caching = make_caching(key=Inputs(headers=everything, cookies=everything, query=everything))
    requests = [
        make_request(),
        make_request("/y"),
        make_request(query="a=1"),
        make_request(query="b=1"),
        make_request(Cookie="a=1"),
        make_request(Cookie="b=1"),
        make_request(A="1"),
        make_request(B="1"),
        make_request(A="1", B="1"),
        _with(("A", "1"), ("A", "2")),
    ]

    keys = {cache_key(distribution, caching, request, "") for distribution in ("D", "E") for request in requests}

    assert len(keys) == 2 * len(requests)


def test_an_answer_without_a_body_is_not_that_of_a_request_for_one(origin: OriginServer) -> None:
    viewers = Viewers(cache=Cache(1_000_000), edge=make_edge(make_behaviour(make_origin(origin))))
    origin.pages["/x"] = Page()

    answers = [viewers.ask(method=method) for method in ("HEAD", "HEAD", "GET", "GET", "HEAD")]

    assert [(answer.result, answer.body) for answer in answers[:4]] == [
        ("Miss", b""),
        ("Hit", b""),
        ("Miss", b"page"),
        ("Hit", b"page"),
    ]
    assert answers[4].result == "Hit"
    assert [each.method for each in origin.asked] == ["HEAD", "GET"]


def test_a_viewer_gets_no_encoding_that_another_asked_for(origin: OriginServer) -> None:
    behaviour = make_behaviour(make_origin(origin), make_caching(gzip=True), compress=True)
    viewers = Viewers(cache=Cache(1_000_000, FakeTime().clock), edge=make_edge(behaviour))
    origin.pages["/x"] = Page(TEXT, headers=CSS)

    answers = [viewers.ask(**headers) for headers in ({"Accept_Encoding": "gzip"}, {}, {"Accept_Encoding": "deflate"})]

    assert [answer.headers.get("Content-Encoding") for answer in answers] == ["gzip", None, None]
    assert answers[1].body == answers[2].body == TEXT
    assert [answer.result for answer in answers] == ["Miss", "Miss", "Hit"]
