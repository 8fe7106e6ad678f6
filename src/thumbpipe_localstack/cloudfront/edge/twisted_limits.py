"""What Twisted, LocalStack's server, does to requests and answers before and after the edge."""

from collections.abc import Callable
from typing import Any

from localstack.utils.patch import patch
from rolo.serving.twisted import HeaderPreservingHTTPChannel, HeaderPreservingWSGIResponse

from thumbpipe_localstack.cloudfront.messages import HTTP_VERSIONS

# Longer heads get an answer of Twisted's own; CloudFront's limits are to be what a viewer meets.
_MAX_HEAD_BYTES = 65_536
_MARK = "X-Amz-Cf-Id"
_VERSIONS = [version.encode() for version in HTTP_VERSIONS]


def let_edge_decide() -> None:
    """Let long requests in, and the edge's own Server header out."""
    HeaderPreservingHTTPChannel.totalHeadersSize = _MAX_HEAD_BYTES
    HeaderPreservingHTTPChannel.MAX_LENGTH = _MAX_HEAD_BYTES
    patch(HeaderPreservingWSGIResponse.startResponse)(_start_response)


def _start_response(original: Callable[..., Any], response: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    """Mend a distribution's answer: Twisted names itself as its server, and repeats the version that was asked in."""
    result = original(response, *args, **kwargs)
    headers = dict(response.headers)
    if _MARK in headers:
        if "Server" in headers:
            response.request.responseHeaders.setRawHeaders(b"Server", [headers["Server"].encode("latin-1")])
        if response.request.clientproto not in _VERSIONS:
            response.request.clientproto = _VERSIONS[0]
    return result
