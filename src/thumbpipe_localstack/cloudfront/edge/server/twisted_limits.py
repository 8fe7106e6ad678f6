"""What Twisted, LocalStack's server, does to requests and answers before and after the edge."""

from collections.abc import Callable
from typing import Any, Final

from localstack.utils.patch import patch
from rolo.serving.twisted import HeaderPreservingHTTPChannel, HeaderPreservingWSGIResponse

# Longer heads get an answer of Twisted's own; CloudFront's limits are to be what a viewer meets.
_MAX_HEAD_BYTES: Final = 65_536
_MARK: Final = "X-Amz-Cf-Id"


def let_edge_decide() -> None:
    """Let long requests in, and the edge's own Server header out."""
    HeaderPreservingHTTPChannel.totalHeadersSize = _MAX_HEAD_BYTES
    HeaderPreservingHTTPChannel.MAX_LENGTH = _MAX_HEAD_BYTES
    patch(HeaderPreservingWSGIResponse.startResponse)(_start_response)


# The signature is Twisted's.
def _start_response(original: Callable[..., Any], response: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    """Set the Server header of a distribution's answer: Twisted puts its own name there otherwise."""
    result = original(response, *args, **kwargs)
    headers = dict(response.headers)
    if _MARK in headers and "Server" in headers:
        response.request.responseHeaders.setRawHeaders(b"Server", [headers["Server"].encode("latin-1")])
    return result
