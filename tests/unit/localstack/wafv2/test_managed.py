"""What managed groups and injection detection find, without an engine, and how long a verdict takes."""

import itertools
import time
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.verdicts import (
    BROWSER,
    ask,
    fits,
    judge,
    make,
    size,
)
from support.web_acls import counts, looks_for, make_managed_rule, make_rule, steps
from thumbpipe_localstack.wafv2.judging.evaluating import evaluate
from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS
from thumbpipe_localstack.wafv2.judging.model import Kind, WebAcl
from thumbpipe_localstack.wafv2.judging.web_request import WebRequest


def _injection(kind: str, query: str, **changes: str) -> bool:
    settings = {"FieldToMatch": {"AllQueryArguments": {}}, "TextTransformations": steps("URL_DECODE")}
    return fits({kind: settings | changes}, ask(query=query))


@pytest.mark.parametrize(
    "value",
    [
        "1' OR '1'='1",
        "1 UNION SELECT password FROM users",
        "x'; DROP TABLE users",
        "admin'--",
        "1 or sleep(5)",
        "1/**/UNION/**/ALL/**/SELECT/**/1",
        "' AND 1=1 -- ",
    ],
)
def test_sql_injection_is_found(value: str) -> None:
    assert _injection("SqliMatchStatement", f"q={value}")


@pytest.mark.parametrize(
    "value", ["summer holiday", "O'Neil and sons", "rock and roll 2024", "select a photo", "50% off; or not", "a-b--c"]
)
def test_ordinary_text_is_not_detected_as_sql(value: str) -> None:
    assert not _injection("SqliMatchStatement", f"q={value.replace('%', '%25')}")


def test_more_sql_is_found_with_high_sensitivity() -> None:
    assert not _injection("SqliMatchStatement", "q=delete from list")
    assert _injection("SqliMatchStatement", "q=delete from list", SensitivityLevel="HIGH")


@pytest.mark.parametrize(
    "value", ["<script>x</script>", "<img src=x onerror=x>", "javascript:x()", '" onload="x', "<svg/onload=x>"]
)
def test_scripts_are_found(value: str) -> None:
    assert _injection("XssMatchStatement", f"q={value}")


@pytest.mark.parametrize("value", ["a < b and c > d", "holiday photo (1).jpg", "on Monday = work", "description"])
def test_ordinary_text_is_not_detected_as_a_script(value: str) -> None:
    assert not _injection("XssMatchStatement", f"q={value}")


AGENT: Final = ("User-Agent", BROWSER)
BAD: Final[dict[str, WebRequest]] = {
    "NoUserAgent_HEADER": ask(headers=[]),
    "UserAgent_BadBots_HEADER": ask(headers=[("user-agent", "Nessus SOAP")]),
    "SizeRestrictions_QUERYSTRING": ask(query="x" * 2_049),
    "SizeRestrictions_Cookie_HEADER": ask(headers=[AGENT, ("cookie", "x" * 10_241)]),
    "SizeRestrictions_BODY": ask(body=b"x" * 8_193),
    "SizeRestrictions_URIPATH": ask("/" + "x" * 1_024),
    "EC2MetaDataSSRF_BODY": ask(body=b"http://169.254.169.254/latest/meta-data/"),
    "EC2MetaDataSSRF_COOKIE": ask(headers=[AGENT, ("cookie", "u=http://169.254.169.254/")]),
    "EC2MetaDataSSRF_QUERYARGUMENTS": ask(query="u=http%3A%2F%2F169.254.169.254%2F"),
    "EC2MetaDataSSRF_URIPATH": ask("/latest/meta-data/iam"),
    "GenericLFI_QUERYARGUMENTS": ask(query="f=..%2f..%2fetc/x"),
    "GenericLFI_URIPATH": ask("/a/%2e%2e/b"),
    "GenericLFI_BODY": ask(body=b"/etc/passwd"),
    "RestrictedExtensions_URIPATH": ask("/site.bak"),
    "RestrictedExtensions_QUERYARGUMENTS": ask(query="f=php.ini"),
    "GenericRFI_QUERYARGUMENTS": ask(query="u=http://192.0.2.1/x"),
    "GenericRFI_BODY": ask(body=b"u=http://192.0.2.1/x"),
    "GenericRFI_URIPATH": ask("/http://192.0.2.1/x"),
    "CrossSiteScripting_COOKIE": ask(headers=[AGENT, ("cookie", "a=<script>x")]),
    "CrossSiteScripting_QUERYARGUMENTS": ask(query="a=%3Cscript%3Ex"),
    "CrossSiteScripting_BODY": ask(body=b"<script>x"),
    "CrossSiteScripting_URIPATH": ask("/%3Cscript%3Ex"),
    "JavaDeserializationRCE_HEADER": ask(headers=[AGENT, ("x", "rO0ABXNyAB")]),
    "JavaDeserializationRCE_BODY": ask(body=b"(java.lang.Runtime).getRuntime().exec('x')"),
    "JavaDeserializationRCE_URIPATH": ask("/(java.lang.Runtime)"),
    "JavaDeserializationRCE_QUERYSTRING": ask(query="class.module.classLoader.x=1"),
    "Host_localhost_HEADER": ask(headers=[AGENT, ("host", "localhost")]),
    "PROPFIND_METHOD": ask(method="PROPFIND"),
    "ExploitablePaths_URIPATH": ask("/x/../web-inf/web.xml"),
    "Log4JRCE_HEADER": ask(headers=[AGENT, ("x", "${jndi:ldap://x}")]),
    "Log4JRCE_QUERYSTRING": ask(query="x=%24%7Bjndi%3Aldap://x%7D"),
    "Log4JRCE_BODY": ask(body=b"${${lower:j}ndi:ldap://x}"),
    "Log4JRCE_URIPATH": ask("/${jndi:dns://x}"),
    "AWSManagedIPReputationList": ask(source_ip="203.0.113.1"),
    "AWSManagedReconnaissanceList": ask(source_ip="203.0.113.2"),
    "AWSManagedIPDDoSList": ask(source_ip="203.0.113.3"),
}
GOOD: Final = [
    ask("/"),
    ask("/thumbs/0123456789abcdef/640.webp", "Expires=1700000000&Signature=ab~cd-ef__&Key-Pair-Id=K1ABC"),
    ask("/api/uploads", method="POST", body=b'{"name": "Ann\'s photo <1>.jpg", "size": 123456}'),
    ask("/js/app.js", headers=[AGENT, ("host", "d1.cloudfront.net"), ("cookie", "theme=dark; lang=en")]),
    ask("/api/images", "cursor=eyJpZCI6ICIxMjMifQ%3D%3D&limit=20"),
]


