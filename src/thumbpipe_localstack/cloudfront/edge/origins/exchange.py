"""Requests to origins, and their responses."""

from dataclasses import dataclass

from werkzeug.datastructures import Headers


@dataclass(slots=True, kw_only=True)
class OriginRequest:
    """A request to an origin.

    Attributes:
        method: In upper case.
        path: The origin's path, and the viewer's as it was sent, percent-encoded.
        query: Without the question mark.
        headers: Including Host.
        body: The complete body.
        scheme: The viewer's, for origins that match the viewer's protocol.
        client_ip: The viewer's address.
        distribution_arn: The distribution that sends it.
        account_id: The distribution's account.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    scheme: str
    client_ip: str
    distribution_arn: str
    account_id: str

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True, kw_only=True)
class OriginResponse:
    """An origin's response."""

    status: int
    headers: Headers
    body: bytes
