"""A distribution made ready to serve: all that its configuration names, looked up once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thumbpipe_localstack.cloudfront.edge.model.caching import Caching
from thumbpipe_localstack.cloudfront.edge.model.path_patterns import normalise

if TYPE_CHECKING:  # LocalStack is in the store, and what is pure here is to be of use without it
    from thumbpipe_localstack.cloudfront.store import Distribution, Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a behaviour's objects come from.

    Attributes:
        path: Put before each path, without a slash at its end.
        headers: Custom headers, which replace the viewer's.
        bucket: The S3 bucket that it names, if any.
        region: The region that the name of a bucket or an API contains, if any.
        api: The id of the REST API that it names, if any.
        caller: Who asks a bucket for its objects: CloudFront's service, or nobody in particular.
        protocol: `http-only`, `https-only` or `match-viewer`.
    """

    domain: str
    path: str
    headers: tuple[tuple[str, str], ...]
    bucket: str | None = None
    region: str | None = None
    api: str | None = None
    caller: str = ""
    protocol: str = "http-only"
    http_port: int = 80
    https_port: int = 443
    attempts: int = 3
    connect_timeout: float = 10
    read_timeout: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A behaviour's origin, or the two of an origin group: the second answers where the first one fails."""

    origin: Origin
    failover: Origin | None = None
    failover_statuses: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What is done with the paths of one pattern.

    Attributes:
        pattern: The path pattern; None of the default behaviour.
        signed: A signature by one of `keys` is needed.
        keys: Public keys by their ids, in PEM.
        response_headers: A response-headers policy's configuration.
    """

    pattern: re.Pattern[str] | None
    target: Target
    caching: Caching
    viewer_protocol: str
    methods: frozenset[str]
    cached_methods: frozenset[str]
    compress: bool
    signed: bool
    keys: Mapping[str, str]
    response_headers: Mapping[str, Any] | None
    viewer_request: "Function | None"
    viewer_response: "Function | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRule:
    """A custom error response.

    Attributes:
        page: The path of the page that is shown instead; empty where only the time in the cache is set.
        status: The status that viewers get with the page.
        min_ttl: Seconds for which the error is kept at least.
    """

    page: str
    status: int
    min_ttl: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A distribution made ready to serve.

    Attributes:
        root_object: The path, without its slash, that `/` stands for; empty for none.
        behaviours: In their order, the default one last.
        errors: Custom error responses by the status that they are for.
        geo_restriction: `none`, `whitelist` or `blacklist`.
        countries: Those that the restriction lists.
        web_acl: Its ARN, or empty.
    """

    distribution: "Distribution"
    enabled: bool
    root_object: str
    behaviours: tuple[Behaviour, ...]
    errors: Mapping[int, ErrorRule]
    geo_restriction: str
    countries: frozenset[str]
    web_acl: str

    def choose(self, path: str) -> Behaviour:
        """Return the first behaviour whose pattern matches a path.

        Args:
            path: As it was on the wire.
        """
        normalised_path = normalise(path)
        for behaviour in self.behaviours[:-1]:
            if behaviour.pattern is not None and behaviour.pattern.fullmatch(normalised_path):
                return behaviour
        return self.behaviours[-1]
