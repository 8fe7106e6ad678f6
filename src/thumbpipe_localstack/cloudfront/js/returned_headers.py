"""Validation of the headers and cookies that a function returned, and their merge with those of the event."""

import re
from collections.abc import Mapping
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.js.events import Field, Fields, is_hidden
from thumbpipe_localstack.cloudfront.js.returned_fields import InvalidValueError

READ_ONLY_IN_REQUEST: Final = frozenset({"content-length", "host", "transfer-encoding", "via"})
READ_ONLY_IN_RESPONSE: Final = frozenset({"warning", "via"})

_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")  # in lower case, as CloudFront requires
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


def merge_headers(
    returned: Mapping[str, list[Field]], shown: Fields, before: Headers, where: str, read_only: frozenset[str]
) -> Headers:
    """Return the headers after a function: unchanged ones keep their place and spelling, others are appended.

    Args:
        returned: The headers that the function returned.
        shown: The headers of the event. Headers that are not in it, such as cookies, are kept.
        before: All headers of the request or response.
        where: `request` or `response`, for error messages.
        read_only: Headers that the function must not change.

    Raises:
        InvalidValueError: A header is malformed, or must not be set.
    """
    changed = {name: items for name, items in returned.items() if _items_of(shown.get(name)) != items}
    for name in changed.keys() | (shown.keys() - returned.keys()):
        if name in read_only:
            raise InvalidValueError(f"{where}.headers.{name} is read-only")
    headers = Headers()
    for name, value in before:
        lowered = name.lower()
        if lowered not in shown or (lowered in returned and lowered not in changed):
            headers.add(name, value)
    for name, items in changed.items():
        _check_header(name, items, where)
        for item in items:
            headers.add(_capitalise(name), item["value"])
    return headers


def put_cookies(headers: Headers, cookies: Mapping[str, list[Field]], before: Headers) -> None:
    """Set a request's Cookie header, unless the cookies are unchanged.

    Raises:
        InvalidValueError: They have control characters.
    """
    written = "; ".join(f"{name}={item['value']}" for name, items in cookies.items() for item in items)
    if not _is_value(written):
        raise InvalidValueError("request.cookies has control characters")
    if written == "; ".join(pair.strip() for line in before.getlist("Cookie") for pair in line.split(";")):
        return
    headers.remove("Cookie")
    if written:
        headers.add("Cookie", written)


def put_set_cookies(headers: Headers, cookies: Mapping[str, list[Field]]) -> None:
    """Set a response's Set-Cookie headers.

    Raises:
        InvalidValueError: One has control characters.
    """
    headers.remove("Set-Cookie")
    for name, items in cookies.items():
        for item in items:
            line = f"{name}={item['value']}"
            line = f"{line}; {item['attributes']}" if "attributes" in item else line
            if not _is_value(line):
                raise InvalidValueError(f"response.cookies.{name} has control characters")
            headers.add("Set-Cookie", line)


def _is_value(value: str) -> bool:
    """Tell whether a value has no control characters."""
    return _VALUE.fullmatch(value) is not None


def _items_of(field: Field | None) -> list[Field] | None:
    if field is None:
        return None
    several: list[Field] | None = field.get("multiValue")
    return several or [{"value": field["value"]}]


def _check_header(name: str, items: list[Field], where: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidValueError(f"{where}.headers.{name} is not a header's name in lower case")
    if is_hidden(name) or name in ("cookie", "set-cookie"):
        raise InvalidValueError(f"{where}.headers.{name} is not allowed")
    if not all(_is_value(item["value"]) for item in items):
        raise InvalidValueError(f"{where}.headers.{name} has control characters")


def _capitalise(name: str) -> str:
    """Return a name as CloudFront writes headers that a function has set: in title case."""
    return "-".join(word.capitalize() for word in name.split("-"))
