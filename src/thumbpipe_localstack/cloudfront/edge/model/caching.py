"""A behaviour's cache settings: which parts of a request count, and how long an answer is kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.path_patterns import compile_pattern


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


def choose_query(query: str, choices: Iterable[Choice]) -> str:
    """Return the query string with those parameters alone that one of the choices takes, as they were written."""
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
    """Return the Cookie header with those cookies alone that one of the choices takes."""
    kept = [choice for choice in choices if choice.behaviour != "none"]
    if not kept:
        return ""
    pairs = (pair.strip() for value in headers.getlist("Cookie") for pair in value.split(";"))
    return "; ".join(pair for pair in pairs if pair and _takes(kept, pair.partition("=")[0]))
