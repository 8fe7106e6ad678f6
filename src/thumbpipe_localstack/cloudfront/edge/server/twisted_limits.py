"""Limits and headers of Twisted, LocalStack's server, which would apply before and after the edge."""

from collections.abc import Callable
from typing import Any, Final

from localstack.utils.patch import patch
from rolo.serving.twisted import HeaderPreservingHTTPChannel, HeaderPreservingWSGIResponse

from thumbpipe_localstack.cloudfront.location import HTTP_VERSIONS

# Twisted rejects longer request heads itself; CloudFront's limits, which are lower, should apply.
_MAX_HEAD_BYTES: Final = 65_536
_MARK: Final = "X-Amz-Cf-Id"
_VERSIONS: Final = [version.encode() for version in HTTP_VERSIONS]


def let_edge_decide() -> None:
    """Let the edge reject long requests, and set the Server header."""
    HeaderPreservingHTTPChannel.totalHeadersSize = _MAX_HEAD_BYTES
    HeaderPreservingHTTPChannel.MAX_LENGTH = _MAX_HEAD_BYTES
    patch(HeaderPreservingWSGIResponse.startResponse)(_start_response)


# The signature is Twisted's.
def _start_response(original: Callable[..., Any], response: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    """Keep a distribution's own Server header and HTTP version, which Twisted would overwrite."""
    result = original(response, *args, **kwargs)
    headers = dict(response.headers)
    if _MARK in headers:
        if "Server" in headers:
            response.request.responseHeaders.setRawHeaders(b"Server", [headers["Server"].encode("latin-1")])
        if response.request.clientproto not in _VERSIONS:
            response.request.clientproto = _VERSIONS[0]
    return result
