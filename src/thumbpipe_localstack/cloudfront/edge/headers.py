"""Headers on their way: from the viewer to the origin, from the origin to the viewer."""

import re

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.exchange import OriginRequest
from thumbpipe_localstack.cloudfront.edge.keys import choose_cookies, choose_query
from thumbpipe_localstack.cloudfront.edge.model import Caching, Edge, Origin
from thumbpipe_localstack.cloudfront.messages import HTTP_VERSIONS, ViewerRequest

POP = "LOCAL50-P1"  # CloudFront names an airport; this is none
_HOP_BY_HOP = frozenset(
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
# Those that the edge sets itself, whatever a viewer sends.
_OWN = frozenset(
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
CONDITIONS = frozenset(["if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"])
_OF_BODY = frozenset(["content-type", "content-encoding", "content-language", "content-md5"])
# What the settings that are older than policies take away; they forward all other headers.
_LEGACY_REMOVED = frozenset(
    ["accept", "accept-charset", "accept-language", "authorization", "referer", "x-requested-with"]
)
_LEGACY_CONVEYED_WITH_BODY = frozenset({"authorization"})
_NOT_FOR_VIEWERS = frozenset({"x-amz-request-id", "x-amz-id-2", "age", "x-cache", "x-amz-cf-id", "x-amz-cf-pop"})
_AGENT = "Amazon CloudFront"
_PREFIX = "cloudfront-"
_TABLET = re.compile(r"ipad|tablet|kindle|silk|android(?!.*mobile)")
_MOBILE = re.compile(r"mobi|iphone|ipod|android|blackberry|windows phone")
_TELEVISION = re.compile(r"smart-?tv|hbbtv|appletv|googletv|netcast|tizen.*tv|web0s")


def _named_in_connection(headers: Headers) -> set[str]:
    return {name.strip().lower() for value in headers.getlist("Connection") for name in value.split(",")}


def without_hops(headers: Headers) -> Headers:
    """Return the headers that are not about one connection alone."""
    dropped = _HOP_BY_HOP | _named_in_connection(headers) if "Connection" in headers else _HOP_BY_HOP
    return Headers([(name, value) for name, value in headers if name.lower() not in dropped])


def _device(agent: str) -> str:
    text = agent.lower()
    if _TELEVISION.search(text):
        return "smarttv"
    if _TABLET.search(text):
        return "tablet"
    return "mobile" if _MOBILE.search(text) else "desktop"


def set_cloudfront_headers(request: ViewerRequest, caching: Caching, country: str) -> None:
    """Set the headers by which CloudFront tells of a viewer: those that the behaviour's policies name.

    None is ever taken from the viewer.

    Args:
        request: Whose headers are changed.
        caching: The behaviour's policies.
        country: The viewer's.
    """
    headers = request.headers
    for name in [name for name, _ in headers if name.lower().startswith(_PREFIX)]:
        headers.remove(name)
    if not caching.cloudfront_headers:
        return
    device = _device(headers.get("User-Agent", ""))
    known = {
        "CloudFront-Forwarded-Proto": request.scheme,
        "CloudFront-Viewer-Address": request.client_ip,
        "CloudFront-Viewer-Country": country,
        "CloudFront-Viewer-Http-Version": request.http_version.partition("/")[2],
        **{
            f"CloudFront-Is-{kind}-Viewer": "true" if device == kind.lower() else "false"
            for kind in ("Desktop", "Mobile", "SmartTV", "Tablet")
        },
    }
    for name, value in known.items():
        if value and name.lower() in caching.cloudfront_headers:
            headers[name] = value


def _goes_on(name: str, caching: Caching, *, has_body: bool) -> bool:
    """Tell whether a viewer's header goes to the origin."""
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


def origin_request(  # noqa: PLR0913 - a request, where it goes and by which rules
    edge: Edge, origin: Origin, caching: Caching, request: ViewerRequest, *, encoding: str, keep_conditions: bool
) -> OriginRequest:
    """Return what an origin is asked.

    Args:
        edge: The distribution.
        origin: The origin that is asked.
        caching: The behaviour's policies.
        request: The viewer's request.
        encoding: See `accepted_encoding`.
        keep_conditions: Whether the viewer's conditions and range go on: where the whole object is wanted for the
            cache, they are applied to that instead.
    """
    choices = (caching.key, caching.forwarded)
    headers = _forwarded_headers(request, caching, keep_conditions=keep_conditions)
    takes_host = any(each.headers.takes("host") for each in choices)
    headers["Host"] = request.authority if takes_host else _authority(origin)
    takes_agent = any(each.headers.takes("user-agent") for each in choices)
    headers["User-Agent"] = request.headers.get("User-Agent", _AGENT) if takes_agent else _AGENT
    if cookies := choose_cookies(request.headers, [each.cookies for each in choices]):
        headers["Cookie"] = cookies
    if caching.gzip or caching.brotli:
        if encoding:
            headers["Accept-Encoding"] = encoding
    elif any(each.headers.takes("accept-encoding") for each in choices) and "Accept-Encoding" in request.headers:
        headers["Accept-Encoding"] = request.headers["Accept-Encoding"]
    headers["Via"] = via(edge, request.http_version)
    headers["X-Amz-Cf-Id"] = request.request_id
    before = request.headers.getlist("X-Forwarded-For")
    headers["X-Forwarded-For"] = ", ".join([*before, request.client_ip])
    for name, value in origin.headers:
        headers[name] = value
    return OriginRequest(
        method=request.method,
        path=origin.path + request.path,
        query=choose_query(request.query, [each.query for each in choices]),
        headers=headers,
        body=request.body,
        scheme=request.scheme,
        client_ip=request.client_ip,
        distribution_arn=edge.distribution.arn,
        account_id=edge.distribution.account_id,
    )


def _authority(origin: Origin) -> str:
    if origin.protocol == "https-only":
        return origin.domain if origin.https_port == 443 else f"{origin.domain}:{origin.https_port}"  # noqa: PLR2004
    return origin.domain if origin.http_port == 80 else f"{origin.domain}:{origin.http_port}"  # noqa: PLR2004


def via(edge: Edge, http_version: str) -> str:
    """Return the Via of a distribution."""
    version = http_version.partition("/")[2] if http_version in HTTP_VERSIONS else "1.1"
    return f"{version} {edge.distribution.id.lower()}.cloudfront.localhost (CloudFront)"


def viewer_headers(caching: Caching, headers: Headers) -> Headers:
    """Return those of an origin's headers that go to viewers."""
    no_cookies = caching.key.cookies.behaviour == "none" and caching.forwarded.cookies.behaviour == "none"
    return Headers(
        [
            (name, value)
            for name, value in without_hops(headers)
            if name.lower() not in _NOT_FOR_VIEWERS and not (no_cookies and name.lower() == "set-cookie")
        ]
    )
