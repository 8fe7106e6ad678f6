"""Malformed requests: a distribution answers them as CloudFront does, with all its headers."""

import contextlib
import json
import re
import socket
import struct
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest

from support.cloudfront_edge import Edge, OriginServer, Page, ask, before_origin, make_distribution, running_origin
from support.distributions import make_behavior, some
from support.plugin_engine import Engine
from support.raw_http import RawAnswer, ask_raw, parse

POLICY: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"  # AWS's, of security headers
ALL_METHODS: Final = some("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")

HOST: Final = b"Host: HOST\r\nConnection: close\r\n"
CHUNKED: Final = b"Transfer-Encoding: chunked\r\n"


def _get(target: bytes = b"/x", headers: bytes = b"") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n"


def _post(headers: bytes, body: bytes) -> bytes:
    return b"POST /x HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


REFUSED: Final = {
    # Bytes that are neither ASCII nor percent-encoded.
    "0x80 in the path": (_get(b"/\x80"), 400),
    "UTF-8 in the path": (_get("/\u00fc".encode()), 400),
    "0xff in the query": (_get(b"/x?\xff"), 400),
    "UTF-8 in the query": (_get("/x?\u00fc".encode()), 400),
    "0x80 in a header's name": (_get(headers=b"X\x80: a\r\n"), 400),
    "0x80 in the method": (b"G\x80T /x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "0x80 in the version": (b"GET /x HTTP/1.\x80\r\n" + HOST + b"\r\n", 400),
    # Control characters.
    "NUL in the path": (_get(b"/\x00"), 400),
    "DEL in the path": (_get(b"/\x7f"), 400),
    "ESC in the query": (_get(b"/x?\x1b[2J"), 400),
    "NUL in a header": (_get(headers=b"X: a\x00b\r\n"), 400),
    "NUL in a header's name": (_get(headers=b"X\x00: a\r\n"), 400),
    "ESC in a header": (_get(headers=b"X: \x1b[2J\r\n"), 400),
    "NUL in a body's type": (_post(b"Content-Type: a\x00\x0b/b\r\nContent-Length: 3\r\n", b"abc"), 400),
    # Malformed lines.
    "no version": (b"GET /x\r\n" + HOST + b"\r\n", 400),
    "too many words": (b"GET /x y HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "HTTP/0.9": (b"GET /x HTTP/0.9\r\n" + HOST + b"\r\n", 400),
    "HTTP/9.9": (b"GET /x HTTP/9.9\r\n" + HOST + b"\r\n", 400),
    "another protocol": (b"GET /x FOO\r\n" + HOST + b"\r\n", 400),
    "line feeds alone": (b"GET /x HTTP/1.1\nHost: HOST\n\n", 400),
    "line feeds, then a line's end": (b"GET /x HTTP/1.1\nHost: HOST\n\r\n\r\n", 400),
    "garbage": (b"\x00\x01\x02\r\n" + HOST + b"\r\n", 400),
    "other garbage": (b"\x80\x81\xff\xfe \xff \xff\r\n" + HOST + b"\r\n", 400),
    "empty lines first": (b"\r\n\r\n\r\n" + _get(), 400),
    # Targets that are not paths.
    "the server as a whole": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a star": (_get(b"*"), 400),
    "no slash": (_get(b"x"), 400),
    "a URL that is none": (_get(b"http://[::1/x"), 400),
    "a URL of strange letters": (_get("http://a\u2100b/x".encode()), 400),
    "a URL with 0x80": (_get(b"http://HOST/\x80"), 400),
    "a URL of another name here": (_get(b"http://localhost/x"), 400),
    "a URL with a user": (_get(b"http://a@HOST/x"), 400),
    "a proxy's target": (b"CONNECT HOST HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    # Methods.
    "an unknown method": (b"BREW /x HTTP/1.1\r\n" + HOST + b"\r\n", 403),
    "a method in small letters": (b"get /x HTTP/1.1\r\n" + HOST + b"\r\n", 403),
    "NUL in the method": (b"G\x00T /x HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    # Headers that are malformed, or too many.
    "a header without a colon": (_get(headers=b"foo\r\n"), 400),
    "a header without a colon before the host": (b"GET /x HTTP/1.1\r\nfoo\r\n" + HOST + b"\r\n", 400),
    "a header without a name": (_get(headers=b": foo\r\n"), 400),
    "a space before the colon": (_get(headers=b"X : foo\r\n"), 400),
    "a continued line of nothing": (b"GET /x HTTP/1.1\r\n x: a\r\n" + HOST + b"\r\n", 400),
    "the same host twice": (_get(headers=b"Host: HOST\r\n"), 400),
    "a long header": (_get(headers=b"X: " + b"a" * 40_000 + b"\r\n"), 413),
    "a longer header": (_get(headers=b"X: " + b"a" * 200_000 + b"\r\n"), 413),
    "a long path": (_get(b"/" + b"a" * 9_000), 413),
    "a longer path": (_get(b"/" + b"a" * 200_000), 413),
    "many headers": (_get(headers=b"".join(b"X%d: a\r\n" % number for number in range(600))), 400),
    "many long headers": (_get(headers=b"".join(b"X%d: %s\r\n" % (n, b"a" * 1000) for n in range(100))), 413),
    # Bodies whose end is not known.
    "a length that is none": (_post(b"Content-Length: abc\r\n", b""), 400),
    "a negative length": (_post(b"Content-Length: -1\r\n", b""), 400),
    "two lengths": (_post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"), 400),
    "a length beside chunks": (_post(CHUNKED + b"Content-Length: 3\r\n", b"0\r\n\r\n"), 400),
    "an unknown encoding": (_post(b"Transfer-Encoding: gzip\r\n", b""), 400),
    "a chunk's length that is none": (_post(CHUNKED, b"zz\r\n"), 400),
    "a chunk that does not end": (_post(CHUNKED, b"3\r\nabcXX"), 400),
    "a chunk's endless length": (_post(CHUNKED, b"0" * 5_000), 400),
    "trailers without end": (_post(CHUNKED, b"3\r\nabc\r\n0\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"), 400),
    "a body of a GET": (_get(headers=b"Content-Length: 3\r\n") + b"abc", 403),
}

SERVED: Final = {
    "0x80 in a header": _get(headers=b"X: a\x80\r\n"),
    "0xff in a cookie": _get(headers=b"Cookie: \x80\xff;;=\r\n"),
    "0x80 in an agent's name": _get(headers=b"User-Agent: \x80\r\nReferer: \xff\r\nOrigin: \x80\r\n"),
    "0x80 in a condition": _get(headers=b"If-Modified-Since: \x80\r\nIf-None-Match: \x80\r\nRange: bytes=\x80\r\n"),
    "0x80 in a country": _get(headers=b"CloudFront-Viewer-Country: \x80\r\n"),
    "a line break in a header": _get(headers=b"X: a\rb\r\nX: c\nd\r\nX: e\rf\r\n"),
    "a continued line": _get(headers=b"X: a\r\n b\r\n"),
    "0x80 in a body's type": _post(b"Content-Type: a/\x80\r\nContent-Length: 3\r\n", b"abc"),
    "a form that is none": _post(b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n", b"abc"),
    "a form without a boundary": _post(b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n", b"abc"),
    "a form of bytes": _post(b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n", b"\x80=%"),
    "0x80 in a chunk's extension": _post(CHUNKED, b"3;\x80\r\nabc\r\n0\r\n\r\n"),
    "a handshake for a websocket that is none": _get(headers=b"Upgrade: websocket\r\n"),
    "an expectation of nothing known": _post(b"Expect: foo\r\nContent-Length: 3\r\n", b"abc"),
    "HTTP/1.0": b"GET /x HTTP/1.0\r\n" + HOST + b"\r\n",
    "a URL of its own": _get(b"http://HOST/x"),
}

WAITING: Final = {"an expectation": _post(b"Expect: 100-continue\r\nContent-Length: 3\r\n", b"abc")}
MISSING: Final = {
    "a percent sign alone": _get(b"/%"),
    "no digits": _get(b"/%zz%8"),
    "0x80, encoded": _get(b"/%80%ff%00"),
}


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        server.pages["/x"] = Page()
        yield server


@pytest.fixture(scope="module")
def edge(engine: Engine, origin: OriginServer) -> Edge:
    return before_origin(engine, origin, ResponseHeadersPolicyId=POLICY, AllowedMethods=ALL_METHODS)


@pytest.fixture(scope="module", params=["by name", "by port"])
def port(request: pytest.FixtureRequest, engine: Engine, edge: Edge) -> int:
    """The distribution's address: its name at the engine's port, or its own port."""
    urls = json.loads(ask(engine.url, "/_aws/cloudfront/distributions").body)
    own = next(each["urls"][1] for each in urls if each["id"] == edge.id)
    found = urlsplit(engine.url if request.param == "by name" else own).port
    assert found is not None
    return found


def _ask(port: int, edge: Edge, request: bytes) -> RawAnswer:
    return ask_raw(port, request.replace(b"HOST", edge.host.encode()))


def _assert_edges(answer: RawAnswer) -> None:
    assert answer.line.startswith(("HTTP/1.1 ", "HTTP/1.0 ")), answer
    assert answer.headers["Via"].endswith(".cloudfront.localhost (CloudFront)")
    assert re.fullmatch(r"[\w=-]{56}", answer.headers["X-Amz-Cf-Id"])
    assert answer.headers["X-Amz-Cf-Pop"]
    assert answer.headers["Date"]
    assert answer.headers["X-Cache"].endswith(" from cloudfront")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Twisted" not in answer.headers.get("Server", "")


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_served_is_refused_with_every_header(port: int, edge: Edge, name: str) -> None:
    request, status = REFUSED[name]
    answer = _ask(port, edge, request)

    assert answer.status == status
    _assert_edges(answer)
    assert answer.headers["Server"] == "CloudFront"
    assert answer.headers["X-Cache"].partition(" ")[0] in {"Error", "LimitExceeded"}
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert f"{status} ERROR".encode() in answer.body


@pytest.mark.parametrize("name", [*SERVED, *WAITING])
def test_requests_that_cloudfront_accepts_are_served_with_every_header(port: int, edge: Edge, name: str) -> None:
    answer = _ask(port, edge, (SERVED | WAITING)[name])

    assert (answer.status, answer.body) == (200, b"page")
    _assert_edges(answer)


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_page_is_answered_with_every_header(port: int, edge: Edge, name: str) -> None:
    answer = _ask(port, edge, MISSING[name])

    assert answer.status == 404
    _assert_edges(answer)


def test_a_refusal_of_head_has_no_body(port: int, edge: Edge) -> None:
    for request in (b"HEAD /\x80 HTTP/1.1\r\n" + HOST + b"\r\n", b"HEAD /x HTTP/1.1\r\n" + HOST + b"foo\r\n\r\n"):
        answer = _ask(port, edge, request)
        assert (answer.status, answer.body) == (400, b"")
        _assert_edges(answer)


def test_a_websockets_proper_handshake_is_refused_with_every_header(port: int, edge: Edge) -> None:
    keys = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    answer = _ask(
        port,
        edge,
        b"GET /\x80 HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n" + keys + b"\r\n",
    )

    assert answer.status == 400
    _assert_edges(answer)


def test_the_host_of_another_distribution_does_not_matter_to_the_first_ones_port(port: int, edge: Edge) -> None:
    """At a distribution's port, a malformed request is for it whatever its Host; elsewhere it is for none."""
    two = b"GET /x\r\nHost: HOST\r\nHost: localhost\r\n\r\n"
    answer = _ask(port, edge, two)

    assert answer.status == 400
    at_engine = port == urlsplit(edge.engine.url).port
    assert bool(answer.headers.get("X-Cache")) is not at_engine


def test_other_requests_of_the_connection_are_answered_before_it_ends(port: int, edge: Edge) -> None:
    first, second = _get().replace(b"Connection: close\r\n", b""), _get(headers=b"foo\r\n")
    answer = _ask(port, edge, first + second)

    assert answer.status == 200
    rest = answer.body.removeprefix(b"page")
    assert rest.startswith(b"HTTP/1.1 400 ")
    assert b"X-Amz-Cf-Id" in rest
    assert rest.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET /x\r\n", HOST, b"\r\n"],
        [b"GET /x\r\nHo", b"st: ", b"HOST", b"\r\nConnection: close\r\n\r", b"\n"],
        [b"GET /" + b"a" * 70_000, b"a" * 70_000, b" HTTP/1.1\r\n" + HOST, b"\r\n"],
        [b"GET /x HTTP/1.1\n", b"Host: HOST\n", b"\n"],
    ],
    ids=["a line at a time", "by and by", "a long one", "line feeds"],
)
def test_the_host_of_a_malformed_request_may_arrive_late(port: int, edge: Edge, parts: list[bytes]) -> None:
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        for part in parts:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it is known whose port it is
                connection.sendall(part.replace(b"HOST", edge.host.encode()))
            time.sleep(0.1)
        while received := connection.recv(100_000):
            got += received

    answer = parse(got)
    assert answer.status == (413 if len(parts[0]) > 1000 else 400)
    _assert_edges(answer)


def test_a_sender_that_does_not_wait_for_its_answer_breaks_nothing(port: int, edge: Edge) -> None:
    log_before = edge.engine.log.read_text()
    for request in [REFUSED["no version"][0], REFUSED["a longer path"][0], REFUSED["garbage"][0], b"GET /x\r\n"] * 5:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            reset = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            connection.sendall(request[:50_000].replace(b"HOST", edge.host.encode()))

    assert _ask(port, edge, _get()).status == 200
    assert "Traceback" not in edge.engine.log.read_text().removeprefix(log_before)


def test_a_path_has_its_own_behaviours_headers_though_it_is_refused(engine: Engine, origin: OriginServer) -> None:
    config = {"CacheBehaviors": some(make_behavior(PathPattern="/own/*", ResponseHeadersPolicyId=POLICY))}
    edge = before_origin(engine, origin, config)
    found = urlsplit(engine.url).port
    assert found is not None

    own, other = (_ask(found, edge, b"BREW " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n") for path in (b"/own/x", b"/x"))

    assert (own.status, other.status) == (403, 403)
    assert own.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Content-Type-Options" not in other.headers


def test_a_distribution_that_is_switched_off_or_fails_has_its_headers(engine: Engine) -> None:
    behavior = make_behavior(ResponseHeadersPolicyId=POLICY)
    edge = make_distribution(engine, DefaultCacheBehavior=behavior, Enabled=False)
    found = urlsplit(engine.url).port
    assert found is not None

    answer = _ask(found, edge, _get())

    assert answer.status == 403
    _assert_edges(answer)


def test_malformed_requests_for_no_distribution_are_answered_as_before(engine: Engine, edge: Edge) -> None:
    found = urlsplit(engine.url).port
    assert found is not None
    answer = _ask(found, edge, b"GET /x\r\nHost: localhost\r\n\r\n")

    assert answer.line == "HTTP/1.1 400 Bad Request"
    assert not answer.headers.keys()
