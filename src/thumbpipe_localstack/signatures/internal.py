"""LocalStack's calls to itself, which go by HTTP like everybody's: each carries a ticket that is good for it alone.

LocalStack knows its own calls by a header that anybody can send, and by a secret key that is the same everywhere.
"""

import secrets
import sys
import threading
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from localstack import constants
from localstack.aws import connect
from localstack.utils.patch import patch

TICKET_HEADER = "x-localstack-ticket"

INTERNAL_HEADERS = (connect.INTERNAL_REQUEST_PARAMS_HEADER, TICKET_HEADER, "x-moto-account-id")
"""What LocalStack, and nobody else, may say of a request."""

_MOST = 10_000  # requests at a time; beyond it, the oldest ticket is of a request that never arrived
_NAME = "INTERNAL_AWS_SECRET_ACCESS_KEY"


@cache
def internal_secret() -> str:
    """Return the secret with which LocalStack signs in this run."""
    return secrets.token_urlsafe(32)


class Tickets:
    """Tickets for requests that this process is about to send to itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issued: dict[str, tuple[str, ...]] = {}

    def issue(self, method: str, target: str, authorization: str) -> str:
        """Return a ticket for one request.

        Args:
            method: The HTTP method.
            target: Path and query.
            authorization: The Authorization header, or an empty text.
        """
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            if len(self._issued) >= _MOST:
                self._issued.pop(next(iter(self._issued)))
            self._issued[ticket] = (method, _plain(target), authorization)
        return ticket

    def redeem(self, ticket: str, method: str, target: str, authorization: str) -> bool:
        """Tell whether a ticket was issued for this request; it is good once."""
        with self._lock:
            issued = self._issued.pop(ticket, None)
        return issued == (method, _plain(target), authorization)


def _plain(target: str) -> str:
    """Return a target without the encoding that clients and servers may write in another way."""
    return unquote(target)


TICKETS = Tickets()


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _as_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


def _issue(request: Any, **_event: object) -> None:  # noqa: ANN401 - botocore ships no types
    authorization = _as_text(request.headers.get("Authorization"))
    request.headers[TICKET_HEADER] = TICKETS.issue(request.method, _target(request.url), authorization)


def use_tickets() -> None:
    """Have each of LocalStack's own clients send a ticket along."""

    @patch(connect.InternalClientFactory._get_client_post_hook)  # type: ignore[untyped-decorator] # noqa: SLF001
    def post_hook(original: Any, factory: Any, client: Any) -> Any:  # noqa: ANN401
        client.meta.events.register_first("before-send.*.*", _issue)
        return original(factory, client)


def replace_secret() -> None:
    """Put this run's secret wherever LocalStack has its own, in what is loaded and in what will be."""
    known = constants.INTERNAL_AWS_SECRET_ACCESS_KEY
    for name, module in list(sys.modules.items()):
        if name.startswith("localstack.") and getattr(module, _NAME, None) == known:
            setattr(module, _NAME, internal_secret())
