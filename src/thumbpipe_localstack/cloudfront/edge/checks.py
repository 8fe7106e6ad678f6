"""What is refused before anything is looked up: requests too long or not well formed, methods, schemes, countries."""

import re
from collections import Counter

from thumbpipe_localstack.cloudfront.edge.errors import (
    EdgeError,
    bad_method,
    bad_request,
    blocked,
    blocked_country,
    too_large,
)
from thumbpipe_localstack.cloudfront.edge.model import Behaviour, Edge
from thumbpipe_localstack.cloudfront.messages import HTTP_VERSIONS, ViewerRequest

_MAX_URL = 8_192
MAX_REQUEST = 32_768
_LINE_OVERHEAD = 4  # the colon, the space and the end of the line
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PATH = re.compile(r"/[\x21-\x7e]*")
_QUERY = re.compile(r"[\x21-\x7e]*")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SINGLE = ("host", "content-length", "transfer-encoding", "content-type", "authorization", "range")
_BODILESS = ("GET", "HEAD")


def check_request(request: ViewerRequest) -> None:
    """Refuse what is too long, and what two servers might read in two ways.

    Raises:
        EdgeError: 413 or 400.
    """
    url = len(request.scheme) + len("://") + len(request.authority) + len(request.path) + len(request.query) + 1
    headers = sum(len(name) + len(value) + _LINE_OVERHEAD for name, value in request.headers)
    if url > _MAX_URL or url + headers > MAX_REQUEST:
        raise too_large()
    if not is_path(request.path) or not _QUERY.fullmatch(request.query) or request.http_version not in HTTP_VERSIONS:
        raise bad_request()
    if any(not _TOKEN.fullmatch(name) or _CONTROL.search(value) for name, value in request.headers):
        raise bad_request()
    counts = Counter(name.lower() for name, _ in request.headers)
    if any(counts[name] > 1 for name in _SINGLE) or ("transfer-encoding" in counts and "content-length" in counts):
        raise bad_request()
    if request.method not in _METHODS:
        raise bad_method(cachable_only=False)


def is_path(text: str) -> bool:
    """Tell whether a text is a path that CloudFront takes."""
    return len(text) <= _MAX_URL and _PATH.fullmatch(text) is not None


def check_country(edge: Edge, country: str) -> None:
    """Refuse a viewer of a country that the distribution is closed to.

    Raises:
        EdgeError: 403.
    """
    listed = country in edge.countries
    restriction = edge.geo_restriction
    if country and ((restriction == "whitelist" and not listed) or (restriction == "blacklist" and listed)):
        raise blocked_country()


def check_behaviour(behaviour: Behaviour, request: ViewerRequest) -> None:
    """Refuse a method or a scheme that the behaviour does not allow, and a body where there is none.

    Raises:
        EdgeError: 403.
    """
    if request.method not in behaviour.methods:
        raise bad_method(cachable_only="POST" not in behaviour.methods)
    if request.scheme == "http" and behaviour.viewer_protocol == "https-only":
        raise EdgeError(403, "Bad request.")
    if request.body and request.method in _BODILESS:
        raise blocked()
