"""How long a response is cached: by the behaviour's TTLs and the origin's Cache-Control and Expires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.clock import parse_date
from thumbpipe_localstack.cloudfront.edge.model.caching import Caching
from thumbpipe_localstack.cloudfront.edge.model.distribution import ErrorRule

_CACHED_ERRORS: Final = frozenset({404, 410, 414, 500, 501, 502, 503, 504})
_CACHED_ERRORS_ON_REQUEST: Final = frozenset({400, 403, 405, 412, 415})
_OBEYED_ERRORS: Final = frozenset({404, 410, 414, 501})  # only for these, no-store, no-cache and private are obeyed
_CACHED_STATUSES: Final = frozenset({200, 203, 300, 301, 302, 307, 308})
_DEFAULT_ERROR_TTL: Final = 10.0
_FORBIDDING: Final = ("no-store", "no-cache", "private")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """An origin's caching directives; times in seconds.

    Attributes:
        lifetime: From s-maxage, else max-age, else Expires; None without any of them.
        forbidden: Has no-store, no-cache or private.
        may_store: Has neither no-store nor private: the response may be stored and revalidated.
        stale_while_revalidate: How long after its lifetime it may be served while it is revalidated.
        stale_if_error: How long after its lifetime it may be served if the origin fails; None if not stated.
    """

    lifetime: float | None = None
    forbidden: bool = False
    may_store: bool = True
    stale_while_revalidate: float = 0
    stale_if_error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """How long a response may be used; times in seconds.

    Attributes:
        fresh: How long it is served without revalidation.
        may_store: Whether it is stored even if it is not fresh, to be revalidated later.
        stale_while_revalidate: How long it is served after that while it is revalidated.
        stale_if_error: How long it is served after that if the origin fails; None for ever.
    """

    fresh: float
    may_store: bool = False
    stale_while_revalidate: float = 0
    stale_if_error: float | None = None


def parse_cache_control(values: Iterable[str]) -> dict[str, str]:
    """Parse Cache-Control into directives, in lower case, with their values or an empty text."""
    found: dict[str, str] = {}
    for part in ",".join(values).split(","):
        name, _, value = part.strip().partition("=")
        if name:
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _seconds(directives: dict[str, str], name: str) -> float | None:
    value = directives.get(name)
    if value is None:
        return None
    return float(value) if value.isascii() and value.isdigit() else 0.0


def _until(text: str, now: float) -> float:
    """Return the seconds until a date; an invalid date is in the past."""
    moment = parse_date(text)
    return max(moment.timestamp() - now, 0.0) if moment else 0.0


def read_directives(headers: Headers, now: float) -> Directives:
    """Read a response's Cache-Control and Expires."""
    found = parse_cache_control(headers.getlist("Cache-Control"))
    lifetime = next(
        (value for value in (_seconds(found, "s-maxage"), _seconds(found, "max-age")) if value is not None), None
    )
    if lifetime is None and (expires := headers.get("Expires")) is not None:
        lifetime = _until(expires, now)
    return Directives(
        lifetime=lifetime,
        forbidden=any(name in found for name in _FORBIDDING),
        may_store="no-store" not in found and "private" not in found,
        stale_while_revalidate=_seconds(found, "stale-while-revalidate") or 0,
        stale_if_error=_seconds(found, "stale-if-error"),
    )


def lifetime_of(
    errors: Mapping[int, ErrorRule], caching: Caching, status: int, headers: Headers, now: float
) -> Lifetime:
    """Return how long an origin's response is cached."""
    directives = read_directives(headers, now)
    if status in _CACHED_STATUSES:
        return Lifetime(
            fresh=_object_seconds(caching, directives),
            may_store=directives.may_store and caching.max_ttl > 0,
            stale_while_revalidate=directives.stale_while_revalidate,
            stale_if_error=directives.stale_if_error,
        )
    return Lifetime(fresh=_error_seconds(errors, caching, status, directives))


def _object_seconds(caching: Caching, directives: Directives) -> float:
    if directives.forbidden:
        return caching.min_ttl
    if directives.lifetime is None:
        return max(caching.default_ttl, caching.min_ttl)
    return min(max(directives.lifetime, caching.min_ttl), caching.max_ttl)


def error_ttl(errors: Mapping[int, ErrorRule], status: int) -> float:
    """Return the distribution's minimum TTL of an error."""
    rule = errors.get(status)
    return _DEFAULT_ERROR_TTL if rule is None else rule.min_ttl


def _error_seconds(errors: Mapping[int, ErrorRule], caching: Caching, status: int, directives: Directives) -> float:
    least = error_ttl(errors, status)
    asked = min(directives.lifetime or 0, caching.max_ttl)
    if status in _CACHED_ERRORS:
        if directives.forbidden and status in _OBEYED_ERRORS:
            return 0.0
        return max(asked, least)
    if status in _CACHED_ERRORS_ON_REQUEST and directives.lifetime is not None:
        return max(asked, least)
    return 0.0
