"""The host check in front of a gateway: only requests for one of the engine's own hosts pass.

The check runs before the chain of handlers, so no handler sees a request first. LocalStack's calls to itself within its
process start at the chain and are not checked.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from thumbpipe_localstack.gateway.hosts import UNREADABLE, Refusal, is_ambiguous, parse_authority, refusal_of
from thumbpipe_localstack.gateway.names import is_own, is_served_apart

LOG: Final = logging.getLogger(__name__)

_HEADERS: Final = {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
UNREADABLE_MARK: Final = "thumbpipe_localstack.unreadable"
"""Key in the WSGI environment of a request whose target is not text, or is a malformed absolute URL."""

_WHOLE_SERVER: Final = "*"
_LOGGED: Final = 100  # characters of a host that are logged

# LocalStack ships no types: its gateways, requests and responses are `Any` here.
_Process = Callable[[Any, Any], None]
_Refuse = Callable[[Refusal, Any, Any], None]


def refuse(refusal: Refusal, _request: Any, response: Any) -> None:  # noqa: ANN401 - LocalStack carries no types
    """Answer with the reason for the refusal, and without CORS headers: no page may read it."""
    response.status_code = refusal.status
    response.headers.clear()
    response.headers.update(_HEADERS)
    response.data = refusal.reason.encode()


def guard(gateway: Any, *, refuse: _Refuse = refuse, reads_all: Callable[[str], bool] = is_served_apart) -> None:  # noqa: ANN401
    """Make a gateway refuse external requests that are malformed or for another host.

    Args:
        gateway: The gateway; its method for external requests is replaced.
        refuse: Builds the response to a refused request.
        reads_all: Whether the gateway itself answers malformed requests for a host.
    """
    process: _Process = gateway.process

    def process_own(request: Any, response: Any) -> None:  # noqa: ANN401
        hosts, target = request.headers.getlist("Host"), str(request.environ.get("RAW_URI") or request.full_path)
        refusal = refusal_of(hosts, target, is_own)
        if refusal is not None:
            LOG.info("Refused request for unknown host %s", ", ".join(repr(each[:_LOGGED]) for each in hosts[:2]))
            refuse(refusal, request, response)
        elif reads_all(parse_authority(hosts[0]).host):  # type: ignore[union-attr] # None would have been refused
            process(request, response)
        elif UNREADABLE_MARK in request.environ or is_ambiguous(hosts, target):
            refuse(UNREADABLE, request, response)
        elif target == _WHOLE_SERVER:
            _answer_for_server(request, response)
        else:
            process(request, response)

    gateway.process = process_own


def _answer_for_server(request: Any, response: Any) -> None:  # noqa: ANN401
    """Answer a request about the server as a whole (``*``) as Twisted does: it concerns no service."""
    if request.method != "OPTIONS":
        response.status_code = HTTPStatus.METHOD_NOT_ALLOWED
        response.headers["Allow"] = "OPTIONS"
