"""A behaviour's cache settings: what the cache key and the origin's request consist of, and TTLs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.path_patterns import compile_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A selection of the viewer's headers, cookies or query parameters.

    Attributes:
        behaviour: `none`, `whitelist`, `allExcept` or `all`.
        names: The listed names; of headers in lower case.
    """

    behaviour: str = "none"
    names: frozenset[str] = frozenset()
    _globs: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile names with wildcards, which are allowed for cookies."""
        globs = tuple(compile_pattern(name) for name in self.names if "*" in name or "?" in name)
        object.__setattr__(self, "_globs", globs)

    def takes(self, name: str) -> bool:
        """Tell whether a name is selected."""
        if self.behaviour in ("none", "all"):
            return self.behaviour == "all"
        listed = name in self.names or any(glob.fullmatch(name) for glob in self._globs)
        return listed == (self.behaviour == "whitelist")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The parts of a request that are used: for the cache key, or for the origin."""

    headers: Choice = Choice()
    cookies: Choice = Choice()
    query: Choice = Choice()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caching:
    """A behaviour's cache and origin-request policies, or its legacy settings.

    Attributes:
        key: What the cache key consists of; it is forwarded to the origin, too.
        forwarded: What else is forwarded to the origin.
        legacy: Whether these are legacy settings, which forward most headers.
        gzip: Whether gzip is requested if the viewer accepts it.
        brotli: The same for Brotli.
        cloudfront_headers: The selected `CloudFront-*` headers, in lower case.
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
        """Collect the selected `CloudFront-*` headers."""
        choices = (self.key.headers, self.forwarded.headers)
        named = (name for choice in choices if choice.behaviour != "allExcept" for name in choice.names)
        own = frozenset(name for name in named if name.startswith("cloudfront-"))
        object.__setattr__(self, "cloudfront_headers", own)


def choose_query(query: str, choices: Iterable[Choice]) -> str:
    """Return the query string with only the parameters that one of the choices selects, unchanged."""
    kept = [choice for choice in choices if choice.behaviour != "none"]
    if not query or not kept:
        return ""
    if any(choice.behaviour == "all" for choice in kept):
        return query
    parts = query.split("&")
    return "&".join(part for part in parts if _takes(kept, unquote_plus(part.partition("=")[0])))


def _takes(choices: Iterable[Choice], name: str) -> bool:
    return any(choice.takes(name) for choice in choices)


def choose_cookies(headers: Headers, choices: Iterable[Choice]) -> str:
    """Return the Cookie header with only the cookies that one of the choices selects."""
    kept = [choice for choice in choices if choice.behaviour != "none"]
    if not kept:
        return ""
    pairs = (pair.strip() for value in headers.getlist("Cookie") for pair in value.split(";"))
    return "; ".join(pair for pair in pairs if pair and _takes(kept, pair.partition("=")[0]))
