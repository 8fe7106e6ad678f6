"""Distributions on a running engine, requested as by viewers, and an origin that counts its requests."""

import contextlib
import http.client
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from support.distributions import Config, make_behavior, make_config, make_custom, make_origin, some
from support.plugin_engine import Engine

GATE_SECONDS: Final = 60  # a test that failed leaves no origin waiting for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response to a viewer."""

    status: int
    headers: "Message[str, str]"
    body: bytes

    @property
    def cache(self) -> str:
        """How the cache took part: `Hit`, `Miss` and so on."""
        return self.headers.get("X-Cache", "").partition(" from cloudfront")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A distribution on an engine."""

    engine: Engine
    id: str
    arn: str
    host: str

    def ask(
        self, path: str = "/", method: str = "GET", body: bytes | None = None, host: str = "", **headers: str
    ) -> Answer:
        """Ask by name at the engine's port; the path goes out as it is. `_` in a header's name stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(self.engine.url, path, method, body, {"Host": host or self.host, **named})

    def invalidate(self, *paths: str) -> None:
        batch = {"Paths": some(*paths), "CallerReference": uuid.uuid4().hex}
        self.engine.client("cloudfront").create_invalidation(DistributionId=self.id, InvalidationBatch=batch)

    def update(self, change: Callable[[Config], object]) -> None:
        client = self.engine.client("cloudfront")
        found = client.get_distribution_config(Id=self.id)
        change(found["DistributionConfig"])
        client.update_distribution(Id=self.id, IfMatch=found["ETag"], DistributionConfig=found["DistributionConfig"])


