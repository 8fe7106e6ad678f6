"""The cache key of a request."""

from collections.abc import Iterator

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.caching import Caching, Choice, choose_cookies, choose_query
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

Key = tuple[str, ...]


def accepted_encoding(caching: Caching, headers: Headers) -> str:
    """Normalise the encodings that the viewer accepts: `br,gzip`, `br`, `gzip` or empty."""
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


def _chosen_headers(headers: Headers, choice: Choice) -> Iterator[str]:
    for name in sorted(choice.names):
        yield f"{name}:{','.join(headers.getlist(name))}"


def cache_key(distribution_id: str, caching: Caching, request: ViewerRequest, encoding: str) -> Key:
    """Return the key under which the response to a request is cached.

    Args:
        distribution_id: Part of the key.
        caching: The behaviour's policy.
        request: The request after the viewer-request function.
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
