"""TestFunction: runs a function with the caller's event."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.js.engine import Run, execute
from thumbpipe_localstack.cloudfront.js.events import Field, show_request, show_response
from thumbpipe_localstack.cloudfront.js.returned_fields import InvalidValueError, read_fields, require_object
from thumbpipe_localstack.cloudfront.js.returned_request import read_result
from thumbpipe_localstack.cloudfront.js.returned_response import read_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """The result of TestFunction.

    Attributes:
        output: JSON of `{"request": …}` or `{"response": …}`; empty if the function failed.
        logs: What the function logged.
        utilization: Share of the time that a function may take, in percent.
        error: Why the function failed, or None.
    """

    output: str
    logs: tuple[str, ...]
    utilization: int
    error: str | None


def test_function(code: bytes, runtime: str, event_json: str) -> TestResult:
    """Run a function's code, and validate what it returns, as CloudFront would.

    Args:
        code: The function's source.
        runtime: `cloudfront-js-1.0` or `cloudfront-js-2.0`.
        event_json: The event, in which the ids of a distribution and a request may be missing.

    Raises:
        ValueError: The event is malformed.
    """
    event = _read_event(event_json)
    run = execute(code, runtime, json.dumps(event))
    failure, output = run.error, ""
    if failure is None:
        try:
            output = _check(run, event)
        except InvalidValueError as error:
            failure = f"The CloudFront function returned an invalid value: {error}."
    return TestResult(output=output, logs=run.logs, utilization=run.utilization, error=failure)


def _read_event(event_json: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(event_json)
    is_event = isinstance(event, dict) and isinstance(event.get("request"), dict)
    if not is_event or not isinstance(event.get("response", {}), dict):
        message = "the event has no viewer request"
        raise ValueError(message)
    return event


def _check(run: Run, event: Mapping[str, Any]) -> str:
    require_object(run.value, "the returned value")
    if "response" in event:
        response = _response_of(event["response"])
        read_response(run.value, show_response(response), response)
        return json.dumps({"response": run.value})
    request = _request_of(event["request"])
    result = read_result(run.value, show_request(request), request)
    return json.dumps({"response" if isinstance(result, EdgeResponse) else "request": run.value})


def _pairs(fields: object, where: str) -> list[tuple[str, Field]]:
    return [(name, item) for name, items in read_fields(fields, {}, where).items() for item in items]


def _request_of(shown: Mapping[str, Any]) -> ViewerRequest:
    """Return the request of an event."""
    headers = Headers([(name, item["value"]) for name, item in _pairs(shown.get("headers"), "request.headers")])
    cookies = _pairs(shown.get("cookies"), "request.cookies")
    if cookies:
        headers.add("Cookie", "; ".join(f"{name}={item['value']}" for name, item in cookies))
    query = _pairs(shown.get("querystring"), "request.querystring")
    host = headers.get("host", "")
    return ViewerRequest(
        method=str(shown.get("method", "GET")),
        scheme="https",
        host=host,
        path=str(shown.get("uri", "/")),
        query="&".join(f"{name}={item['value']}" for name, item in query),
        headers=headers,
        body=b"",
        client_ip="127.0.0.1",
        http_version="HTTP/1.1",
        received_at=0.0,
        request_id="",
        authority=host,
    )


def _response_of(shown: Mapping[str, Any]) -> EdgeResponse:
    """Return the response of an event."""
    headers = Headers([(name, item["value"]) for name, item in _pairs(shown.get("headers"), "response.headers")])
    for name, item in _pairs(shown.get("cookies"), "response.cookies"):
        attributes = f"; {item['attributes']}" if "attributes" in item else ""
        headers.add("Set-Cookie", f"{name}={item['value']}{attributes}")
    return EdgeResponse(status=200, headers=headers)
