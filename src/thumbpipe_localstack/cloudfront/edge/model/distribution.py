"""A distribution made ready to serve: all that its configuration names, looked up once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from thumbpipe_localstack.cloudfront.edge.model.path_patterns import compile_pattern

if TYPE_CHECKING:  # LocalStack is in the store, and what is pure here is to be of use without it
    from thumbpipe_localstack.cloudfront.store import Distribution, Function


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of the viewer's headers, cookies or query parameters count.

    Attributes:
        behaviour: `none`, `whitelist`, `allExcept` or `all`.
        names: Those that it lists; of headers in lower case.
    """

    behaviour: str = "none"
    names: frozenset[str] = frozenset()
    _globs: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile names with wildcards, which cookies may have."""
        globs = tuple(compile_pattern(name) for name in self.names if "*" in name or "?" in name)
        object.__setattr__(self, "_globs", globs)

    def takes(self, name: str) -> bool:
        """Tell whether a name counts."""
        if self.behaviour in ("none", "all"):
            return self.behaviour == "all"
        listed = name in self.names or any(glob.fullmatch(name) for glob in self._globs)
        return listed == (self.behaviour == "whitelist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What of a request is used: for the cache's key, or for the origin."""

    headers: Choice = Choice()
    cookies: Choice = Choice()
    query: Choice = Choice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """A behaviour's cache policy, or the settings that came before there were policies.

    Attributes:
        key: What of the request belongs to the cache's key, and so goes to the origin.
        forwarded: What else goes to the origin.
        legacy: The settings are the older ones, which forward every header that they do not know.
        gzip: Gzip is asked for where the viewer takes it.
        brotli: Brotli likewise.
        cloudfront_headers: Those of CloudFront's own headers that it names, in lower case.
    """

    key: Inputs
    forwarded: Inputs
    legacy: bool
    gzip: bool
    brotli: bool
    min_ttl: float
    default_ttl: float
    max_ttl: float
    cloudfront_headers: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Pick CloudFront's own headers out of those that are named."""
        choices = (self.key.headers, self.forwarded.headers)
        named = (name for choice in choices if choice.behaviour != "allExcept" for name in choice.names)
        own = frozenset(name for name in named if name.startswith("cloudfront-"))
        object.__setattr__(self, "cloudfront_headers", own)


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
    """A custom error response; `page` is empty where only the time in the cache is set."""

    page: str
    status: int
    min_ttl: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A distribution made ready to serve; `behaviours` are in their order, the default one last."""

    distribution: "Distribution"
    enabled: bool
    root_object: str
    behaviours: tuple[Behaviour, ...]
    errors: Mapping[int, ErrorRule]
    geo_restriction: str
    countries: frozenset[str]
    web_acl: str

    def choose(self, normalised_path: str) -> Behaviour:
        """Return the first behaviour whose pattern a path has."""
        for behaviour in self.behaviours[:-1]:
            if behaviour.pattern is not None and behaviour.pattern.fullmatch(normalised_path):
                return behaviour
        return self.behaviours[-1]
