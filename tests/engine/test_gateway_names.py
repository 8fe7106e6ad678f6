"""The hosts that an engine answers for: a page of another site reads nothing by DNS rebinding."""

import json
import socket
import uuid
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

import pytest

from support.cloudfront_edge import Edge, OriginServer, Page, ask, before_origin, running_origin
from support.distributions import remove_distribution, some
from support.plugin_engine import Engine, StartEngine
from support.raw_http import RawAnswer, ask_raw, parse, send, send_until_silent
from support.sockets import other_addresses

MISDIRECTED: Final = 421
EVIL: Final = "evil.example"
CORS: Final = "access-control-"


def _port(engine: Engine) -> int:
    port = urlsplit(engine.url).port
    assert port is not None
    return port


def _get(
    engine: Engine,
    host: str | None,
    target: str = "/_localstack/health",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
    lines += [f"Host: {host}"] if host is not None else []
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ask_raw(_port(engine), "\r\n".join([*lines, "", ""]).encode("latin-1"))


ROUTES: Final = {
    "LocalStack's own": ("GET", "/_localstack/health", {}),
    "LocalStack's settings": ("POST", "/_localstack/config", {"Content-Length": "0"}),
    "a service's own": ("GET", "/_aws/cloudfront/distributions", {}),
    "messages of queues": ("GET", "/_aws/sqs/messages?QueueUrl=x", {}),
    "an API's stage": ("GET", "/_aws/execute-api/a1b2c3/test/x", {}),
    "an API's stage, as it was": ("GET", "/restapis/a1b2c3/test/_user_request_/x", {}),
    "Lambda": ("GET", "/2015-03-31/functions", {}),
    "a service by its target": ("POST", "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Length": "0"}),
    "a service by its query": ("GET", "/?Action=ListQueues&Version=2012-11-05", {}),
    "S3": ("GET", "/some-bucket/some-key", {}),
    "a form": ("POST", "/some-bucket", {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "0"}),
    "a preflight": ("OPTIONS", "/", {"Access-Control-Request-Method": "POST"}),
    "the server as a whole": ("OPTIONS", "*", {}),
    "LocalStack's calls to itself": ("GET", "/", {"x-localstack-data": "{}"}),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("origin", ["", f"http://{EVIL}", "http://localhost:4566"])
def test_every_route_refuses_another_host_and_no_page_may_read_why(engine: Engine, route: str, origin: str) -> None:
    method, target, headers = ROUTES[route]
    answer = _get(engine, EVIL, target, method, headers | ({"Origin": origin} if origin else {}))

    assert answer.status == MISDIRECTED
    assert b"ALLOWED_HOSTS" in answer.body
    assert len(answer.body) < 200
    assert not answer.named(CORS)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_what_is_refused_is_not_done(engine: Engine) -> None:
    name = f"q-{uuid.uuid4().hex}"
    assert _get(engine, EVIL, f"/?Action=CreateQueue&QueueName={name}").status == MISDIRECTED

    assert name not in str(engine.client("sqs").list_queues().get("QueueUrls"))


@pytest.mark.parametrize(
    "host",
    [
        EVIL,
        f"{EVIL}:4566",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "evillocalhost",
        "localhost.",
        "localstack.cloud",
        "bucket.s3.amazonaws.com",
        "192.0.2.77",
        "0.0.0.0",  # noqa: S104 - a name that is refused
        "[::2]",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
    ],
)
def test_anothers_name_is_misdirected(engine: Engine, host: str) -> None:
    assert _get(engine, host).status == MISDIRECTED


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "localhost:",
        "localhost:http",
        ":4566",
        "user@localhost",
        "localhost@evil.example",
        "localhost, localhost",
        "localhost/x",
        "[fe80::1%25lo]",
        "[::1",
        "::1",
        "localhost\x80",
        "local\x01host",
        "%6cocalhost",
    ],
)
def test_a_missing_or_malformed_host_is_a_bad_request(engine: Engine, host: str | None) -> None:
    assert _get(engine, host).status == 400


@pytest.mark.parametrize("host", ["Host: localhost", "Host: localhost\r\nhost: localhost", f"Host: {EVIL}", ""])
def test_a_repeated_host_is_not_served(engine: Engine, host: str) -> None:
    head = f"GET /_localstack/health HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n{host}\r\n"
    answer = ask_raw(_port(engine), (head + ("\r\n" if host else "")).encode())

    assert answer.status == (400 if host else 200)


def test_http_1_0_without_a_name_is_a_bad_request(engine: Engine) -> None:
    assert ask_raw(_port(engine), b"GET /_localstack/health HTTP/1.0\r\n\r\n").status == 400
    assert ask_raw(_port(engine), b"GET /_localstack/health HTTP/1.0\r\nHost: localhost\r\n\r\n").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "anything.localhost",
        "127.0.0.1",
        "127.3.2.1",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "localhost.localstack.cloud",
        "s3.localhost.localstack.cloud",
    ],
)
@pytest.mark.parametrize("port", ["", ":PORT", ":80"])
def test_the_engines_own_names_are_answered_at_any_port(engine: Engine, host: str, port: str) -> None:
    assert _get(engine, host + port.replace("PORT", str(_port(engine)))).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded"])
