"""What a function returned, put into the request or the response."""

import base64
import binascii
import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.js.events import show_request, show_response
from thumbpipe_localstack.cloudfront.js.fields import Field, Fields, InvalidValueError, read_fields
from thumbpipe_localstack.cloudfront.js.header_rules import (
    READ_ONLY_IN_REQUEST,
    READ_ONLY_IN_RESPONSE,
    capitalise,
    is_hidden,
    is_name,
    is_value,
)
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

LARGEST_BODY = 40_960
_LONGEST_URI = 8_192
_FIRST_STATUS, _LAST_STATUS = 200, 599
_UNSAFE_URI = re.compile(r"[\x00-\x20\x7f#]")

Returned = Mapping[str, Any]


def require_object(value: object, where: str) -> Returned:
    """Return an object that a function returned.

    Raises:
        InvalidValueError: It is something else.
    """
    if not isinstance(value, dict):
        raise InvalidValueError(f"{where} is missing" if value is None else f"{where} is not an object")
    return value


def read_request(returned: Returned, request: ViewerRequest) -> ViewerRequest:
    """Return a request with what a function changed in it.

    Raises:
        InvalidValueError: It is not what CloudFront takes.
    """
    shown = show_request(request)
    for name in ("method", "uri"):
        if not isinstance(returned.get(name), str):
            raise InvalidValueError(f"request.{name} is missing")
    if returned["method"] != request.method:
        raise InvalidValueError("request.method is read-only")
    query = _read_query(returned, shown["querystring"], request.query)
    _check_uri(returned["uri"], query)
    headers = _read_headers(returned, shown["headers"], request.headers, "request", READ_ONLY_IN_REQUEST)
    _put_cookies(headers, read_fields(returned.get("cookies"), shown["cookies"], "request.cookies"), request.headers)
    return dataclasses.replace(request, path=returned["uri"], query=query, headers=headers)


def _check_uri(uri: str, query: str) -> None:
    if not uri.startswith("/") or "?" in uri or _UNSAFE_URI.search(uri):
        raise InvalidValueError("request.uri is not a path")
    if len(uri) + len(query) >= _LONGEST_URI:
        raise InvalidValueError("request.uri is too long")


def _read_query(returned: Returned, shown: Fields, query: str) -> str:
    """Return the query string: as it was if it says the same, written anew if it was changed."""
    asked = returned.get("querystring")
    if asked == shown:
        return query
    fields = read_fields(asked, shown, "request.querystring")
    written = "&".join(f"{name}={item['value']}" for name, items in fields.items() for item in items)
    if _UNSAFE_URI.search(written):
        raise InvalidValueError("request.querystring has spaces, control characters or a fragment")
    return written


def _read_headers(returned: Returned, shown: Fields, before: Headers, where: str, read_only: frozenset[str]) -> Headers:
    """Return headers: what a function left as it was in its old place and spelling, and behind it what it set."""
    asked = read_fields(returned.get("headers"), shown, f"{where}.headers")
    changed = {name: items for name, items in asked.items() if _items_of(shown.get(name)) != items}
    for name in changed.keys() | (shown.keys() - asked.keys()):
        if name in read_only:
            raise InvalidValueError(f"{where}.headers.{name} is read-only")
    cookies = "cookie" if where == "request" else "set-cookie"
    headers = Headers()
    for name, value in before:
        lowered = name.lower()
        if is_hidden(lowered) or lowered == cookies or (lowered in asked and lowered not in changed):
            headers.add(name, value)
    for name, items in changed.items():
        _check_header(name, items, where)
        for item in items:
            headers.add(capitalise(name), item["value"])
    return headers


def _items_of(field: Field | None) -> list[Field] | None:
    if field is None:
        return None
    several: list[Field] | None = field.get("multiValue")
    return several or [{"value": field["value"]}]


def _check_header(name: str, items: list[Field], where: str) -> None:
    if not is_name(name):
        raise InvalidValueError(f"{where}.headers.{name} is not a header's name in lower case")
    if is_hidden(name) or name in ("cookie", "set-cookie"):
        raise InvalidValueError(f"{where}.headers.{name} is not allowed")
    if not all(is_value(item["value"]) for item in items):
        raise InvalidValueError(f"{where}.headers.{name} has control characters")


def _put_cookies(headers: Headers, cookies: Mapping[str, list[Field]], before: Headers) -> None:
    written = "; ".join(f"{name}={item['value']}" for name, items in cookies.items() for item in items)
    if not is_value(written):
        raise InvalidValueError("request.cookies has control characters")
    if written == "; ".join(pair.strip() for line in before.getlist("Cookie") for pair in line.split(";")):
        return
    headers.remove("Cookie")
    if written:
        headers.add("Cookie", written)


def read_response(returned: Returned, response: EdgeResponse | None) -> EdgeResponse:
    """Return an answer that a function made, or one with what it changed in it.

    Args:
        returned: What the function returned.
        response: The answer that it was shown; None if it answers a request itself.

    Raises:
        InvalidValueError: It is not what CloudFront takes.
    """
    before = response or EdgeResponse(status=0, result="FunctionGeneratedResponse")
    shown = show_response(before)
    headers = _read_headers(returned, shown["headers"], before.headers, "response", READ_ONLY_IN_RESPONSE)
    cookies = read_fields(returned.get("cookies"), shown["cookies"], "response.cookies")
    headers.remove("Set-Cookie")
    for name, items in cookies.items():
        for item in items:
            headers.add("Set-Cookie", _write_set_cookie(name, item))
    body = _read_body(returned["body"]) if returned.get("body") is not None else before.body
    return EdgeResponse(status=_read_status(returned), headers=headers, body=body, result=before.result)


def _read_status(returned: Returned) -> int:
    status = returned.get("statusCode")
    if status is None:
        raise InvalidValueError("response.statusCode is missing")
    if not isinstance(status, int) or isinstance(status, bool) or not _FIRST_STATUS <= status <= _LAST_STATUS:
        raise InvalidValueError("response.statusCode is not a status that a function may answer with")
    return status


def _write_set_cookie(name: str, item: Field) -> str:
    line = f"{name}={item['value']}"
    line = f"{line}; {item['attributes']}" if "attributes" in item else line
    if not is_value(line):
        raise InvalidValueError(f"response.cookies.{name} has control characters")
    return line


def _read_body(body: object) -> bytes:
    if isinstance(body, str):
        body = {"encoding": "text", "data": body}
    fields = require_object(body, "response.body")
    data, encoding = fields.get("data"), fields.get("encoding", "text")
    if not isinstance(data, str):
        raise InvalidValueError("response.body.data is missing")
    if encoding not in ("text", "base64"):
        raise InvalidValueError("response.body.encoding is neither text nor base64")
    decoded = data.encode("utf-8", "replace") if encoding == "text" else _decode(data)
    if len(decoded) > LARGEST_BODY:
        raise InvalidValueError("response.body is too large")
    return decoded


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as err:
        raise InvalidValueError("response.body.data is not base64") from err
