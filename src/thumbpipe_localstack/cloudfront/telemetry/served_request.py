"""A served request, with the values that logs and metrics need."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
    from werkzeug.datastructures import Headers

    from thumbpipe_localstack.cloudfront.store import Distribution

_LINE_OVERHEAD: Final = 4  # the colon, the space and the end of a header's line
_FRAME: Final = 4  # the end of the first line, and the empty line
_STATUS_LINE: Final = len("HTTP/1.1 200 OK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its response, without bodies.

    Attributes:
        received_body: The size of the request's body.
        sent_body: The size of the response's body.
        started: Seconds since the epoch.
        ended: Seconds since the epoch.
        result: CloudFront's result type.
    """

    distribution: "Distribution"
    method: str
    scheme: str
    authority: str
    path: str
    query: str
    headers: "Headers"
    client_ip: str
    http_version: str
    request_id: str
    status: int
    answer_headers: "Headers"
    received_body: int
    sent_body: int
    started: float
    ended: float
    result: str

    @property
    def received_bytes(self) -> int:
        """The size of the complete request."""
        target = len(self.path) + (len(self.query) + 1 if self.query else 0)
        line = len(self.method) + target + len(self.http_version) + 2
        return line + _size_of(self.headers) + _FRAME + self.received_body

    @property
    def sent_bytes(self) -> int:
        """The size of the complete response."""
        return _STATUS_LINE + _size_of(self.answer_headers) + _FRAME + self.sent_body


def _size_of(headers: "Headers") -> int:
    return sum(len(name) + len(value) + _LINE_OVERHEAD for name, value in headers)
