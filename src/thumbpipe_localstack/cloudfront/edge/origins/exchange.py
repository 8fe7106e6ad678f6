"""What is sent to an origin, and what comes back."""

from dataclasses import dataclass

from werkzeug.datastructures import Headers


@dataclass(slots=True, kw_only=True)
class OriginRequest:
    """A request as it goes to an origin.

    Attributes:
        method: In upper case.
        path: Percent-encoded as the viewer sent it, the origin's own path before it.
        query: Without its question mark.
        headers: With Host.
        body: The whole of it.
        scheme: The viewer's, for origins that are asked as the viewer asked.
        client_ip: The viewer's address.
        distribution_arn: Who asks.
        account_id: Whose distribution it is.
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
        """The path and the query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(slots=True, kw_only=True)
class OriginResponse:
    """An origin's answer."""

    status: int
    headers: Headers
    body: bytes
