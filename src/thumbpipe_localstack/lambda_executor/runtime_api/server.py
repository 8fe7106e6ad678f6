"""Lambda's Runtime API for one process, which gets invocations from it and reports their results.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import logging
import re
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any, Final, Protocol

from thumbpipe_localstack.lambda_executor.runtime_api import peers

_LOG: Final = logging.getLogger(__name__)
_NEXT: Final = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR: Final = "/2018-06-01/runtime/init/error"
_OUTCOME: Final = re.compile(r"/2018-06-01/runtime/invocation/(?P<request_id>[^/]+)/(?P<kind>response|error)")
_ACCEPTED: Final = b'{"status":"OK"}\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """An invocation of the handler.

    Attributes:
        request_id: Lambda's request id.
        function_arn: The invoked ARN, with its qualifier if there is one.
        payload: The event as JSON.
        trace_id: X-Ray trace header.
    """

    request_id: str
    function_arn: str
    payload: bytes
    trace_id: str


class RuntimeEvents(Protocol):
    """Callbacks for what the process reports, called in threads of the server."""

    def on_ready(self) -> None:
        """The process asks for an invocation: it is initialized."""

    def on_init_error(self, error: bytes) -> None:
        """The initialization failed; the error is Lambda's JSON object."""

    def on_outcome(self, request_id: str, payload: bytes, *, is_error: bool) -> None:
        """An invocation has its response, or its error as Lambda's JSON object."""


class RuntimeApi:
    """The server of one process, on its own loopback port. Connections wait until it serves.

    Only the process may connect: any user of the machine could reach a loopback port, take events and answer them.
    """

    def __init__(self, events: RuntimeEvents) -> None:
        self._waiting: SimpleQueue[tuple[Invocation, int] | None] = SimpleQueue()
        self._server = _Server(events, self._waiting.get)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def serve(self, pid: int) -> None:
        """Serve requests in a thread. Callbacks may be called before this returns.

        Args:
            pid: The process; only it and its children may connect.
        """
        self._server.pid = pid
        self._thread = threading.Thread(target=self._serve, name=f"lambda-api-{self.address}", daemon=True)
        self._thread.start()

    def send(self, invocation: Invocation, deadline_ms: int) -> None:
        """Queue an invocation for the process.

        Args:
            invocation: The event.
            deadline_ms: When the invocation times out, in milliseconds since the epoch.
        """
        self._waiting.put((invocation, deadline_ms))

    def close(self) -> None:
        """Stop serving; the connection of a process that still waits is closed."""
        if self._thread is None:
            self._server.server_close()
            return
        self._waiting.put(None)
        self._server.pid = None
        self._closing.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._server.server_port)):
            pass  # wakes the server, which waits for a connection

    def _serve(self) -> None:
        while not self._closing.is_set():
            self._server.handle_request()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, events: RuntimeEvents, wait: Callable[[], tuple[Invocation, int] | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events = events
        self.wait = wait
        self.pid: int | None = None

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401, ARG002 - socketserver's own
        """Accept connections of the process only. It keeps its connection open, so this is rarely looked up."""
        pid = self.pid
        if pid is None:  # closing: the connection only wakes the server
            return False
        if peers.is_held_by(pid, client_address[1], self.server_port):
            return True
        _LOG.warning("Refused connection to the Runtime API of process %d: not its own", pid)
        return False

    def handle_error(self, *_args: object) -> None:
        """Log no errors of connections: processes may be killed in the middle of a request."""
        if not isinstance(sys.exception(), OSError):
            _LOG.exception("The Runtime API failed")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body are sent in one packet

    def parse_request(self) -> bool:
        """Reject requests of web pages: browsers send their origin, or another host name."""
        if not super().parse_request():
            return False
        is_foreign = bool({"Origin", "Sec-Fetch-Site"} & set(self.headers))
        if is_foreign or self.headers.get("Host") != f"127.0.0.1:{self.server.server_port}":
            self.close_connection = True
            self._answer(HTTPStatus.FORBIDDEN, b"")
            return False
        return True

    def do_GET(self) -> None:
        """Serve ``invocation/next``, as soon as there is an invocation."""
        if self.path != _NEXT:
            self._answer(HTTPStatus.NOT_FOUND, b"")
            return
        self.server.events.on_ready()
        offered = self.server.wait()
        if offered is None:
            self.close_connection = True
            return
        invocation, deadline_ms = offered
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        self._answer(HTTPStatus.OK, invocation.payload, headers)

    def do_POST(self) -> None:
        """Receive a response or an error."""
        body = self._read_body()
        outcome = _OUTCOME.fullmatch(self.path)
        # Callbacks first: after the response the process may end, and its end must not be handled before its result.
        if outcome:
            self.server.events.on_outcome(outcome["request_id"], body, is_error=outcome["kind"] == "error")
        elif self.path == _INIT_ERROR:
            self.server.events.on_init_error(body)
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"")
            return
        self._answer(HTTPStatus.ACCEPTED, _ACCEPTED)

    def log_message(self, *_args: object) -> None:
        """Log no requests."""

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return self._read_chunks()
        return self._read_exactly(int(self.headers.get("Content-Length", "0")))

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self._read_line().split(b";")[0], 16):
            body += self._read_exactly(size)
            self._read_line()
        self._read_line()
        return body

    def _read_line(self) -> bytes:
        line = self.rfile.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("The process ended within a request")
        return line

    def _read_exactly(self, size: int) -> bytes:
        # A response that is truncated by the end of the process is invalid.
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionResetError("The process ended within a request")
        return data

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
