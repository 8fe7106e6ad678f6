"""A request to be evaluated, and WAF's verdict."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class WebRequest:
    """A request to a protected resource.

    Attributes:
        source_ip: The sender's address.
        method: In upper case.
        uri_path: As it was sent, percent-encoded.
        query_string: As it was sent, without the question mark.
        headers: In order.
        body: The complete body.
        http_version: `HTTP/1.1` or `HTTP/2`.
        received_at: Seconds since the epoch; used for rates.
        country: Two-letter code of the sender's country, None if unknown.
        source_name: `CF` for CloudFront, `APIGW` for API Gateway, as in WAF's log.
        source_id: The distribution's id, or `account:api:stage`.
        request_id: The request's id in the log.
    """

    source_ip: str
    method: str
    uri_path: str
    query_string: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    http_version: str
    received_at: float
    country: str | None
    source_name: str
    source_id: str
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on a request.

    Attributes:
        allowed: Whether the request is allowed.
        status: Of the response to a blocked request.
        headers: Of that response. Without headers and body, the protected resource sends its own.
        body: Of that response.
        inserted_headers: Added to an allowed request.
        rule: The name of the terminating rule, or `Default_Action`.
    """

    allowed: bool
    status: int = 403
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    inserted_headers: tuple[tuple[str, str], ...] = ()
    rule: str = "Default_Action"
