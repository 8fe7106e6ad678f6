"""Viewer requests, and the edge's responses."""

from dataclasses import dataclass, field

from werkzeug.datastructures import Headers


@dataclass(slots=True, kw_only=True)
class ViewerRequest:
    """A viewer's request to a distribution.

    Attributes:
        method: In upper case.
        scheme: `http` or `https`; see `scheme.counts`.
        host: The Host header without its port, in lower case.
        path: The path as it was sent, percent-encoded, with its leading slash.
        query: The query string as it was sent, without the question mark.
        headers: In order; names are case-insensitive.
        body: The complete body.
        client_ip: The viewer's address.
        http_version: As received; a request with any other than `HTTP_VERSIONS` is refused.
        received_at: Seconds since the epoch.
        request_id: CloudFront's `x-edge-request-id`.
        authority: The Host header as it was sent, with its port.
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
    """A response to a viewer.

    Attributes:
        status: The HTTP status.
        headers: In order.
        body: The complete body; empty for HEAD.
        result: CloudFront's result type: `Hit`, `Miss`, `RefreshHit`, `Error`, `LimitExceeded`,
            `FunctionGeneratedResponse` and so on, as in the access log.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    result: str = "Miss"