@pytest.mark.parametrize(
    ("group", "rule"), [(group.name, rule.name) for group in GROUPS.values() for rule in group.rules]
)
def test_each_managed_rule_matches_only_its_own_patterns(
    group: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAFV2_IP_REPUTATION_LIST", "203.0.113.1")
    monkeypatch.setenv("WAFV2_RECONNAISSANCE_LIST", "203.0.113.2/32,198.51.100.0/24")
    monkeypatch.setenv("WAFV2_IP_DDOS_LIST", "203.0.113.3")
    others = [each.name for each in GROUPS[group].rules if each.name != rule]
    managed = make_managed_rule(group, ExcludedRules=[{"Name": each} for each in others])
    inspected = Inspected(BAD[rule])

    outcome = evaluate(make(managed), inspected)

    (passage,) = outcome.passages
    found = [passage.terminating.name] if passage.terminating else [each.name for each in passage.matched]
    assert rule in found
    label = next(each.label for each in GROUPS[group].rules if each.name == rule)
    assert f"{GROUPS[group].namespace}{label}" in inspected.labels
    assert [judge(make(managed), each).passages for each in GOOD] == [[]] * len(GOOD)


def make_usual_acl() -> WebAcl:
    posts = {"AndStatement": {"Statements": [looks_for("POST", {"Method": {}}), looks_for("/api/uploads")]}}
    limit = 10**9
    return make(
        make_rule("uploads", counts(limit, ScopeDownStatement=posts)),
        make_rule("all", counts(limit)),
        make_rule("size", size("GT", 16_384, {"Body": {"OversizeHandling": "MATCH"}})),
        *[make_managed_rule(name) for name in GROUPS],
    )


@given(
    st.text(max_size=40),
    st.text(max_size=40),
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=4),
    st.binary(max_size=80),
)
def test_no_request_breaks_a_verdict(path: str, query: str, headers: list[tuple[str, str]], body: bytes) -> None:
    request = ask(path, query, headers, body=body)

    assert judge(make_usual_acl(), request).action.kind in {Kind.ALLOW, Kind.BLOCK}


def test_a_verdict_takes_a_fraction_of_a_millisecond(capsys: pytest.CaptureFixture[str]) -> None:
    acl, request, rounds = make_usual_acl(), GOOD[1], 500
    took = []
    for _ in range(7):
        started = time.process_time()
        for _ in itertools.repeat(None, rounds):
            judge(acl, request)
        took.append((time.process_time() - started) / rounds)

    with capsys.disabled():
        # The README names this line.
        print(f"a verdict of three managed groups, two rates and a size: {min(took) * 1e6:.0f} µs")  # noqa: T201
    assert min(took) < 0.0005
