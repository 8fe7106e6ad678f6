"""Custom origins: HTTP servers, with pooled connections."""

from collections.abc import Collection
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import SKIP_HEADER
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.distribution import Origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest, OriginResponse
from thumbpipe_localstack.cloudfront.error_pages import EdgeError

_MAX_CONNECTIONS: Final = 50
_POOLS: Final = 64

_REPEATABLE: Final = ("GET", "HEAD", "OPTIONS")
_REPEATABLE_IF_SILENT: Final = ("GET", "HEAD")

_TARGET: Final = "x-thumbpipe-target"  # never sent


class _HttpConnection(HTTPConnection):
    """Sends the request target unchanged; urllib3 would normalise its percent-encoding."""

    # The signature is urllib3's.
    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> None:  # noqa: ANN401
        super().request(method, headers.pop(_TARGET, url), body, headers, **options)


class _HttpsConnection(HTTPSConnection):
    """The same, with TLS."""

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> None:  # noqa: ANN401
        super().request(method, headers.pop(_TARGET, url), body, headers, **options)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


_pools = urllib3.PoolManager(num_pools=_POOLS, maxsize=_MAX_CONNECTIONS)
_pools.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

_UNREACHABLE: Final = EdgeError(502, "CloudFront wasn't able to connect to the origin.")
UNRESOLVED: Final = EdgeError(502, "CloudFront wasn't able to resolve the origin domain name.")
_CLOSED: Final = EdgeError(502, "The origin closed the connection.")
_INVALID: Final = EdgeError(502, "CloudFront received an invalid response from the origin.")
_SILENT: Final = EdgeError(
    504,
    "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin "
    "closed the connection.",
)


def ask_server(origin: Origin, request: OriginRequest) -> OriginResponse:
    """Send a request to a custom origin, again if it does not answer, as often as the distribution's settings say.

    Raises:
        EdgeError: 502 or 504.
    """
    answer = _UNREACHABLE
    for _ in range(origin.attempts):
        try:
            return _ask(origin, request)
        except HTTPError as error:
            answer, methods = _translate(error)
            if methods is not None and request.method not in methods:
                break
    raise answer


def _translate(error: HTTPError) -> tuple[EdgeError, Collection[str] | None]:
    """Return CloudFront's error, and the methods that are sent again; None for all.

    What never reached the origin may be sent again whatever it is. Subclasses come before their base classes.
    """
    known: tuple[tuple[type[HTTPError], EdgeError, Collection[str] | None], ...] = (
        (NameResolutionError, UNRESOLVED, ()),
        (NewConnectionError, _UNREACHABLE, None),
        (ConnectTimeoutError, _SILENT, None),
        (ReadTimeoutError, _SILENT, _REPEATABLE_IF_SILENT),
        (SSLError, _UNREACHABLE, ()),
        (ProtocolError, _CLOSED, _REPEATABLE),
    )
    return next(((page, methods) for kind, page, methods in known if isinstance(error, kind)), (_INVALID, ()))


def _find_pool(origin: Origin, viewer_scheme: str) -> urllib3.HTTPConnectionPool:
    schemes = {"http-only": "http", "https-only": "https"}
    scheme = schemes.get(origin.protocol, viewer_scheme)
    host, _, named_port = origin.domain.partition(":")
    port = int(named_port) if named_port else (origin.https_port if scheme == "https" else origin.http_port)
    return _pools.connection_from_host(host, port, scheme)


def _headers(request: OriginRequest, target: str) -> urllib3.HTTPHeaderDict:
    headers = urllib3.HTTPHeaderDict()
    for name, value in request.headers:
        headers.add(name, value)
    headers[_TARGET] = target
    if "accept-encoding" not in headers:
        headers["Accept-Encoding"] = SKIP_HEADER  # otherwise urllib3 adds `identity`
    return headers


def _ask(origin: Origin, request: OriginRequest) -> OriginResponse:
    target = request.target
    response = _find_pool(origin, request.scheme).urlopen(
        request.method,
        target,
        body=request.body or None,
        headers=_headers(request, target),
        timeout=urllib3.Timeout(connect=origin.connect_timeout, read=origin.read_timeout),
        retries=False,
        redirect=False,
        assert_same_host=False,
        preload_content=False,
    )
    try:
        body = response.read(decode_content=False)
    finally:
        response.release_conn()
    headers = Headers(list(response.headers.iteritems()))
    if request.method != "HEAD":
        headers.remove("Content-Length")
    return OriginResponse(status=response.status, headers=headers, body=body)
