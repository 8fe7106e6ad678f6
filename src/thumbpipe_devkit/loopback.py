"""Names under .localhost, which mean this machine (RFC 6761): a browser knows that, most resolvers do not.

The command has the same in `thumbpipe.cli.loopback`: the packages do not import one another.
"""

from typing import Any

import httpx


class LoopbackTransport(httpx.HTTPTransport):
    """Connects to 127.0.0.1 for any host name, and sends the name in the Host header."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        # A copy: the URL that an answer belongs to stays the one that was asked for.
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(sent)


def local_client(**options: Any) -> httpx.Client:  # noqa: ANN401 - handed on to httpx
    """A client for this machine's addresses, names under .localhost among them; no proxy is asked."""
    return httpx.Client(mounts={"http://*.localhost": LoopbackTransport()}, trust_env=False, **options)
