"""The event that a function is called with."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
    from werkzeug.datastructures import Headers

    from thumbpipe_localstack.cloudfront.store import Distribution

Field = dict[str, Any]
"""`{"value": …}`, a cookie's with `attributes`; with `multiValue` if its name is repeated."""

Fields = dict[str, Field]
"""Headers, cookies or query parameters by name."""

_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_HIDDEN: Final = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "trailer",
        "upgrade",
        "x-accel-buffering",
        "x-accel-charset",
        "x-accel-limit-rate",
        "x-accel-redirect",
        "x-amzn-auth",
        "x-amzn-cf-billing",
        "x-amzn-cf-id",
        "x-amzn-cf-xff",
        "x-amzn-errortype",
        "x-amzn-fle-profile",
        "x-amzn-header-count",
        "x-amzn-header-order",
        "x-amzn-lambda-integration-tag",
        "x-amzn-requestid",
        "x-cache",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
_HIDDEN_PREFIXES: Final = ("x-amz-cf-", "x-edge-")


def show_event(
    kind: str, distribution: "Distribution", request: ViewerRequest, response: EdgeResponse | None = None
) -> dict[str, Any]:
    """Return the event that a function is called with.

    Args:
        kind: `viewer-request` or `viewer-response`.
        distribution: The distribution that runs the function.
        request: The viewer's request.
        response: The response, for `viewer-response`.
    """
    event: dict[str, Any] = {
        "version": "1.0",
        "context": {
            "distributionDomainName": distribution.domain_name,
            "distributionId": distribution.id,
            "eventType": kind,
            "requestId": request.request_id,
        },
        "viewer": {"ip": request.client_ip},
        "request": show_request(request),
    }
    if response is not None:
        event["response"] = show_response(response)
    return event


def show_request(request: ViewerRequest) -> dict[str, Any]:
    """Return a request as functions see it; URI and query are as the viewer sent them."""
    return {
        "method": request.method,
        "uri": request.path,
        "querystring": _to_fields(_split_query(request.query)),
        "headers": _show_headers(request.headers, "cookie"),
        "cookies": _to_fields(pair for header in request.headers.getlist("Cookie") for pair in _split_cookies(header)),
    }


def show_response(response: EdgeResponse) -> dict[str, Any]:
    """Return a response as functions see it: without its body."""
    return {
        "statusCode": response.status,
        "statusDescription": _PHRASES.get(response.status, ""),
        "headers": _show_headers(response.headers, "set-cookie"),
        "cookies": _to_fields(_split_set_cookie(header) for header in response.headers.getlist("Set-Cookie")),
    }


def is_hidden(name: str) -> bool:
    """Tell whether a header, named in lower case, is hidden from functions."""
    return name in _HIDDEN or name.startswith(_HIDDEN_PREFIXES)


def _to_fields(pairs: Iterable[tuple[str, Field]]) -> Fields:
    """Collect pairs of a name and `{"value": …}` into fields."""
    fields: Fields = {}
    for name, item in pairs:
        field = fields.get(name)
        if field is None:
            fields[name] = dict(item)
        else:
            field.setdefault("multiValue", [{key: field[key] for key in ("value", "attributes") if key in field}])
            field["multiValue"].append(dict(item))
    return fields


def _split_query(query: str) -> list[tuple[str, Field]]:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [(name, {"value": value}) for name, _, value in pairs]


def _split_cookies(header: str) -> list[tuple[str, Field]]:
    pairs = (pair.strip().partition("=") for pair in header.split(";") if pair.strip())
    return [(name, {"value": value}) for name, _, value in pairs]


def _split_set_cookie(header: str) -> tuple[str, Field]:
    pair, _, attributes = header.partition(";")
    name, _, value = pair.strip().partition("=")
    return name, {"value": value} | ({"attributes": attributes.strip()} if attributes.strip() else {})


def _show_headers(headers: "Headers", cookies: str) -> Fields:
    lowered = ((name.lower(), value) for name, value in headers)
    return _to_fields((name, {"value": value}) for name, value in lowered if name != cookies and not is_hidden(name))
