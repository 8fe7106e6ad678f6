"""A request as WAF is asked about it, and the answer."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class WebRequest:
    """A request as it reached what a web ACL protects.

    Attributes:
        source_ip: The address that it came from.
        method: In upper case.
        uri_path: As it was on the wire, percent-encoded.
        query_string: As it was on the wire, without its question mark.
        headers: In their order.
        body: The whole of it.
        http_version: `HTTP/1.1` or `HTTP/2`.
        received_at: Seconds since the epoch; rates are reckoned by it.
        country: The two letters of the country that it came from, None if that is not known.
        source_name: `CF` for CloudFront, `APIGW` for API Gateway, as in WAF's log.
        source_id: The distribution's id, or `account:api:stage`.
        request_id: What the log names the request by.
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
    """What is to be done with a request.

    Attributes:
        allowed: Whether it goes on.
        status: Of the answer to a request that does not.
        headers: Of that answer; without any, and without a body, it is the protected resource's own page.
        body: Of that answer.
        inserted_headers: What a request that goes on has in addition.
        rule: The name of the rule that decided, `Default_Action` if none did.
    """

    allowed: bool
    status: int = 403
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    inserted_headers: tuple[tuple[str, str], ...] = ()
    rule: str = "Default_Action"
