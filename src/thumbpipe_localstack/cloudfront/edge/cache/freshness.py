"""How long an answer may be kept: the behaviour's times and the origin's Cache-Control and Expires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.caching import Caching
from thumbpipe_localstack.cloudfront.edge.model.distribution import ErrorRule

_CACHED_ERRORS: Final = frozenset({404, 410, 414, 500, 501, 502, 503, 504})
_CACHED_ERRORS_ON_REQUEST: Final = frozenset({400, 403, 405, 412, 415})
_OBEYED_ERRORS: Final = frozenset({404, 410, 414, 501})  # of these alone, no-store and its like are obeyed
_CACHED_STATUSES: Final = frozenset({200, 203, 300, 301, 302, 307, 308})
_DEFAULT_ERROR_TTL: Final = 10.0
_FORBIDDING: Final = ("no-store", "no-cache", "private")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """What an origin says of an answer's lifetime; times in seconds.

    Attributes:
        lifetime: By s-maxage, else max-age, else Expires; None where there is none of them.
        forbidden: It says no-store, no-cache or private.
        may_store: It says neither no-store nor private: what is kept may be confirmed by its ETag later.
        stale_while_revalidate: How long past its lifetime it may be served while a new one is fetched.
        stale_if_error: How long past its lifetime it may be served if the origin fails; None where it says nothing.
    """

    lifetime: float | None = None
    forbidden: bool = False
    may_store: bool = True
    stale_while_revalidate: float = 0
    stale_if_error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """How long an answer may be used; times in seconds.

    Attributes:
        fresh: How long it is served without asking the origin.
        may_store: Whether it is kept although it is not fresh: its ETag may be confirmed later.
        stale_while_revalidate: How long it is served after that while the origin is asked.
        stale_if_error: How long it is served after that if the origin fails; None: without an end.
    """

    fresh: float
    may_store: bool = False
    stale_while_revalidate: float = 0
    stale_if_error: float | None = None


def parse_cache_control(values: Iterable[str]) -> dict[str, str]:
    """Read Cache-Control: directives in lower case, each with its value or an empty text."""
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
    """Return the seconds until a date; what is no date is past."""
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0)
    except ValueError:
        return 0.0


def read_directives(headers: Headers, now: float) -> Directives:
    """Read an answer's Cache-Control and Expires."""
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
    """Return how long an origin's answer is kept."""
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
    """Return the distribution's least time for an error."""
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