def ask(
    url: str, path: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": urlsplit(url).netloc, **(headers or {})}.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(status=response.status, headers=response.headers, body=response.read())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to an origin."""

    method: str
    target: str
    headers: "Message[str, str]"
    body: bytes


@dataclass(slots=True)
class Page:
    """An origin's response for a path.

    Attributes:
        delay: Seconds that the origin takes for it, where a slow origin is what a test is about.
        gate: The origin waits until it is set.
    """

    body: bytes = b"page"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    gate: threading.Event | None = None


class OriginServer:
    """An HTTP server in this process, with responses set by a test; it records its requests."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                origin._answer(self)

            do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 - their names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def count(self, target: str) -> int:
        return sum(each.target == target for each in self.asked)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.asked.append(Asked(method=handler.command, target=handler.path, headers=handler.headers, body=body))
        page = self.pages.get(handler.path.partition("?")[0], Page(b"missing", 404))
        time.sleep(page.delay)  # what `delay` is for
        if page.gate is not None:
            page.gate.wait(GATE_SECONDS)
        tag = page.headers.get("ETag")
        status = 304 if tag and handler.headers.get("If-None-Match") == tag else page.status
        handler.send_response(status)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        if status != 304:
            handler.send_header("Content-Length", str(len(page.body)))
        handler.end_headers()
        if status != 304 and handler.command != "HEAD":
            with contextlib.suppress(BrokenPipeError):  # the client did not wait
                handler.wfile.write(page.body)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)


@contextlib.contextmanager
def running_origin(certificate: Path | None = None) -> Iterator[OriginServer]:
    """Run an origin server, with TLS if there is a file with its certificate and key."""
    server = OriginServer(certificate)
    try:
        yield server
    finally:
        server.close()


def http_origin(server: OriginServer, **changes: Any) -> Config:  # noqa: ANN401 - parts of a configuration
    connection = {"HTTPPort": server.port, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"}
    return make_custom(DomainName="localhost", CustomOriginConfig=connection | changes.pop("connection", {}), **changes)


def make_distribution(engine: Engine, **config: Any) -> Edge:  # noqa: ANN401
    made = engine.client("cloudfront").create_distribution(DistributionConfig=make_config(**config))["Distribution"]
    port = urlsplit(engine.url).port
    return Edge(engine=engine, id=made["Id"], arn=made["ARN"], host=f"{made['DomainName']}:{port}")


def before_origin(engine: Engine, server: OriginServer, config: Config | None = None, **behavior: Any) -> Edge:  # noqa: ANN401
    """Make a distribution before an origin server; `behavior` changes its default behaviour."""
    changed = {"DefaultCacheBehavior": make_behavior(**behavior), "Origins": some(http_origin(server))}
    return make_distribution(engine, **(changed | (config or {})))


def make_cache_policy(engine: Engine, **config: Any) -> str:  # noqa: ANN401
    """Make a cache policy; `headers`, `cookies` and `queries` are lists of names, or a behaviour's name."""
    parameters = _parameters(config) | {
        "EnableAcceptEncodingGzip": bool(config.pop("gzip", False)),
        "EnableAcceptEncodingBrotli": bool(config.pop("brotli", False)),
    }
    for name in ("headers", "cookies", "queries"):
        config.pop(name, None)
    times = {"MinTTL": 0, "DefaultTTL": 86_400, "MaxTTL": 31_536_000}
    made = engine.client("cloudfront").create_cache_policy(
        CachePolicyConfig={
            "Name": f"p-{uuid.uuid4().hex}",
            "ParametersInCacheKeyAndForwardedToOrigin": parameters,
            **(times | config),
        }
    )
    return str(made["CachePolicy"]["Id"])


def make_request_policy(engine: Engine, **config: Any) -> str:  # noqa: ANN401
    """Make an origin-request policy; see `make_cache_policy`."""
    made = engine.client("cloudfront").create_origin_request_policy(
        OriginRequestPolicyConfig={"Name": f"p-{uuid.uuid4().hex}", **_parameters(config)}
    )
    return str(made["OriginRequestPolicy"]["Id"])


def _parameters(config: Mapping[str, Any]) -> Config:
    parts = (
        ("headers", "Header", "Headers"),
        ("cookies", "Cookie", "Cookies"),
        ("queries", "QueryString", "QueryStrings"),
    )
    return {
        f"{kind}sConfig": _choice(config.get(name, "none"), f"{kind}Behavior", names) for name, kind, names in parts
    }


def _choice(chosen: str | list[str], behavior: str, names: str) -> Config:
    if isinstance(chosen, str):
        return {behavior: chosen}
    return {behavior: "whitelist", names: some(*chosen)}


def make_bucket(engine: Engine, objects: Mapping[str, bytes], **options: Any) -> str:  # noqa: ANN401
    name = f"edge-{uuid.uuid4().hex[:16]}"
    client = engine.client("s3")
    client.create_bucket(Bucket=name)
    for key, body in objects.items():
        client.put_object(Bucket=name, Key=key, Body=body, **options)
    return name


def make_access_control(engine: Engine) -> str:
    config = {
        "Name": f"c-{uuid.uuid4().hex}",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    made = engine.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=config)
    return str(made["OriginAccessControl"]["Id"])


def bucket_origin(bucket: str, access_control: str = "", **changes: Any) -> Config:  # noqa: ANN401
    origin = make_origin(DomainName=f"{bucket}.s3.us-east-1.amazonaws.com", OriginAccessControlId=access_control)
    return origin | changes


def before_bucket(engine: Engine, bucket: str, config: Config | None = None, **behavior: Any) -> Edge:  # noqa: ANN401
    """Make a distribution in front of a bucket that does not allow it yet; `behavior` changes its default behaviour."""
    origin = bucket_origin(bucket, make_access_control(engine))
    changed = {"DefaultCacheBehavior": make_behavior(**behavior), "Origins": some(origin)}
    return make_distribution(engine, **(changed | (config or {})))


def admit(edge: Edge, bucket: str, *actions: str, arn: str = "") -> None:
    """Let a distribution into a bucket."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": list(actions) or ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringEquals": {"AWS:SourceArn": arn or edge.arn}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    edge.engine.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
