"""A request as received: the signature covers that, and not what LocalStack turns it into."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote_plus, urlsplit


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request as received, before any changes.

    Attributes:
        method: The HTTP method.
        path: The path as sent, with its percent-encoding.
        query: The query string as sent, without its question mark.
        headers: All values of each header, by its name in lower case, decoded as Latin-1.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, tuple[str, ...]]

    @classmethod
    def create(cls, method: str, target: str, headers: Iterable[tuple[str, str]]) -> "Received":
        """Read a request line's target, which may name the host as well (``GET http://host/path``)."""
        if not target.startswith("/"):
            parts = urlsplit(target)
            target = target.removeprefix(f"{parts.scheme}://{parts.netloc}") if parts.netloc else target
        path, _, query = target.partition("?")
        found: dict[str, tuple[str, ...]] = {}
        for name, value in headers:
            found[name.lower()] = (*found.get(name.lower(), ()), value)
        return cls(method=method, path=path or "/", query=query, headers=found)

    def header(self, name: str) -> str | None:
        """Return a header's value; several values are joined with commas."""
        values = self.headers.get(name)
        return None if values is None else ",".join(values)

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """The query parameters, with all their values, decoded."""
        found: dict[str, tuple[str, ...]] = {}
        for pair in filter(None, self.query.split("&")):
            name, _, value = pair.partition("=")
            key = unquote_plus(name)
            found[key] = (*found.get(key, ()), unquote_plus(value))
        return found

    def parameter(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        values = self.parameters.get(name)
        return values[0] if values else None