def test_no_other_header_names_the_host(engine: Engine, header: str) -> None:
    foreign = f"host={EVIL}" if header == "Forwarded" else EVIL

    assert _get(engine, "localhost", headers={header: foreign}).status == 200
    assert _get(engine, EVIL, headers={header: foreign.replace(EVIL, "localhost")}).status == MISDIRECTED


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost:PORT/_localstack/health", 200),
        ("http://LOCALHOST:PORT/_localstack/health", 200),
        (f"http://{EVIL}/_localstack/health", MISDIRECTED),
        (f"https://{EVIL}:PORT/_localstack/health", MISDIRECTED),
        ("http://127.0.0.1:PORT/_localstack/health", 400),
        ("http://localhost/_localstack/health", 400),
        ("http://user@localhost:PORT/_localstack/health", 400),
        ("http:///_localstack/health", 400),
        ("http://[::1/_localstack/health", 400),
        ("http://localhost:PORT/\x80", 400),
    ],
)
def test_a_target_in_absolute_form_has_the_same_host(engine: Engine, target: str, status: int) -> None:
    port = str(_port(engine))

    assert _get(engine, f"localhost:{port}", target.replace("PORT", port)).status == status


@pytest.mark.parametrize(("target", "status"), [("/\x80", 400), ("/x?\xff", 400), ("*", 405)])
def test_requests_that_no_service_can_parse_are_still_answered(engine: Engine, target: str, status: int) -> None:
    assert _get(engine, "localhost", target).status == status
    assert _get(engine, EVIL, target).status in {MISDIRECTED, 400}  # newer Twisteds do not read as far as the host


HANDSHAKE: Final = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


@pytest.mark.parametrize("headers", [HANDSHAKE, {"Connection": "close", "Upgrade": "websocket"}])
def test_a_websocket_is_refused_as_everything_is(engine: Engine, headers: Mapping[str, str]) -> None:
    lines = ["GET /_localstack/health HTTP/1.1", f"Host: {EVIL}", *(f"{name}: {headers[name]}" for name in headers)]
    with socket.create_connection(("127.0.0.1", _port(engine)), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = parse(connection.recv(100_000))

    assert answer.status == MISDIRECTED


def test_tls_is_no_bypass(engine: Engine) -> None:
    head = "GET /_localstack/health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"

    assert ask_raw(_port(engine), head.format(EVIL).encode(), tls=True).status == MISDIRECTED
    assert ask_raw(_port(engine), head.format("localhost").encode(), tls=True).status == 200


def _http2(authority: str, *more: tuple[str, str]) -> bytes:
    """A request for LocalStack's health by HTTP/2, in plain text, with the client's end of the connection after it."""
    fields = [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/_localstack/health"),
        (":authority", authority),
        *more,
    ]
    block = b"".join(
        b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in fields
    )
    settings = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    headers = len(block).to_bytes(3, "big") + bytes([1, 0x5, 0, 0, 0, 1]) + block
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + headers


def _ask_http2(engine: Engine, request: bytes) -> bytes:
    """Return what comes back, up to the body's end or the connection's."""
    return send_until_silent(_port(engine), request, silence_s=2)


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        (_http2("localhost"), b'"services"'),
        (_http2(EVIL), b"ALLOWED_HOSTS"),
        (_http2("user@localhost"), b"must name exactly one host"),
        (_http2(EVIL, ("x-forwarded-host", "localhost")), b"ALLOWED_HOSTS"),
    ],
)
def test_http_2_names_its_host_as_an_authority(engine: Engine, request_: bytes, part: bytes) -> None:
    assert part in _ask_http2(engine, request_)


def test_http_2_with_another_host_beside_its_authority_gets_nothing(engine: Engine) -> None:
    assert b'"services"' not in _ask_http2(engine, _http2("localhost", ("host", EVIL)))
    assert b'"services"' not in _ask_http2(engine, _http2(EVIL, ("host", "localhost")))


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        server.pages["/x"] = Page()
        yield server


def _with_aliases(engine: Engine, origin: OriginServer, *aliases: str) -> Edge:
    arn = engine.client("acm").request_certificate(DomainName=aliases[0], SubjectAlternativeNames=list(aliases))[
        "CertificateArn"
    ]
    certificate = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
    return before_origin(engine, origin, {"Aliases": some(*aliases), "ViewerCertificate": certificate})


