"""Parts of the edge for tests without an engine, with defaults for everything that a test does not care about."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from werkzeug.datastructures import Headers

from support.cloudfront_edge import OriginServer
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache
from thumbpipe_localstack.cloudfront.edge.cache.fetching import fetch
from thumbpipe_localstack.cloudfront.edge.clock import Clock
from thumbpipe_localstack.cloudfront.edge.model.caching import Caching, Inputs
from thumbpipe_localstack.cloudfront.edge.model.distribution import Behaviour, Edge, Origin, Target
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

NOW: Final = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT
HOST: Final = "d.cloudfront.localhost"


def make_caching(**changes: Any) -> Caching:  # noqa: ANN401 - any of the fields
    """A policy that keeps what the origin lets it keep, for a day where the origin says nothing."""
    values: dict[str, Any] = {
        "key": Inputs(),
        "forwarded": Inputs(),
        "legacy": False,
        "gzip": False,
        "brotli": False,
        "min_ttl": 0.0,
        "default_ttl": 86_400.0,
        "max_ttl": 31_536_000.0,
    }
    return Caching(**(values | changes))


def make_request(path: str = "/x", query: str = "", method: str = "GET", **headers: str) -> ViewerRequest:
    """A viewer's request; `_` in a header's name stands for `-`."""
    return ViewerRequest(
        method=method,
        scheme="https",
        host=HOST,
        path=path,
        query=query,
        headers=Headers([(name.replace("_", "-"), value) for name, value in headers.items()]),
        body=b"",
        client_ip="192.0.2.1",
        http_version="HTTP/1.1",
        received_at=NOW,
        request_id="id",
        authority=HOST,
    )


def make_origin(server: OriginServer) -> Origin:
    return Origin(domain=f"127.0.0.1:{server.port}", path="", headers=())


def make_behaviour(origin: Origin, caching: Caching | None = None, **changes: Any) -> Behaviour:  # noqa: ANN401
    """The default behaviour of a distribution before an origin."""
    values: dict[str, Any] = {
        "pattern": None,
        "target": Target(origin=origin),
        "caching": caching or make_caching(),
        "viewer_protocol": "allow-all",
        "methods": frozenset({"GET", "HEAD"}),
        "cached_methods": frozenset({"GET", "HEAD"}),
        "compress": False,
        "signed": False,
        "keys": {},
        "response_headers": None,
        "viewer_request": None,
        "viewer_response": None,
    }
    return Behaviour(**(values | changes))


def make_edge(behaviour: Behaviour, **changes: Any) -> Edge:  # noqa: ANN401
    """A distribution of one behaviour."""
    # LocalStack is what the class of the control plane's distributions is made of.
    distribution: Any = SimpleNamespace(id="D", arn="arn:aws:cloudfront::000000000000:distribution/D", account_id="0")
    values: dict[str, Any] = {
        "distribution": distribution,
        "enabled": True,
        "root_object": "",
        "behaviours": (behaviour,),
        "errors": {},
        "geo_restriction": "none",
        "countries": frozenset(),
        "web_acl": "",
    }
    return Edge(**(values | changes))


class FakeTime:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.passed = 0.0
        # The two begin at different times, so that they cannot be confused.
        self.clock = Clock(wall=lambda: NOW + self.passed, monotonic=lambda: 1000.0 + self.passed)

    def passes(self, seconds: float) -> None:
        self.passed += seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewers:
    """Viewers of a distribution of one behaviour, without a firewall, signatures and functions."""

    cache: Cache
    edge: Edge

    def ask(
        self, path: str = "/x", query: str = "", method: str = "GET", *, asked_path: str = "", **headers: str
    ) -> EdgeResponse:
        """Request a path, which may replace `asked_path`."""
        request = make_request(path, query, method, **headers)
        return fetch(self.cache, self.edge, self.edge.behaviours[-1], request, asked_path or path)
