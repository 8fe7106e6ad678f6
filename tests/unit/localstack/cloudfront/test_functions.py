"""CloudFront Functions without an engine: what a function sees, what it may change, and what it cannot reach."""

import dataclasses
import json
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.js import logs, trial
from thumbpipe_localstack.cloudfront.js.engine import RUNTIMES
from thumbpipe_localstack.cloudfront.js.invoke import run_viewer_request, run_viewer_response
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

FIRST: Final = RUNTIMES[0]
SECOND: Final = RUNTIMES[1]
DISTRIBUTION: Final[Any] = SimpleNamespace(id="E1", domain_name="e1.cloudfront.localhost", account_id="000000000000")
REQUEST: Final = ViewerRequest(
    method="GET",
    scheme="https",
    host="e1.cloudfront.localhost",
    path="/a%20b/c.html",
    query="size=1&size=2&q=%C3%A9&flag",
    headers=Headers(
        [
            ("Host", "e1.cloudfront.localhost:4566"),
            ("Accept", "text/html"),
            ("accept", "*/*"),
            ("User-Agent", "test"),
            ("Cookie", "id=1; id=2; theme=dark"),
            ("X-Amz-Cf-Id", "hidden"),
            ("Connection", "keep-alive"),
        ]
    ),
    body=b"",
    client_ip="192.0.2.7",
    http_version="HTTP/1.1",
    received_at=1.0,
    request_id="rid==",
    authority="e1.cloudfront.localhost:4566",
)


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What functions log; there is no CloudWatch here."""
    lines: list[str] = []
    monkeypatch.setattr(logs, "put", lambda line: lines.append(line.message))
    return lines


def function(code: str, runtime: str = SECOND) -> Any:  # noqa: ANN401 - the store, whose class it is, needs LocalStack
    return SimpleNamespace(id="f", live_code=code.encode(), live_config={"Runtime": runtime}, config={})


def ask(code: str, request: ViewerRequest = REQUEST, runtime: str = SECOND) -> ViewerRequest | EdgeResponse:
    return run_viewer_request(function(code, runtime), DISTRIBUTION, request)


def change(statements: str, request: ViewerRequest = REQUEST) -> ViewerRequest:
    """Return the request that a function makes of one by some statements about `r`."""
    changed = ask(f"function handler(event) {{ const r = event.request; {statements}; return r; }}", request)
    assert isinstance(changed, ViewerRequest), changed
    return changed


def answer(code: str, response: EdgeResponse | None = None, runtime: str = SECOND) -> EdgeResponse:
    if response is not None:
        return run_viewer_response(function(code, runtime), DISTRIBUTION, REQUEST, response)
    made = ask(code, runtime=runtime)
    assert isinstance(made, EdgeResponse), made
    return made


def stored(**headers: str) -> EdgeResponse:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return EdgeResponse(status=200, headers=Headers(named), body=b"stored", result="Hit")


# What a function sees.


def test_a_function_sees_the_request_as_cloudfront_shows_it() -> None:
    seen = answer("function handler(event) { return { statusCode: 200, body: JSON.stringify(event) }; }")

    assert json.loads(seen.body) == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "e1.cloudfront.localhost",
            "distributionId": "E1",
            "eventType": "viewer-request",
            "requestId": "rid==",
        },
        "viewer": {"ip": "192.0.2.7"},
        "request": {
            "method": "GET",
            "uri": "/a%20b/c.html",
            "querystring": {
                "size": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]},
                "q": {"value": "%C3%A9"},
                "flag": {"value": ""},
            },
            "headers": {
                "host": {"value": "e1.cloudfront.localhost:4566"},
                "accept": {"value": "text/html", "multiValue": [{"value": "text/html"}, {"value": "*/*"}]},
                "user-agent": {"value": "test"},
            },
            "cookies": {
                "id": {"value": "1", "multiValue": [{"value": "1"}, {"value": "2"}]},
                "theme": {"value": "dark"},
            },
        },
    }


def test_a_function_of_the_response_sees_both_but_no_body() -> None:
    code = "function handler(event) { const r = event.response; r.body = JSON.stringify(event); return r; }"
    response = stored(ETag='"e"', Set_Cookie="a=b; Path=/; Secure")

    seen = json.loads(answer(code, response).body)

    assert seen["context"]["eventType"] == "viewer-response"
    assert seen["request"]["uri"] == "/a%20b/c.html"
    assert seen["response"] == {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {"etag": {"value": '"e"'}},
        "cookies": {"a": {"value": "b", "attributes": "Path=/; Secure"}},
    }


# What it may change.


def test_an_untouched_request_stays_byte_for_byte_what_it_was() -> None:
    assert change("") == REQUEST


@given(
    st.lists(st.sampled_from(["a", "b", "%41", "é"]), max_size=4),
    st.lists(
        st.tuples(st.sampled_from(["X-One", "x-one", "Accept", "Via"]), st.text("ab ,;=", max_size=5)), max_size=5
    ),
)
def test_any_request_that_a_function_returns_unchanged_stays_unchanged(
    names: list[str], headers: Sequence[tuple[str, str]]
) -> None:
    asked = dataclasses.replace(
        REQUEST, query="&".join(f"{name}=&{name}" for name in names), headers=Headers(list(headers))
    )

    assert change("", asked) == asked


def test_uri_query_headers_and_cookies_can_be_changed() -> None:
    changed = change(
        "r.uri = '/index.html'; r.querystring = { a: { value: '1' }, b: { value: '2', multiValue: [{ value: '3' }, "
        "{ value: '4' }] } }; r.headers['x-new-one'] = { value: 'n' }; delete r.headers['user-agent']; "
        "delete r.cookies.id; r.cookies.more = { value: 'm' }"
    )

    assert changed.path == "/index.html"
    assert changed.query == "a=1&b=3&b=4"
    assert list(changed.headers) == [
        ("Host", "e1.cloudfront.localhost:4566"),
        ("Accept", "text/html"),
        ("accept", "*/*"),
        ("X-Amz-Cf-Id", "hidden"),
        ("Connection", "keep-alive"),
        ("X-New-One", "n"),
        ("Cookie", "theme=dark; more=m"),
    ]
    assert REQUEST.headers["User-Agent"] == "test", "the viewer's own request stays as it was"


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("r.headers.accept.value = 'x'", ["x", "*/*"]),
        ("r.headers.accept.multiValue[1].value = 'x'", ["text/html", "x"]),
        (
            "r.headers.accept.value = 'ignored'; r.headers.accept.multiValue.push({ value: 'x' })",
            ["text/html", "*/*", "x"],
        ),
        ("r.headers.accept = { value: 'x' }", ["x"]),
        ("delete r.headers.accept", []),
    ],
)
def test_a_changed_multi_value_takes_precedence_over_a_changed_value(statement: str, values: list[str]) -> None:
    assert change(statement).headers.getlist("Accept") == values


def test_a_function_can_answer_itself() -> None:
    made = answer(
        "function handler(event) { return { statusCode: 302, statusDescription: 'Found', "
        "headers: { location: { value: '/there' }, "
        "'x-two': { value: 'a', multiValue: [{ value: 'b' }, { value: 'c' }] } }, "
        "cookies: { s: { value: '1', attributes: 'Secure; HttpOnly' } }, "
        "body: { encoding: 'base64', data: 'AP8=' } }; }"
    )

    assert (made.status, made.body, made.result) == (302, b"\x00\xff", "FunctionGeneratedResponse")
    assert list(made.headers) == [
        ("Location", "/there"),
        ("X-Two", "b"),
        ("X-Two", "c"),
        ("Set-Cookie", "s=1; Secure; HttpOnly"),
    ]


def test_a_response_can_be_changed_and_keeps_its_body_unless_it_is_replaced() -> None:
    response = stored(ETag='"e"', Set_Cookie="a=b; Path=/", X_Cache="hidden")
    added = "function handler(event) { event.response.headers['x-new'] = { value: '1' }; return event.response; }"
    replaced = (
        "function handler(event) { const r = event.response; r.statusCode = 201; "
        "r.body = { encoding: 'text', data: 'é' }; r.cookies = {}; delete r.headers.etag; return r; }"
    )

    first, second = answer(added, response), answer(replaced, response)

    assert (first.status, first.body, first.result) == (200, b"stored", "Hit")
    assert list(first.headers) == [
        ("ETag", '"e"'),
        ("X-Cache", "hidden"),
        ("X-New", "1"),
        ("Set-Cookie", "a=b; Path=/"),
    ]
    assert (second.status, second.body) == (201, "é".encode())
    assert list(second.headers) == [("X-Cache", "hidden")]
    assert list(response.headers) == [("ETag", '"e"'), ("Set-Cookie", "a=b; Path=/"), ("X-Cache", "hidden")]


def test_a_response_function_does_not_run_for_errors() -> None:
    error = EdgeResponse(status=404, headers=Headers(), body=b"none", result="Error")

    assert answer("function handler() { throw new Error('ran'); }", error) is error


# What CloudFront does not take from it.


@pytest.mark.parametrize(
    "statement",
    [
        "r.headers.host.value = 'other'",
        "delete r.headers.host",
        "r.headers.via = { value: 'x' }",
        "r.headers['x-amz-cf-id'] = { value: 'x' }",
        "r.headers['x-edge-thing'] = { value: 'x' }",
        "r.headers['x-forwarded-proto'] = { value: 'http' }",
        "r.headers.connection = { value: 'close' }",
        "r.headers.cookie = { value: 'a=b' }",
        "r.headers['X-Upper'] = { value: 'x' }",
        "r.headers['x y'] = { value: 'x' }",
        "r.headers.x = { value: 'a\\r\\nb: c' }",
        "r.headers.x = { value: 7 }",
        "r.headers.x = 'text'",
        "r.headers.x = {}",
        "r.headers.x = { value: 'x', multiValue: [] }",
        "r.headers = []",
        "r.cookies.x = { value: 'a\\nb' }",
        "r.method = 'POST'",
        "delete r.method",
        "delete r.uri",
        "r.uri = 'relative'",
        "r.uri = '/a?b'",
        "r.uri = '/a b'",
        "r.uri = '/a#b'",
        "r.uri = '/' + 'x'.repeat(8200)",
        "r.querystring = { a: { value: 'b c' } }",
        "r.querystring = { 'a#': { value: '' } }",
    ],
)
def test_a_request_that_cloudfront_would_reject_is_a_validation_error(statement: str, logged: list[str]) -> None:
    refused = answer(f"function handler(event) {{ const r = event.request; {statement}; return r; }}")

    assert (refused.status, refused.result) == (502, "FunctionValidationError")
    assert b"The CloudFront function returned an invalid value: request." in refused.body
    assert any("ERROR: request." in line for line in logged)


@pytest.mark.parametrize(
    "returned",
    [
        "null",
        "undefined",
        "7",
        "'text'",
        "[]",
        "{ statusCode: '200' }",
        "{ statusCode: 99 }",
        "{ statusCode: 600 }",
        "{ statusCode: 200.5 }",
        "{ statusCode: true }",
        "{ statusCode: 200, headers: { 'x-cache': { value: 'x' } } }",
        "{ statusCode: 200, headers: { 'set-cookie': { value: 'x' } } }",
        "{ statusCode: 200, cookies: { a: { value: 'b', attributes: 'x\\r\\ny' } } }",
        "{ statusCode: 200, body: 7 }",
        "{ statusCode: 200, body: { encoding: 'text' } }",
        "{ statusCode: 200, body: { encoding: 'hex', data: '00' } }",
        "{ statusCode: 200, body: { encoding: 'base64', data: '*' } }",
        "{ statusCode: 200, body: 'x'.repeat(40961) }",
    ],
)
def test_a_response_that_cloudfront_would_reject_is_a_validation_error(returned: str) -> None:
    refused = answer(f"function handler() {{ return {returned}; }}")

    assert (refused.status, refused.result) == (502, "FunctionValidationError")


def test_a_body_may_have_40_kb() -> None:
    assert len(answer("function handler() { return { statusCode: 200, body: 'x'.repeat(40960) }; }").body) == 40_960


def test_a_page_about_an_invalid_value_shows_names_as_text() -> None:
    refused = answer("function handler() { return { statusCode: 200, headers: { '<b>\\u20ac': { value: '' } } }; }")

    assert refused.status == 502
    assert b"&lt;b&gt;&#8364;" in refused.body


@pytest.mark.parametrize(
    "code",
    [
        "function handler() { throw new Error('thrown'); }",
        "function handler() { throw { not: 'an error' }; }",
        "function handler() { missing(); }",
        "function handler() { undeclared = 1; }",
        "function other() {}",
        "const handler = 7;",
        "function handler( {",
        "throw new Error('at once');",
        "async function handler() { throw new Error('late'); }",
        "function handler() { return new Promise(() => {}); }",
        "function handler() { return handler(); }",
        "function handler() { const o = {}; o.o = o; return o; }",
        "import cf from 'cloudfront';\nfunction handler() { return cf; }",
    ],
)
def test_a_function_that_fails_is_cloudfronts_503(code: str, logged: list[str]) -> None:
    refused = answer(code)

    assert (refused.status, refused.result) == (503, "FunctionExecutionError")
    assert b"503 ERROR" in refused.body
    assert (
        b"The CloudFront function associated with the CloudFront distribution is invalid or could not run."
        in refused.body
    )
    assert b"thrown" not in refused.body
    assert any("ERROR: " in line for line in logged)


def test_functions_run_in_many_threads_at_once() -> None:
    code = "function handler(event) { const r = event.request; r.uri = r.uri + event.context.requestId; return r; }"
    failures: list[str] = []

    def run(number: int) -> None:
        for turn in range(20):
            asked = dataclasses.replace(REQUEST, path=f"/{number}", request_id=f"-{turn}")
            changed = ask(code, asked)
            if not isinstance(changed, ViewerRequest) or changed.path != f"/{number}-{turn}":
                failures.append(str(changed))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert not failures


# Logs, and TestFunction.


def test_what_a_function_logs_is_logged_with_the_request(logged: list[str]) -> None:
    change("console.log('uri', r.uri); console.log({ a: [1, 'x'], b: null })")

    assert logged == [
        "rid== START DistributionID: E1",
        "rid== uri /a%20b/c.html",
        "rid== {a:[1,'x'],b:null}",
        "rid== END",
    ]


def test_a_silent_function_leaves_no_log(logged: list[str]) -> None:
    change("")

    assert logged == []


EVENT: Final = {
    "version": "1.0",
    "context": {"eventType": "viewer-request"},
    "viewer": {"ip": "192.0.2.7"},
    "request": {"method": "GET", "uri": "/", "headers": {"host": {"value": "h"}}, "cookies": {}, "querystring": {}},
}


def test_a_tested_function_returns_its_request_with_logs() -> None:
    code = b"function handler(event) { console.log('hi'); event.request.uri = '/x'; return event.request; }"

    result = trial.test_function(code, SECOND, json.dumps(EVENT))

    assert json.loads(result.output) == {"request": EVENT["request"] | {"uri": "/x"}}  # type: ignore[operator]
    assert result.logs == ("hi",)
    assert 1 <= result.utilization <= 100
    assert result.error is None


def test_a_tested_function_returns_its_response() -> None:
    event = EVENT | {"response": {"statusCode": 200, "headers": {"via": {"value": "v"}}, "cookies": {}}}
    code = b"function handler(event) { event.response.headers.x = { value: '1' }; return event.response; }"

    result = trial.test_function(code, SECOND, json.dumps(event))

    assert json.loads(result.output)["response"]["headers"] == {"via": {"value": "v"}, "x": {"value": "1"}}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("function handler() { throw new TypeError('bad'); }", "TypeError: bad"),
        ("function handler(", "SyntaxError: "),
        (
            "function handler(event) { delete event.request.headers.host; return event.request; }",
            "The CloudFront function returned an invalid value: request.headers.host is read-only.",
        ),
    ],
)
def test_a_tested_function_that_fails_reports_the_reason(code: str, error: str) -> None:
    result = trial.test_function(code.encode(), SECOND, json.dumps(EVENT))

    assert result.output == ""
    assert result.error is not None
    assert result.error.startswith(error)


@pytest.mark.parametrize("event", ["", "7", "[]", "{}", '{"request": 1}', '{"request": {}, "response": 1}'])
def test_an_invalid_event_is_refused(event: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own message, or one of ours
        trial.test_function(b"function handler(e) { return e; }", SECOND, event)
