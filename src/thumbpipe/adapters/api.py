"""HTTP as API Gateway's REST proxy integration speaks it: requests in, answers out, problems as RFC 9457."""

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
    """One request.

    Args:
        method: In capitals.
        path: Without the stage.
        headers: Names in small letters.
        query: The last value of each parameter.
        body: The bytes that were sent.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @classmethod
    def from_event(cls, event: JsonObject) -> "Request":
        """Read a proxy integration's event."""
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
        """The body's content type without parameters, in small letters; empty where none is stated."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer; `content` is what becomes JSON, None for an empty body."""

    status: HTTPStatus
    content: JsonObject | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def to_event(self) -> JsonObject:
        """Write what the proxy integration expects."""
        headers = {"Cache-Control": "no-store", **self.headers}
        if self.content is None:
            return {"statusCode": int(self.status), "headers": headers, "body": ""}
        text = json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))
        # Half a character that a client sent may be repeated here. No UTF-8 can hold it; this writes it as JSON does.
        body = text.encode(errors="backslashreplace").decode()
        headers["Content-Type"] = self.content_type
        return {"statusCode": int(self.status), "headers": headers, "body": body, "isBase64Encoded": False}


def problem(status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> Answer:
    """Answer with a problem document.

    Args:
        status: The status, whose phrase becomes the title.
        detail: One sentence for a person.
        headers: What the status demands beside it.
        members: What a machine may want to know.
    """
    content = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **members}
    return Answer(status=status, content=content, headers=headers or {}, content_type="application/problem+json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What answers a method on a path.

    Args:
        method: In capitals.
        path: A pattern; its groups are handed to `answer` after the request.
        answer: Makes the answer.
    """

    method: str
    path: str
    answer: Callable[..., Answer]


class Api:
    """A few routes, with CORS headers for the pages that may call them. API Gateway answers preflights by itself.

    Args:
        routes: What is answered.
        page_origins: Whose pages may read the answers.
    """

    def __init__(self, routes: Sequence[Route], *, page_origins: Sequence[str]) -> None:
        self._routes = routes
        self._page_origins = frozenset(page_origins)

    def answer(self, request: Request) -> Answer:
        """Answer a request; whatever is raised inside flies."""
        matches = [(route, match) for route in self._routes if (match := re.fullmatch(route.path, request.path))]
        if not matches:
            return problem(HTTPStatus.NOT_FOUND, "There is nothing at this path.")
        methods = ", ".join([*(route.method for route, _ in matches), "OPTIONS"])
        for route, match in matches:
            if route.method == request.method:
                return route.answer(request, *match.groups())
        return problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            f"This path answers {methods}, not {request.method}.",
            headers={"Allow": methods},
        )

    def to_event(self, request: Request, answer: Answer) -> JsonObject:
        """Write the answer with the headers that let a page's script read it."""
        event = answer.to_event()
        event["headers"]["Vary"] = "Origin"
        if (origin := request.headers.get("origin")) in self._page_origins:
            event["headers"]["Access-Control-Allow-Origin"] = origin
        return event
