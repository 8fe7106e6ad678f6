"""HTTP byte for byte: requests that no client would send, and the complete responses."""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import HTTP
from typing import Final

WITHIN_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """A response.

    Attributes:
        line: The first line.
        headers: Names are matched without regard to case.
        body: Everything after the head.
    """

    line: str
    headers: "Message[str, str]"
    body: bytes

    @property
    def status(self) -> int:
        """The HTTP status; 0 where nothing, or no HTTP, came back."""
        parts = self.line.split(" ")
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0

    def named(self, prefix: str) -> list[str]:
        """The names of headers that begin so, in lower case."""
        return [name.lower() for name in self.headers if name.lower().startswith(prefix)]


def send(address: str, port: int, request: bytes, *, tls: bool = False, within_s: float = WITHIN_S) -> bytes:
    """Send bytes and return all that comes back until the other side closes.

    Raises:
        TimeoutError: It does not.
    """
    with socket.create_connection((address, port), timeout=within_s) as plain:
        connection = _unverified().wrap_socket(plain) if tls else plain
        with connection:
            connection.sendall(request)
            got = b""
            while part := connection.recv(100_000):
                got += part
            return got


def send_until_silent(port: int, request: bytes, *, silence_s: float) -> bytes:
    """Send bytes to a port of 127.0.0.1; return all that comes back until the other side closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
        connection.sendall(request)
        connection.settimeout(silence_s)
        got = b""
        with contextlib.suppress(TimeoutError):
            while part := connection.recv(100_000):
                got += part
    return got


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def parse(got: bytes) -> RawAnswer:
    """Parse a response; an interim one (100 Continue) is skipped."""
    head, _, body = got.partition(b"\r\n\r\n")
    line, _, headers = head.partition(b"\r\n")
    if line.startswith(b"HTTP/1.1 100 "):
        return parse(body)
    return RawAnswer(line=line.decode("latin-1"), headers=BytesHeaderParser(policy=HTTP).parsebytes(headers), body=body)


def ask_raw(port: int, request: bytes, *, tls: bool = False) -> RawAnswer:
    """Send bytes to a port of 127.0.0.1, and take apart what comes back."""
    return parse(send("127.0.0.1", port, request, tls=tls))
