"""``runtime_client`` in pure Python, for platforms without a build of AWS's native module.

awslambdaric calls the Runtime API through a native module. This one has the same four functions. It runs within the
function's process and therefore imports no more than it needs.
"""

from __future__ import annotations

import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:  # never true at run time: importing `typing` would add 3 ms to each cold start
    from typing import Final

_VERSION: Final = "2018-06-01"
_CHUNK: Final = 1 << 16


class _Connection:
    """A keep-alive HTTP connection to the Runtime API."""

    def __init__(self, user_agent: str) -> None:
        self._host, _, self._port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
        self._user_agent = user_agent
        self._socket: socket.socket | None = None
        self._buffer = b""

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[dict[str, str], bytes]:
        """Send a request and return the response's headers and body.

        Raises:
            RuntimeError: if the response is an error.
        """
        if self._socket is None:
            self._socket = socket.create_connection((self._host, int(self._port or "80")))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"Host": f"{self._host}:{self._port}", "User-Agent": self._user_agent} | headers
        lines = [f"{method} /{_VERSION}/runtime/{path} HTTP/1.1"] + [
            f"{name}: {text}" for name, text in headers.items()
        ]
        self._socket.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        return self._receive()

    def _receive(self) -> tuple[dict[str, str], bytes]:
        while b"\r\n\r\n" not in self._buffer:
            self._read()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().title(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
        length = int(headers.get("Content-Length", "0"))
        while len(self._buffer) < length:
            self._read()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        if status.split()[1][0] != "2":
            raise RuntimeError(f"The Lambda Runtime API responded {status}: {body.decode(errors='replace')}")
        return headers, body

    def _read(self) -> None:
        chunk = self._socket.recv(_CHUNK) if self._socket else b""
        if not chunk:
            if self._socket:
                self._socket.close()
            raise RuntimeError("The Lambda Runtime API closed the connection")
        self._buffer += chunk


_state: dict[str, _Connection] = {}


def initialize_client(user_agent: str) -> None:
    """Set the client's user agent; the first request opens the connection."""
    _state["connection"] = _Connection(user_agent)


def next() -> tuple[bytes, dict[str, str]]:  # noqa: A001 - the native module's name
    """Wait for the next invocation and return its payload and headers."""
    headers, body = _state["connection"].call("GET", "invocation/next", {})
    return body, headers


def post_invocation_result(
    invoke_id: str, result_data: bytes, content_type: str, _invocation_id: str | None = None
) -> None:
    """Send the handler's response."""
    headers = {"Content-Type": content_type}
    _state["connection"].call("POST", f"invocation/{invoke_id}/response", headers, result_data)


def post_error(invoke_id: str, error: str, xray_fault: str, _invocation_id: str | None = None) -> None:
    """Send the handler's error."""
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-Error-Type": "Unhandled",
        "Lambda-Runtime-Function-XRay-Error-Cause": xray_fault.replace("\n", " ").encode("ascii", "replace").decode(),
    }
    _state["connection"].call("POST", f"invocation/{invoke_id}/error", headers, error.encode())
