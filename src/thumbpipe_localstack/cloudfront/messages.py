"""What goes through a distribution: a viewer's request, and the answer to it."""

from dataclasses import dataclass, field

from werkzeug.datastructures import Headers

HTTP_VERSIONS = ("HTTP/1.1", "HTTP/1.0", "HTTP/2")
"""Those that viewers may speak."""


@dataclass(slots=True, kw_only=True)
class ViewerRequest:
    """A request as it reached a distribution.

    Attributes:
        method: In upper case.
        scheme: `http` or `https`, as the viewer is taken to have asked.
        host: The Host header without its port, in lower case.
        path: The path as it was on the wire, percent-encoded, with its leading slash.
        query: The query string as it was on the wire, without its question mark.
        headers: In their order; names are matched without regard to case.
        body: The whole of it.
        client_ip: The viewer's address.
        http_version: As it was written; one of `HTTP_VERSIONS`, or the request is refused.
        received_at: Seconds since the epoch.
        request_id: What CloudFront calls `x-edge-request-id`.
        authority: The Host header as it came, port included.
    """

    method: str
    scheme: str
    host: str
    path: str
    query: str
    headers: Headers
    body: bytes
    client_ip: str
    http_version: str
    received_at: float
    request_id: str
    authority: str


@dataclass(slots=True, kw_only=True)
class EdgeResponse:
    """An answer on its way to the viewer.

    Attributes:
        status: The HTTP status.
        headers: In their order.
        body: The whole of it; empty for HEAD.
        result: CloudFront's result type: `Hit`, `Miss`, `RefreshHit`, `Error`, `LimitExceeded`,
            `FunctionGeneratedResponse` and so on, as in the access log.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    result: str = "Miss"
