"""API Gateway's AWS integrations, which call LocalStack over plain HTTP with a made-up signature."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import requests

from thumbpipe_localstack.signatures.internal import TICKET_HEADER, TICKETS


def use_tickets() -> None:
    """Add a ticket to the integrations' requests, too."""
    # Imported here: API Gateway takes a while to load.
    from localstack.services.apigateway.next_gen.execute_api.integrations import aws  # noqa: PLC0415

    aws.requests = SimpleNamespace(request=partial(requests.request, auth=_add_ticket))


def _add_ticket(request: Any) -> Any:  # noqa: ANN401 - requests ships no types
    authorization = request.headers.get("Authorization") or ""
    authorization = authorization.decode("latin-1") if isinstance(authorization, bytes) else authorization
    request.headers[TICKET_HEADER] = TICKETS.issue(request.method, request.path_url, authorization)
    return request
