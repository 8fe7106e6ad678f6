"""Names under .localhost, which are this machine (RFC 6761): browsers know that, most resolvers do not."""

from collections.abc import Mapping
from typing import Final

import httpx


class LoopbackTransport(httpx.HTTPTransport):
    """Connects to 127.0.0.1 whatever the host's name is; the Host header keeps the name."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        # A copy, so that the response keeps the URL that was requested.
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(sent)


def mounts() -> Mapping[str, httpx.BaseTransport]:
    """For `httpx.Client(mounts=…)`."""
    return {"http://*.localhost": LoopbackTransport()}


LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(url: str) -> bool:
    """Say whether a URL points to this machine, which a proxy cannot reach."""
    host = httpx.URL(url).host
    return host in LOOPBACK or host.endswith(".localhost")
