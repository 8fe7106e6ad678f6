"""Names under .localhost, which refer to this machine (RFC 6761); browsers resolve them, most resolvers do not.

`thumbpipe.cli.loopback` does the same for the command: the packages do not import one another.
"""

from typing import Any

import httpx


class LoopbackTransport(httpx.HTTPTransport):
    """Connects to 127.0.0.1 for any host name, and sends the name in the Host header."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        # A copy: the response's URL must stay the requested one.
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(sent)


def local_client(**options: Any) -> httpx.Client:  # noqa: ANN401 - passed on to httpx
    """Return a client for this machine, including names under .localhost, that ignores proxy settings."""
    return httpx.Client(mounts={"http://*.localhost": LoopbackTransport()}, trust_env=False, **options)
