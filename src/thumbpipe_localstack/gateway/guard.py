"""What stands before a gateway: requests that bear a name of the engine's own go on, all others are refused.

It is before the chain of handlers and not in it: nothing has looked at a request before, whoever puts handlers first.
LocalStack's calls to itself within its process begin with the chain, and do not come by here.
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
"""In a request's environment: its target is no text, or no URL where it begins like one."""

_WHOLE_SERVER: Final = "*"
_LOGGED: Final = 100  # characters of a host

# LocalStack ships no types: its gateways, requests and responses are `Any` here.
_Process = Callable[[Any, Any], None]
_Refuse = Callable[[Refusal, Any, Any], None]


def refuse(refusal: Refusal, _request: Any, response: Any) -> None:  # noqa: ANN401 - LocalStack carries no types
    """Answer why a request is refused, in a few words, and with leave for no page to read them."""
    response.status_code = refusal.status
    response.headers.clear()
    response.headers.update(_HEADERS)
    response.data = refusal.reason.encode()


def guard(gateway: Any, *, refuse: _Refuse = refuse, reads_all: Callable[[str], bool] = is_served_apart) -> None:  # noqa: ANN401
    """Have a gateway refuse what comes from outside and bears another's name, or cannot be read.

    Args:
        gateway: Whose method for requests from outside is replaced.
        refuse: Answers what is refused.
        reads_all: Tells of a host whether the gateway itself answers for it what cannot be read.
    """
    process: _Process = gateway.process

    def process_own(request: Any, response: Any) -> None:  # noqa: ANN401
        hosts, target = request.headers.getlist("Host"), str(request.environ.get("RAW_URI") or request.full_path)
        refusal = refusal_of(hosts, target, is_own)
        if refusal is not None:
            LOG.info("refused a request for the host %s", ", ".join(repr(each[:_LOGGED]) for each in hosts[:2]))
            refuse(refusal, request, response)
        elif reads_all(parse_authority(hosts[0]).host):  # type: ignore[union-attr] # it would have been refused
            process(request, response)
        elif UNREADABLE_MARK in request.environ or is_ambiguous(hosts, target):
            refuse(UNREADABLE, request, response)
        elif target == _WHOLE_SERVER:
            _answer_for_server(request, response)
        else:
            process(request, response)

    gateway.process = process_own


def _answer_for_server(request: Any, response: Any) -> None:  # noqa: ANN401
    """Answer a request for the server as a whole as Twisted does: it is about no service."""
    if request.method != "OPTIONS":
        response.status_code = HTTPStatus.METHOD_NOT_ALLOWED
        response.headers["Allow"] = "OPTIONS"
