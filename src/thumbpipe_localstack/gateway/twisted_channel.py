"""Connections on which something arrives that is no request: Twisted's answer to it has neither headers nor words.

A distribution has another: whoever serves distributions says so by `answer_unparsed_by`.
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
    """Something that is no request.

    Attributes:
        site: That of the port at which it arrived.
        head: Its first lines, as far as they came, with line feeds between them.
        client_ip: Who sent it.
    """

    site: Any
    head: bytes
    client_ip: str


Responder = Callable[[Unparsed], bytes | None]
"""Returns the whole answer, or None to leave it to Twisted. It is called in a thread of its own."""

_TWISTEDS: Final = b"HTTP/1.1 400 Bad Request\r\n\r\n"
_SILENCE: Final = b""
_BARE_END: Final = b"\n\n"
_HEAD_END: Final = re.compile(rb"[^\r\n]\r?\n\r?\n")
_REST_WITHIN_S: Final = 1.0  # so long is the rest of a head waited for that has not said yet for whom it is
_LONGEST_HEAD: Final = 1 << 20
_LINGER_S: Final = 2.0  # until a sender has to have noticed that the other side writes no more
_responder: Responder | None = None

# Neither Twisted nor rolo ships types that would be known here: their objects are `Any`.


def answer_unparsed_by(responder: Responder) -> None:
    """Have what is no request answered by somebody, from now on."""
    global _responder  # noqa: PLW0603 - one for the whole process
    _responder = responder


def make_channel() -> Any:  # noqa: ANN401 - LocalStack carries no types
    """Make what reads a connection."""
    return _GenericHTTPChannelProtocol(Channel())


class Channel(HeaderPreservingHTTPChannel):  # type: ignore[misc] # rolo ships no types
    """A connection that remembers the head of the request it is reading."""

    def __init__(self) -> None:
        super().__init__()
        self._head: list[bytes] = []
        self.is_lost = False

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        """Know that there is nobody left to answer."""
        self.is_lost = True
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Read on; what ends its head by line feeds alone would be waited for without end."""
        super().dataReceived(data)
        if _responder is not None and self.line_mode and not self._busyReceiving and _BARE_END in self._buffer:
            self._respondToBadRequestAndDisconnect()

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Remember a line of a head, and read it."""
        if not self._receivedHeaderSize:
            self._head.clear()
        self._head.append(line)
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Answer what is too long, if it is somebody's; Twisted hangs up."""
        self._buffer = line
        self._refuse(otherwise=_SILENCE)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 - Twisted's name
        self._refuse(otherwise=_TWISTEDS)

    def _refuse(self, otherwise: bytes) -> None:
        head = b"\n".join([*self._head, self._buffer])
        self._buffer = b""
        self.dataReceived = _LastAnswer(self, head, otherwise).take  # type: ignore[method-assign]


class _LastAnswer:
    """What a connection ends with: it takes what still comes, answers, and closes."""

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
        """Take what comes after: the rest of the head, as far as it may tell for whom it is."""
        if not self._is_whole():
            self._head += data
            if self._waiting is not None and self._waiting.active() and self._is_whole():
                self._waiting.reset(0)

    def _is_whole(self) -> bool:
        return len(self._head) > _LONGEST_HEAD or _HEAD_END.search(self._head) is not None

    def _ask(self, responder: Responder, *, again: bool = True) -> None:
        """Ask who answers; a head that was not whole yet is asked about once more."""
        client_ip = self._channel.getPeer().host
        unparsed = Unparsed(site=self._channel.site, head=self._head, client_ip=client_ip)
        deferToThread(responder, unparsed).addBoth(self._answer, responder, again=again and not self._is_whole())

    def _answer(self, answer: bytes | Failure | None, responder: Responder, *, again: bool) -> None:
        if isinstance(answer, Failure):
            LOG.error("what is no request was not answered: %s", answer.getTraceback())
        elif answer is None and again:
            wait = 0 if self._is_whole() else _REST_WITHIN_S
            self._waiting = reactor.callLater(wait, self._ask, responder, again=False)
            return
        self._end(answer if isinstance(answer, bytes) else self._otherwise)

    def _end(self, last_words: bytes) -> None:
        """Write, and close once the other side has: it may still be sending, and would lose what it was told."""
        if self._channel.is_lost:
            return
        self._channel.transport.write(last_words)
        if self._channel.isSecure():
            self._channel.loseConnection()
        else:
            self._channel.transport.loseWriteConnection()
            self._channel.callLater(_LINGER_S, self._channel.loseConnection)
