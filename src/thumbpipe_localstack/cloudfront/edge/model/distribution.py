"""A distribution ready to be served: everything that its configuration refers to is resolved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thumbpipe_localstack.cloudfront.edge.model.caching import Caching
from thumbpipe_localstack.cloudfront.edge.model.path_patterns import normalise

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
    from thumbpipe_localstack.cloudfront.store import Distribution, Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """An origin.

    Attributes:
        path: Prepended to each path, without a trailing slash.
        headers: Custom headers, which replace the viewer's.
        bucket: The S3 bucket that its domain names, if any.
        region: The region in a domain name of AWS's, if any.
        api: The id of the REST API that its domain names, if any.
        website: The bucket whose website its domain names, if any.
        function_url: The id of the function URL that its domain names, if any.
        is_nowhere: Its domain is one of AWS's that this engine does not serve. It must not be looked up in the DNS:
            the request would leave for somebody else's server.
        caller: The principal that requests objects from a bucket: CloudFront's service, or empty for anonymous.
        protocol: `http-only`, `https-only` or `match-viewer`.
    """

    domain: str
    path: str
    headers: tuple[tuple[str, str], ...]
    bucket: str | None = None
    region: str | None = None
    api: str | None = None
    website: str | None = None
    function_url: str | None = None
    is_nowhere: bool = False
    caller: str = ""
    protocol: str = "http-only"
    http_port: int = 80
    https_port: int = 443
    attempts: int = 3
    connect_timeout: float = 10
    read_timeout: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A behaviour's origin, or the primary and failover origins of an origin group."""

    origin: Origin
    failover: Origin | None = None
    failover_statuses: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """A cache behaviour.

    Attributes:
        pattern: The path pattern; None for the default behaviour.
        signed: Whether a signature by one of `keys` is required.
        keys: Public keys in PEM, by id.
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
        page: The path of the error page; empty if only the TTL is set.
        status: The status that is sent with the page.
        min_ttl: Minimum TTL of the error, in seconds.
    """

    page: str
    status: int
    min_ttl: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A distribution ready to be served.

    Attributes:
        root_object: The default root object, without a leading slash; empty for none.
        behaviours: In order of precedence, the default one last.
        errors: Custom error responses by status.
        geo_restriction: `none`, `whitelist` or `blacklist`.
        countries: Those that the geo restriction lists.
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
            path: As the viewer sent it.
        """
        normalised_path = normalise(path)
        for behaviour in self.behaviours[:-1]:
            if behaviour.pattern is not None and behaviour.pattern.fullmatch(normalised_path):
                return behaviour
        return self.behaviours[-1]