def test_an_alias_of_a_distribution_is_accepted_while_it_exists(engine: Engine, origin: OriginServer) -> None:
    domain = f"{uuid.uuid4().hex}.example.com"
    names = (domain, f"a.{domain}")
    assert [_get(engine, name, "/x").status for name in names] == [MISDIRECTED, MISDIRECTED]

    edge = _with_aliases(engine, origin, domain, f"*.{domain}")
    assert [_get(engine, name, "/x").status for name in names] == [200, 200]
    assert _get(engine, f"x{domain}", "/x").status == MISDIRECTED

    remove_distribution(engine.client("cloudfront"), edge.id)
    assert [_get(engine, name, "/x").status for name in names] == [MISDIRECTED, MISDIRECTED]


def test_a_custom_domain_name_of_an_api_is_accepted_while_it_exists(engine: Engine) -> None:
    domain = f"{uuid.uuid4().hex}.example.com"
    client = engine.client("apigateway")
    assert _get(engine, domain).status == MISDIRECTED

    client.create_domain_name(domainName=domain, regionalCertificateName="any")
    assert _get(engine, domain).status == 200

    client.delete_domain_name(domainName=domain)
    assert _get(engine, domain).status == MISDIRECTED


@pytest.mark.parametrize("headers", ["", "Origin: http://localhost:4566\r\n", f"Origin: http://{EVIL}\r\n"])
def test_a_distributions_own_port_refuses_another_host_as_the_edge_does(
    engine: Engine, origin: OriginServer, headers: str
) -> None:
    # The policies of AWS: security headers, and CORS for any origin.
    edge = before_origin(engine, origin, ResponseHeadersPolicyId="e61eb60c-9c35-4d20-a928-2b84e02af89c")
    listed = json.loads(ask(engine.url, "/_aws/cloudfront/distributions").body)
    port = urlsplit(next(each["urls"][1] for each in listed if each["id"] == edge.id)).port
    assert port is not None

    def get(host: str) -> RawAnswer:
        return ask_raw(port, f"GET /x HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n".encode())

    for host, status in ((f"Host: {EVIL}\r\n", MISDIRECTED), ("Host: a@localhost\r\n", 400), ("", 400)):
        answer = get(host)
        assert answer.status == status
        assert answer.headers["X-Cache"] == "Error from cloudfront"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not answer.named(CORS)
        assert b"page" not in answer.body.lower().split()
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", edge.host, "[::1]"):
        assert (get(f"Host: {host}\r\n").status, get(f"Host: {host}\r\n").body) == (200, b"page")


@pytest.fixture(scope="module")
def hospitable_engine(start_engine: StartEngine) -> Engine:
    """An engine that listens everywhere, has its own published name, and allows further hosts."""
    return start_engine(
        GATEWAY_LISTEN="0.0.0.0:{port}",
        LOCALSTACK_HOST="engine.example:{port}",
        ALLOWED_HOSTS="one.example, *.two.example, http://three.example, *, 198.51.100.7",
        HOSTNAME_FROM_LAMBDA="host.docker.internal",
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("one.example", 200),
        ("ONE.example:80", 200),
        ("a.two.example", 200),
        ("b.a.two.example", 200),
        ("198.51.100.7", 200),
        ("engine.example", 200),
        ("s3.engine.example", 200),
        ("host.docker.internal", 200),
        ("two.example", MISDIRECTED),
        ("a.one.example", MISDIRECTED),
        ("three.example", MISDIRECTED),
        ("198.51.100.8", MISDIRECTED),
        ("fakeengine.example", MISDIRECTED),
        ("0.0.0.0", MISDIRECTED),  # noqa: S104
        (EVIL, MISDIRECTED),
    ],
)
def test_settings_add_names(hospitable_engine: Engine, host: str, status: int) -> None:
    assert _get(hospitable_engine, host).status == status


def test_on_every_address_each_of_this_machine_is_a_name(hospitable_engine: Engine) -> None:
    for address in other_addresses():
        assert _get(hospitable_engine, f"[{address}]" if ":" in address else address).status == 200


def test_an_invalid_entry_is_logged(hospitable_engine: Engine) -> None:
    log = hospitable_engine.log.read_text()

    assert "Ignored invalid entry of ALLOWED_HOSTS: 'http://three.example'" in log
    assert "Ignored invalid entry of ALLOWED_HOSTS: '*'" in log


def test_hypercorn_refuses_them_as_well(start_engine: StartEngine) -> None:
    engine = start_engine(GATEWAY_SERVER="hypercorn")

    assert _get(engine, EVIL).status == MISDIRECTED
    assert _get(engine, "user@localhost").status == 400
    assert _get(engine, "localhost").status == 200
    assert b"ALLOWED_HOSTS" in send("127.0.0.1", _port(engine), _evil_to_the_end())


def _evil_to_the_end() -> bytes:
    return f"GET /2015-03-31/functions HTTP/1.1\r\nHost: {EVIL}\r\nConnection: close\r\n\r\n".encode()
