"""The headers and cookies that a function returned, checked and put into those that it was shown."""

import re
from collections.abc import Mapping
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.js.events import Field, Fields, is_hidden
from thumbpipe_localstack.cloudfront.js.returned_fields import InvalidValueError

READ_ONLY_IN_REQUEST: Final = frozenset({"content-length", "host", "transfer-encoding", "via"})
READ_ONLY_IN_RESPONSE: Final = frozenset({"warning", "via"})

_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")  # in lower case, as CloudFront wants it
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


def merge_headers(
    returned: Mapping[str, list[Field]], shown: Fields, before: Headers, where: str, read_only: frozenset[str]
) -> Headers:
    """Return headers: what a function left as it was in its old place and spelling, and behind it what it set.

    Args:
        returned: The items of each header that the function returned.
        shown: The headers that it was shown. What it was not shown, cookies included, stays.
        before: All headers of the message.
        where: `request` or `response`, for messages.
        read_only: Names that the function must leave as they were.

    Raises:
        InvalidValueError: A header is none, or one that the function may not set.
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
    """Write a request's cookies: as they were if they say the same.

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
    """Write a response's cookies.

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
    """Tell whether a value keeps to its line."""
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
    """Return a name as CloudFront writes those that a function has set: each word with a capital."""
    return "-".join(word.capitalize() for word in name.split("-"))
