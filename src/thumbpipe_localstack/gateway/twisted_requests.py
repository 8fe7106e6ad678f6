"""Requests that Twisted, or rolo on top of it, would answer with a bare error or not at all.

They are passed on to the gateway instead, marked as unreadable if they are; the requested host answers them.
"""

import functools
from collections.abc import Callable
from typing import Any, Final

import h11
from localstack.utils.patch import patch
from rolo.gateway import Gateway
from rolo.serving import twisted as rolo_twisted
from rolo.serving.twisted import TwistedGateway, TwistedRequestAdapter
from wsproto import ConnectionType, WSConnection
from wsproto.utilities import ProtocolError

from thumbpipe_localstack.gateway.guard import UNREADABLE_MARK
from thumbpipe_localstack.gateway.twisted_channel import make_channel

_LINE_BREAKS: Final = bytes.maketrans(b"\r\n", b"  ")


def make_site(gateway: Gateway) -> TwistedGateway:
    """Return the site that serves a gateway on Twisted's ports."""
    _mend_rolo()
    site = TwistedGateway(gateway)
    site.requestFactory = OpenRequest
    site.protocol = make_channel
    return site


class OpenRequest(TwistedRequestAdapter):  # type: ignore[misc] # rolo ships no types
    """A request that is passed on without further processing."""

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Leave the body alone: Twisted would parse forms, which WSGI does not need, and refuse malformed ones."""
        self.content.seek(0)  # its position is used as its length
        super().requestReceived(command, path, version)

    def process(self) -> None:
        """Treat an invalid WebSocket upgrade as a plain request, as servers without WebSockets do."""
        if self.getHeader(b"upgrade") and not _is_handshake(self):
            self.requestHeaders.removeHeader(b"upgrade")
        super().process()

    def _handleStar(self) -> None:  # noqa: N802 - Twisted's name
        """Pass requests about the server as a whole (``*``) to the gateway, too."""
        self.render(self.site.getResourceFor(self))


def _is_handshake(request: OpenRequest) -> bool:
    headers = [(name, value) for name, values in request.requestHeaders.getAllRawHeaders() for value in values]
    try:
        request.uri.decode()
        WSConnection(ConnectionType.SERVER).initiate_upgrade_connection(headers, request.path)
    except (ProtocolError, h11.ProtocolError, UnicodeDecodeError):
        return False
    return True


@functools.cache
def _mend_rolo() -> None:
    patch(rolo_twisted.update_wsgi_environment)(_update_environment)
    patch(rolo_twisted.WebSocketChannel.wsReject)(_reject_in_reactor)


def _reject_in_reactor(original: Callable[..., None], *arguments: object) -> None:
    """Answer in Twisted's own thread: rolo does so in a worker's, where the body may be lost."""
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it

    reactor.callFromThread(original, *arguments)


def _update_environment(original: Callable[..., None], environ: dict[str, Any], request: OpenRequest) -> None:
    try:
        original(environ, request)
    except ValueError:  # UnicodeDecodeError, or a malformed URL
        target = request.uri.decode("latin-1")
        address = request.getClientAddress()
        environ |= {
            UNREADABLE_MARK: True,
            "PATH_INFO": "/",
            "RAW_URI": target,
            "REQUEST_URI": target,
            "REMOTE_ADDR": address.host,
            "REMOTE_PORT": str(address.port),
        }
    # Twisted removes them from a header's first value only, and werkzeug fails on them.
    environ["rolo.headers"] = [(name, value.translate(_LINE_BREAKS)) for name, value in environ["rolo.headers"]]
