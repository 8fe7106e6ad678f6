"""Headers: from the viewer to the origin, and from the origin to the viewer."""

from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.caching import Caching, choose_cookies, choose_query
from thumbpipe_localstack.cloudfront.edge.model.distribution import Edge, Origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest
from thumbpipe_localstack.cloudfront.location import via
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

_HOP_BY_HOP: Final = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
# Set by the edge, whatever a viewer sends.
_OWN: Final = frozenset(
    [
        "accept-encoding",
        "content-length",
        "cookie",
        "expect",
        "host",
        "user-agent",
        "via",
        "x-amz-cf-id",
        "x-cache",
        "x-edge-location",
        "x-forwarded-for",
        "x-real-ip",
    ]
)
CONDITIONS: Final = frozenset(
    ["if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"]
)
"""Headers of conditional and range requests, in lower case."""

_OF_BODY: Final = frozenset(["content-type", "content-encoding", "content-language", "content-md5"])
# Headers that legacy settings remove; they forward all others.
_LEGACY_REMOVED: Final = frozenset(
    ["accept", "accept-charset", "accept-language", "authorization", "referer", "x-requested-with"]
)
_LEGACY_CONVEYED_WITH_BODY: Final = frozenset({"authorization"})
_NOT_FOR_VIEWERS: Final = frozenset({"x-amz-request-id", "x-amz-id-2", "age", "x-cache", "x-amz-cf-id", "x-amz-cf-pop"})
_HTTP_PORT: Final = 80
_HTTPS_PORT: Final = 443
_AGENT: Final = "Amazon CloudFront"


def _named_in_connection(headers: Headers) -> set[str]:
    return {name.strip().lower() for value in headers.getlist("Connection") for name in value.split(",")}


def without_hops(headers: Headers) -> Headers:
    """Return the headers without the hop-by-hop ones."""
    dropped = _HOP_BY_HOP | _named_in_connection(headers) if "Connection" in headers else _HOP_BY_HOP
    return Headers([(name, value) for name, value in headers if name.lower() not in dropped])


def _goes_on(name: str, caching: Caching, *, has_body: bool) -> bool:
    """Tell whether a viewer's header is forwarded to the origin."""
    if name in caching.cloudfront_headers:
        return True
    if caching.key.headers.takes(name) or caching.forwarded.headers.takes(name):
        return True
    if caching.legacy and (name not in _LEGACY_REMOVED or (has_body and name in _LEGACY_CONVEYED_WITH_BODY)):
        return True
    return has_body and name in _OF_BODY


def _forwarded_headers(request: ViewerRequest, caching: Caching, *, keep_conditions: bool) -> Headers:
    has_body = request.method not in ("GET", "HEAD", "OPTIONS")
    kept = Headers()
    for name, value in without_hops(request.headers):
        lower = name.lower()
        if lower in _OWN:
            continue
        if lower in CONDITIONS:
            if keep_conditions:
                kept.add(name, value)
        elif _goes_on(lower, caching, has_body=has_body):
            kept.add(name, value)
    return kept


def origin_request(  # noqa: PLR0913 - a request, its destination and its rules
    edge: Edge, origin: Origin, caching: Caching, request: ViewerRequest, *, encoding: str, keep_conditions: bool
) -> OriginRequest:
    """Return the request to an origin.

    Args:
        edge: The distribution.
        origin: The origin.
        caching: The behaviour's policies.
        request: The viewer's request.
        encoding: See `accepted_encoding`.
        keep_conditions: Whether the viewer's conditions and range are forwarded. If not, they are applied to the
            complete object that the origin sends.
    """
    choices = (caching.key, caching.forwarded)
    query = choose_query(request.query, [each.query for each in choices])
    cookies = choose_cookies(request.headers, [each.cookies for each in choices])
    headers = _forwarded_headers(request, caching, keep_conditions=keep_conditions)
    takes_host = any(each.headers.takes("host") for each in choices)
    headers["Host"] = request.authority if takes_host else _authority(origin)
    takes_agent = any(each.headers.takes("user-agent") for each in choices)
    headers["User-Agent"] = request.headers.get("User-Agent", _AGENT) if takes_agent else _AGENT
    if cookies:
        headers["Cookie"] = cookies
    if caching.gzip or caching.brotli:
        if encoding:
            headers["Accept-Encoding"] = encoding
    elif any(each.headers.takes("accept-encoding") for each in choices) and "Accept-Encoding" in request.headers:
        headers["Accept-Encoding"] = request.headers["Accept-Encoding"]
    headers["Via"] = via(edge.distribution.id, request.http_version)
    headers["X-Amz-Cf-Id"] = request.request_id
    before = request.headers.getlist("X-Forwarded-For")
    headers["X-Forwarded-For"] = ", ".join([*before, request.client_ip])
    for name, value in origin.headers:
        headers[name] = value
    return OriginRequest(
        method=request.method,
        path=origin.path + request.path,
        query=query,
        headers=headers,
        body=request.body,
        scheme=request.scheme,
        client_ip=request.client_ip,
        distribution_arn=edge.distribution.arn,
        account_id=edge.distribution.account_id,
    )


def _authority(origin: Origin) -> str:
    """Return the Host header for an origin, without the scheme's default port."""
    is_https = origin.protocol == "https-only"
    port, usual = (origin.https_port, _HTTPS_PORT) if is_https else (origin.http_port, _HTTP_PORT)
    return origin.domain if port == usual else f"{origin.domain}:{port}"


def viewer_headers(caching: Caching, headers: Headers) -> Headers:
    """Return the origin's headers that are sent to viewers."""
    no_cookies = caching.key.cookies.behaviour == "none" and caching.forwarded.cookies.behaviour == "none"
    return Headers(
        [
            (name, value)
            for name, value in without_hops(headers)
            if name.lower() not in _NOT_FOR_VIEWERS and not (no_cookies and name.lower() == "set-cookie")
        ]
    )
