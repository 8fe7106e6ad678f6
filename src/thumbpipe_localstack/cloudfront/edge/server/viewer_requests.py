"""Converts LocalStack's requests to viewer requests, and responses back."""

import base64
import secrets
from typing import Final

from localstack.http import Request, Response
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront import scheme
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest
from thumbpipe_localstack.gateway.hosts import is_ambiguous

_WEBSOCKET: Final = "WEBSOCKET"  # rolo's method for WebSocket requests, rejected like any unknown method
_ID_BYTES: Final = 41  # in base64, as long as CloudFront's ids


def host_of(request: Request) -> str:
    """Return the Host header without its port, in lower case."""
    authority: str = request.headers.get("Host", "")
    return authority.rpartition(":")[0].lower() if _has_port(authority) else authority.lower()


def _has_port(authority: str) -> bool:
    _, colon, port = authority.rpartition(":")
    return bool(colon) and port.isdigit()


def _split_target(request: Request) -> tuple[str, str]:
    """Return path and query as they were sent; the request target may be an absolute URL of the same host."""
    target: str = request.environ.get("RAW_URI") or request.full_path
    if not target.startswith("/") and "://" in target:
        if is_ambiguous(request.headers.getlist("Host"), target):
            return target, ""  # which is not a path and is refused
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _, query = target.partition("?")
    return path or "/", query


def viewer_request(request: Request, received_at: float) -> ViewerRequest:
    """Convert a request."""
    path, query = _split_target(request)
    method = request.environ["REQUEST_METHOD"]  # as received: werkzeug's is in upper case
    return ViewerRequest(
        method=method,
        scheme=request.scheme if scheme.counts() else "https",
        host=host_of(request),
        path=path,
        query=query,
        headers=Headers(list(request.headers)),
        body=b"" if method == _WEBSOCKET else request.get_data(),
        client_ip=request.remote_addr or "127.0.0.1",
        http_version=request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        received_at=received_at,
        request_id=make_id(),
        authority=request.headers.get("Host", ""),
    )


def make_id() -> str:
    """Return an id for a request, as long as CloudFront's."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_ID_BYTES)).decode()


def write_response(answer: EdgeResponse, response: Response) -> None:
    """Convert a response."""
    response.status_code = answer.status
    response.headers = answer.headers
    response.response = [answer.body] if answer.body else []
    response.automatically_set_content_length = False
