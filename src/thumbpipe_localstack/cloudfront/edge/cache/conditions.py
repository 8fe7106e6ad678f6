"""Conditional and range requests, evaluated against a complete object."""

import re
from typing import Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.clock import parse_date
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

_RANGE: Final = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")
_NOT_OF_304: Final = ("Content-Length", "Content-Type", "Content-Encoding", "Content-Range")
_WHOLE: Final = 200


def _time(text: str | None) -> float | None:
    moment = parse_date(text)
    return moment.timestamp() if moment else None


def _times(request: Headers, condition: str, answer: Headers) -> tuple[float, float] | None:
    """Return the time of a condition and Last-Modified, if both are known."""
    since = _time(request.get(condition))
    modified = None if since is None else _time(answer.get("Last-Modified"))
    return None if since is None or modified is None else (since, modified)


def _has_tag(listed: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in listed.split(",")}
    return "*" in tags or (bool(etag) and etag.removeprefix("W/") in tags)


def _is_unchanged(request: Headers, answer: Headers) -> bool:
    if (tags := request.get("If-None-Match")) is not None:
        return _has_tag(tags, answer.get("ETag", ""))
    times = _times(request, "If-Modified-Since", answer)
    return times is not None and times[1] <= times[0]


def _fails(request: Headers, answer: Headers) -> bool:
    if (tags := request.get("If-Match")) is not None:
        return not _has_tag(tags, answer.get("ETag", ""))
    times = _times(request, "If-Unmodified-Since", answer)
    return times is not None and times[1] > times[0]


def apply_conditions(request: ViewerRequest, response: EdgeResponse) -> None:
    """Apply a viewer's conditions and range to a complete object: 304, 412, 206, 416, or no change."""
    if response.status != _WHOLE or request.method not in ("GET", "HEAD"):
        return
    if _fails(request.headers, response.headers):
        response.status, response.body = 412, b""
        response.headers.remove("Content-Length")
    elif _is_unchanged(request.headers, response.headers):
        response.status, response.body = 304, b""
        for name in _NOT_OF_304:
            response.headers.remove(name)
    elif request.method == "GET" and (wanted := request.headers.get("Range")):
        _apply_range(request.headers, response, wanted)


def _apply_range(request: Headers, response: EdgeResponse, wanted: str) -> None:
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not _is_sensible(found["first"], found["last"]) or not _may_be_part(request, response.headers):
        return  # several ranges, or an invalid one: the complete object, as RFC 9110 allows
    size = len(response.body)
    first, last = _bounds(found["first"], found["last"], size)
    response.headers["Accept-Ranges"] = "bytes"
    if first > last:
        response.status, response.body = 416, b""
        response.headers["Content-Range"] = f"bytes */{size}"
    else:
        response.status, response.body = 206, response.body[first : last + 1]
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Content-Length"] = str(len(response.body))


def _is_sensible(first: str, last: str) -> bool:
    return bool(first or last) and not (first and last and int(first) > int(last))


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        length = min(int(last or 0), size)
        return size - length, size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _may_be_part(request: Headers, answer: Headers) -> bool:
    """Tell whether If-Range, if there is one, matches the object."""
    condition = request.get("If-Range")
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        return condition == answer.get("ETag") and not condition.startswith("W/")
    modified = _time(answer.get("Last-Modified"))
    return modified is not None and modified == _time(condition)
