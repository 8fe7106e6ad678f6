"""Validation of what a viewer-request function returned, and its merge with the viewer's request."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Final

from thumbpipe_localstack.cloudfront.js.events import Fields
from thumbpipe_localstack.cloudfront.js.returned_fields import InvalidValueError, Returned, read_fields, require_object
from thumbpipe_localstack.cloudfront.js.returned_headers import READ_ONLY_IN_REQUEST, merge_headers, put_cookies
from thumbpipe_localstack.cloudfront.js.returned_response import read_generated_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

_LONGEST_URI: Final = 8_192
_UNSAFE_URI: Final = re.compile(r"[\x00-\x20\x7f#]")


def read_result(value: object, shown: Mapping[str, Any], request: ViewerRequest) -> ViewerRequest | EdgeResponse:
    """Return the request with the function's changes, or the response that it generated.

    Args:
        value: What the function returned.
        shown: The request in the function's event.
        request: The viewer's request.

    Raises:
        InvalidValueError: It is invalid.
    """
    returned = require_object(value, "the returned value")
    return read_generated_response(returned) if "statusCode" in returned else _read_request(returned, shown, request)


def _read_request(returned: Returned, shown: Mapping[str, Any], request: ViewerRequest) -> ViewerRequest:
    for name in ("method", "uri"):
        if not isinstance(returned.get(name), str):
            raise InvalidValueError(f"request.{name} is missing")
    if returned["method"] != request.method:
        raise InvalidValueError("request.method is read-only")
    query = _read_query(returned, shown["querystring"], request.query)
    _check_uri(returned["uri"], query)
    asked = read_fields(returned.get("headers"), shown["headers"], "request.headers")
    headers = merge_headers(asked, shown["headers"], request.headers, "request", READ_ONLY_IN_REQUEST)
    put_cookies(headers, read_fields(returned.get("cookies"), shown["cookies"], "request.cookies"), request.headers)
    return dataclasses.replace(request, path=returned["uri"], query=query, headers=headers)


def _check_uri(uri: str, query: str) -> None:
    if not uri.startswith("/") or "?" in uri or _UNSAFE_URI.search(uri):
        raise InvalidValueError("request.uri is not a path")
    if len(uri) + len(query) >= _LONGEST_URI:
        raise InvalidValueError("request.uri is too long")


def _read_query(returned: Returned, shown: Fields, query: str) -> str:
    """Return the query string: the original one if it is unchanged, else built from the fields."""
    asked = returned.get("querystring")
    if asked == shown:
        return query
    fields = read_fields(asked, shown, "request.querystring")
    written = "&".join(f"{name}={item['value']}" for name, items in fields.items() for item in items)
    if _UNSAFE_URI.search(written):
        raise InvalidValueError("request.querystring has spaces, control characters or a fragment")
    return written
