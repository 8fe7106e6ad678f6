"""HTTP through API Gateway's proxy integration: requests in, responses out, errors as problem documents (RFC 9457)."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request.

    Attributes:
        method: In upper case.
        path: Without the stage.
        headers: By their names in lower case.
        query: The last value of each parameter.
        body: As it was sent.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @classmethod
    def from_event(cls, event: JsonObject) -> "Request":
        """Parse a proxy integration's event."""
        body = event.get("body") or ""
        return cls(
            method=event["httpMethod"],
            path=event["path"],
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            query=event.get("queryStringParameters") or {},
            body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(errors="surrogatepass"),
        )

    @property
    def media_type(self) -> str:
        """The body's media type without parameters, in lower case; empty if none is stated."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response.

    Attributes:
        status: The status code.
        content: Sent as JSON; None for an empty body.
        headers: In addition to Content-Type and Cache-Control.
        content_type: The body's media type.
    """

    status: HTTPStatus
    content: JsonObject | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def to_event(self) -> JsonObject:
        """Format the response as the proxy integration expects it."""
        headers = {"Cache-Control": "no-store", **self.headers}
        if self.content is None:
            return {"statusCode": int(self.status), "headers": headers, "body": ""}
        text = json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))
        # An unpaired surrogate that a client sent may be repeated here. UTF-8 cannot encode it; JSON escapes it.
        body = text.encode(errors="backslashreplace").decode()
        headers["Content-Type"] = self.content_type
        return {"statusCode": int(self.status), "headers": headers, "body": body, "isBase64Encoded": False}


def problem(
    status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> Response:
    """Make a problem document.

    Args:
        status: The status code, whose phrase becomes the title.
        detail: One sentence for a person.
        headers: Headers that the status requires.
        members: Further members of the document, for machines.
    """
    content = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **members}
    return Response(status=status, content=content, headers=headers or {}, content_type="application/problem+json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What handles a method on a path.

    Attributes:
        method: In upper case.
        path: A regular expression; its groups are passed to `handle` after the request.
        handle: Makes the response.
    """

    method: str
    path: str
    handle: Callable[..., Response]


class Api:
    """A few routes, with CORS headers for the pages that may call them. API Gateway itself answers preflight requests.

    Args:
        routes: What is handled.
        page_origins: The origins whose pages may read the responses.
    """

    def __init__(self, routes: Sequence[Route], *, page_origins: Sequence[str]) -> None:
        self._routes = routes
        self._page_origins = frozenset(page_origins)

    def handle(self, request: Request) -> Response:
        """Handle a request; exceptions propagate."""
        matches = [(route, match) for route in self._routes if (match := re.fullmatch(route.path, request.path))]
        if not matches:
            return problem(HTTPStatus.NOT_FOUND, "There is nothing at this path.")
        methods = ", ".join([*(route.method for route, _ in matches), "OPTIONS"])
        for route, match in matches:
            if route.method == request.method:
                return route.handle(request, *match.groups())
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"This path supports {methods}, not {request.method}.",
            headers={"Allow": methods},
        )

    def to_event(self, request: Request, response: Response) -> JsonObject:
        """Format a response, with the headers that let a page's script read it."""
        event = response.to_event()
        event["headers"]["Vary"] = "Origin"
        if (origin := request.headers.get("origin")) in self._page_origins:
            event["headers"]["Access-Control-Allow-Origin"] = origin
        return event
