"""LocalStack's calls to itself, which use HTTP like any client's: each carries a single-use ticket.

LocalStack recognises its own calls by a header that anyone can send and a secret key that is the same everywhere.
"""

import secrets
import sys
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from localstack import constants
from localstack.aws import connect
from localstack.utils.patch import patch

from thumbpipe_localstack.signatures.tickets import Tickets

TICKET_HEADER: Final = "x-localstack-ticket"

NOBODYS_HEADERS: Final = (TICKET_HEADER, "x-moto-account-id")
"""Headers that no client may send; LocalStack itself adds the second when it has identified the caller."""

_NAME: Final = "INTERNAL_AWS_SECRET_ACCESS_KEY"


@cache
def internal_secret() -> str:
    """Return the secret with which LocalStack signs in this run."""
    return secrets.token_urlsafe(32)


TICKETS: Final = Tickets()


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _as_text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


def _issue(request: Any, **_event: object) -> None:  # noqa: ANN401 - botocore ships no types
    authorization = _as_text(request.headers.get("Authorization"))
    request.headers[TICKET_HEADER] = TICKETS.issue(request.method, _target(request.url), authorization)


def use_tickets() -> None:
    """Make each of LocalStack's internal clients send a ticket."""

    @patch(connect.InternalClientFactory._get_client_post_hook)  # type: ignore[untyped-decorator] # noqa: SLF001 - there is no public name
    def post_hook(original: Any, factory: Any, client: Any) -> Any:  # noqa: ANN401
        client.meta.events.register_first("before-send.*.*", _issue)
        return original(factory, client)


def replace_secret() -> None:
    """Replace LocalStack's fixed secret with this run's, in modules loaded now and later."""
    known = constants.INTERNAL_AWS_SECRET_ACCESS_KEY
    for name, module in list(sys.modules.items()):
        if name.startswith("localstack.") and getattr(module, _NAME, None) == known:
            setattr(module, _NAME, internal_secret())
