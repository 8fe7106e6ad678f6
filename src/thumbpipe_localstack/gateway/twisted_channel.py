"""Connections that receive a malformed request, which Twisted answers without headers or a body.

Distributions answer differently: their server registers its answer with `answer_unparsed_by`.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rolo.serving.twisted import HeaderPreservingHTTPChannel
from twisted.internet import reactor
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.web.http import _GenericHTTPChannelProtocol

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """A request that cannot be parsed.

    Attributes:
        site: The site of the port at which it arrived.
        head: Its first lines, as far as received, joined with line feeds.
        client_ip: The client's IP address.
    """

    site: Any
    head: bytes
    client_ip: str


Responder = Callable[[Unparsed], bytes | None]
"""Returns the complete response, or None to leave it to Twisted. It is called in a worker thread."""

_TWISTEDS: Final = b"HTTP/1.1 400 Bad Request\r\n\r\n"
_SILENCE: Final = b""
_BARE_END: Final = b"\n\n"
_HEAD_END: Final = re.compile(rb"[^\r\n]\r?\n\r?\n")
_REST_WITHIN_S: Final = 1.0  # how long to wait for the rest of a head whose host is not known yet
_LONGEST_HEAD: Final = 1 << 20
_LINGER_S: Final = 2.0  # how long a sender has to notice that the other side has finished writing
_responder: Responder | None = None

# Neither Twisted nor rolo ships usable types: their objects are `Any`.


def answer_unparsed_by(responder: Responder) -> None:
    """Register the function that answers malformed requests from now on."""
    global _responder  # noqa: PLW0603 - one per process
    _responder = responder


def make_channel() -> Any:  # noqa: ANN401 - LocalStack carries no types
    """Return the class that reads a connection."""
    return _GenericHTTPChannelProtocol(Channel())


class Channel(HeaderPreservingHTTPChannel):  # type: ignore[misc] # rolo ships no types
    """A connection that remembers the head of the request that it is reading."""

    def __init__(self) -> None:
        super().__init__()
        self._head: list[bytes] = []
        self.is_lost = False

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        """Note that the client has disconnected."""
        self.is_lost = True
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Receive data; a head that ends with bare line feeds would otherwise never be complete."""
        super().dataReceived(data)
        if _responder is not None and self.line_mode and not self._busyReceiving and _BARE_END in self._buffer:
            self._respondToBadRequestAndDisconnect()

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Remember a line of the head, and process it."""
        if not self._receivedHeaderSize:
            self._head.clear()
        self._head.append(line)
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Answer a line that is too long, if the host is known; Twisted closes the connection."""
        self._buffer = line
        self._refuse(otherwise=_SILENCE)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 - Twisted's name
        self._refuse(otherwise=_TWISTEDS)

    def _refuse(self, otherwise: bytes) -> None:
        head = b"\n".join([*self._head, self._buffer])
        self._buffer = b""
        self.dataReceived = _LastAnswer(self, head, otherwise).take  # type: ignore[method-assign]


class _LastAnswer:
    """The last step of a connection: discard further data, answer, and close."""

    def __init__(self, channel: Channel, head: bytes, otherwise: bytes) -> None:
        self._channel = channel
        self._head = head
        self._otherwise = otherwise
        self._waiting: Any = None
        if _responder is None:
            self._end(otherwise)
        else:
            self._ask(_responder)

    def take(self, data: bytes) -> None:
        """Receive the rest of the head, as far as it may name the host."""
        if not self._is_whole():
            self._head += data
            if self._waiting is not None and self._waiting.active() and self._is_whole():
                self._waiting.reset(0)

    def _is_whole(self) -> bool:
        return len(self._head) > _LONGEST_HEAD or _HEAD_END.search(self._head) is not None

    def _ask(self, responder: Responder, *, again: bool = True) -> None:
        """Request an answer; an incomplete head is tried again later."""
        client_ip = self._channel.getPeer().host
        unparsed = Unparsed(site=self._channel.site, head=self._head, client_ip=client_ip)
        deferToThread(responder, unparsed).addBoth(self._answer, responder, again=again and not self._is_whole())

    def _answer(self, answer: bytes | Failure | None, responder: Responder, *, again: bool) -> None:
        if isinstance(answer, Failure):
            LOG.error("Could not answer malformed request: %s", answer.getTraceback())
        elif answer is None and again:
            wait = 0 if self._is_whole() else _REST_WITHIN_S
            self._waiting = reactor.callLater(wait, self._ask, responder, again=False)
            return
        self._end(answer if isinstance(answer, bytes) else self._otherwise)

    def _end(self, last_words: bytes) -> None:
        """Write, and close once the client has: closing while it still sends would lose the response."""
        if self._channel.is_lost:
            return
        self._channel.transport.write(last_words)
        if self._channel.isSecure():
            self._channel.loseConnection()
        else:
            self._channel.transport.loseWriteConnection()
            self._channel.callLater(_LINGER_S, self._channel.loseConnection)
