"""Single-use tickets by which this process recognises requests that it sent to itself."""

import secrets
import threading
from typing import Final
from urllib.parse import unquote

_MOST: Final = 10_000  # concurrent requests; beyond that, the oldest ticket is dropped: its request never arrived


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
        """Return whether a ticket was issued for this request, and use it up."""
        with self._lock:
            issued = self._issued.pop(ticket, None)
        return issued == (method, _plain(target), authorization)


def _plain(target: str) -> str:
    """Return a target, decoded: clients and servers may percent-encode it differently."""
    return unquote(target)
