"""The cache's key of a request, and what of the request goes to the origin."""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.distribution import Caching, Choice
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

Key = tuple[str, ...]


def accepted_encoding(caching: Caching, headers: Headers) -> str:
    """Normalise what encodings the viewer takes: `br,gzip`, `br`, `gzip` or nothing."""
    if not (caching.gzip or caching.brotli):
        return ""
    taken = _parse_encodings(headers.get("Accept-Encoding", ""))
    wanted = (("br", caching.brotli), ("gzip", caching.gzip))
    return ",".join(name for name, enabled in wanted if enabled and name in taken)


def _parse_encodings(value: str) -> set[str]:
    taken = set()
    for part in value.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            taken.add(name.strip())
    return taken


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


def _chosen_headers(headers: Headers, choice: Choice) -> Iterator[str]:
    for name in sorted(choice.names):
        yield f"{name}:{','.join(headers.getlist(name))}"


def cache_key(distribution_id: str, caching: Caching, request: ViewerRequest, encoding: str) -> Key:
    """Return the key under which an answer to a request is kept.

    Args:
        distribution_id: Caches of distributions are apart.
        caching: The behaviour's policy.
        request: As the viewer-request function left it.
        encoding: See `accepted_encoding`.
    """
    inputs = caching.key
    headers = _chosen_headers(request.headers, inputs.headers) if inputs.headers.behaviour != "none" else ()
    return (
        distribution_id,
        request.method,
        request.path,
        choose_query(request.query, (inputs.query,)),
        choose_cookies(request.headers, (inputs.cookies,)),
        encoding,
        *headers,
    )
