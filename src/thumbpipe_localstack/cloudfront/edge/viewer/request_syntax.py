"""Validation that needs no configuration: requests that are too long, ambiguous or malformed."""

import re
from collections import Counter
from typing import Final

from thumbpipe_localstack.cloudfront.error_pages import bad_method, bad_request, too_large
from thumbpipe_localstack.cloudfront.location import HTTP_VERSIONS
from thumbpipe_localstack.cloudfront.messages import ViewerRequest

_MAX_URL: Final = 8_192
MAX_REQUEST: Final = 32_768
_LINE_OVERHEAD: Final = 4  # the colon, the space and the end of the line
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PATH: Final = re.compile(r"/[\x21-\x7e]*")
_QUERY: Final = re.compile(r"[\x21-\x7e]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SINGLE: Final = ("host", "content-length", "transfer-encoding", "content-type", "authorization", "range")


def check_request(request: ViewerRequest) -> None:
    """Reject requests that are too long, or that two servers might interpret differently.

    Raises:
        EdgeError: 413 or 400.
    """
    url = len(request.scheme) + len("://") + len(request.authority) + len(request.path) + len(request.query) + 1
    headers = sum(len(name) + len(value) + _LINE_OVERHEAD for name, value in request.headers)
    if url > _MAX_URL or url + headers > MAX_REQUEST:
        raise too_large()
    if not is_path(request.path) or not _QUERY.fullmatch(request.query):
        raise bad_request()
    if not _TOKEN.fullmatch(request.method) or request.http_version not in HTTP_VERSIONS:
        raise bad_request()
    if any(not _TOKEN.fullmatch(name) or _CONTROL.search(value) for name, value in request.headers):
        raise bad_request()
    counts = Counter(name.lower() for name, _ in request.headers)
    if any(counts[name] > 1 for name in _SINGLE) or ("transfer-encoding" in counts and "content-length" in counts):
        raise bad_request()
    if request.method not in _METHODS:
        raise bad_method(cachable_only=False)


def is_path(text: str) -> bool:
    """Tell whether a text is a path that CloudFront accepts."""
    return len(text) <= _MAX_URL and _PATH.fullmatch(text) is not None
