"""A request during evaluation: its parts, extracted on first use, and its labels."""

from functools import cached_property
from typing import Final

from thumbpipe_localstack.wafv2.judging.web_request import WebRequest

# The values of a part, or the result of the statement where the part is not inspected.
Values = list[bytes] | bool

CONTENT_LIMIT: Final = 8_192  # bytes of all headers, and of all cookies
COUNT_LIMIT: Final = 200

_AS_SENT: Final = (("latin-1", "strict"), ("utf-8", "surrogateescape"))


def to_bytes(text: str) -> bytes:
    """Return the bytes of a part of a request as they were sent."""
    for encoding, errors in _AS_SENT:
        try:
            return text.encode(encoding, errors)
        except UnicodeEncodeError:
            continue
    return to_utf8(text)


def to_utf8(text: str) -> bytes:
    """Return the bytes of a text from JSON, a rule's or a body's, which may hold half of a surrogate pair."""
    return text.encode(errors="surrogatepass")


def split_pairs(text: bytes, separator: bytes) -> list[tuple[bytes, bytes]]:
    """Split `a=1&b=2` into pairs."""
    pairs = (each.partition(b"=") for each in text.split(separator) if each)
    return [(name, value) for name, _, value in pairs]


class Inspected:
    """A request with its extracted parts."""

    def __init__(self, request: WebRequest) -> None:
        self.request = request
        self.values: dict[str, Values] = {}
        self.labels: dict[str, None] = {}  # an ordered set

    @cached_property
    def path(self) -> bytes:
        """The path as it was sent."""
        return to_bytes(self.request.uri_path)

    @cached_property
    def query(self) -> bytes:
        """The query string as it was sent."""
        return to_bytes(self.request.query_string)

    @cached_property
    def arguments(self) -> list[tuple[bytes, bytes]]:
        """The query's names and values, percent-encoded."""
        return split_pairs(self.query, b"&")

    @cached_property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Names, in lower case, and values."""
        return [(to_bytes(name).lower(), to_bytes(value)) for name, value in self.request.headers]

    @cached_property
    def header_values(self) -> dict[bytes, list[bytes]]:
        """The values of each header."""
        found: dict[bytes, list[bytes]] = {}
        for name, value in self.headers:
            found.setdefault(name, []).append(value)
        return found

    @cached_property
    def cookies(self) -> list[tuple[bytes, bytes]]:
        """Names and values of all cookies."""
        lines = self.header_values.get(b"cookie", [])
        return [(name.strip(), value.strip()) for line in lines for name, value in split_pairs(line, b";")]
