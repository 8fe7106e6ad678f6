"""Verdicts of web ACLs, without an engine."""

import base64
import dataclasses
import itertools
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.web_acls import COUNT, counts, looks_for, make_managed_rule, make_rule, steps, visible
from thumbpipe_localstack.wafv2.judging.acl import compile_acl
from thumbpipe_localstack.wafv2.judging.evaluating import evaluate
from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS
from thumbpipe_localstack.wafv2.judging.matching import BadPatternError, compile_regex
from thumbpipe_localstack.wafv2.judging.messages import WebRequest
from thumbpipe_localstack.wafv2.judging.model import Kind, Outcome, WebAcl
from thumbpipe_localstack.wafv2.judging.rates import MOST_KEYS, RateWindow, RateWindows
from thumbpipe_localstack.wafv2.judging.transforms import TRANSFORMATIONS

NOW = 1_700_000_000.0
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
SET = "arn:aws:wafv2:us-east-1:000000000000:regional/ipset/s/1"
GROUP = "arn:aws:wafv2:us-east-1:000000000000:regional/rulegroup/g/1"
BODY = {"Body": {"OversizeHandling": "CONTINUE"}}
QUERY: dict[str, Any] = {"QueryString": {}}

Config = dict[str, Any]


@dataclasses.dataclass
class Sources:
    """What statements refer to, from a test."""

    cidrs: Sequence[str] = ()
    regexes: Sequence[str] = ()
    group: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def addresses(self, arn: str) -> Sequence[str]:
        assert arn == SET
        return self.cidrs

    def patterns(self, arn: str) -> Sequence[str]:
        assert arn == SET
        return self.regexes

    def rule_group(self, arn: str) -> Mapping[str, Any]:
        assert arn == GROUP
        return self.group


def ask(
    path: str = "/",
    query: str = "",
    headers: Sequence[tuple[str, str]] = (("User-Agent", BROWSER),),
    **changes: Any,  # noqa: ANN401 - parts of a request
) -> WebRequest:
    values: dict[str, Any] = {
        "source_ip": "192.0.2.1",
        "method": "GET",
        "body": b"",
        "http_version": "HTTP/1.1",
        "received_at": NOW,
        "country": "AT",
        "source_name": "CF",
        "source_id": "E1",
    }
    return WebRequest(uri_path=path, query_string=query, headers=headers, **(values | changes))


def make(*rules: Config, sources: Sources | None = None, windows: RateWindows | None = None, **changes: Any) -> WebAcl:  # noqa: ANN401
    config = {
        "ARN": "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/a/1",
        "LabelNamespace": "awswaf:000000000000:webacl:a:",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": visible("a"),
        "Rules": rules,
    }
    return compile_acl(config | changes, sources or Sources(), windows or RateWindows())


def judge(acl: WebAcl, request: WebRequest) -> Outcome:
    return evaluate(acl, Inspected(request))


def fits(statement: Config, request: WebRequest, sources: Sources | None = None) -> bool:
    return judge(make(make_rule("r", statement), sources=sources), request).action.kind is Kind.BLOCK


def regex(pattern: str, field: Config, *names: str) -> Config:
    return {
        "RegexMatchStatement": {"RegexString": pattern, "FieldToMatch": field, "TextTransformations": steps(*names)}
    }


def size(comparison: str, length: int, field: Config) -> Config:
    settings = {"ComparisonOperator": comparison, "Size": length, "FieldToMatch": field, "TextTransformations": steps()}
    return {"SizeConstraintStatement": settings}


@pytest.mark.parametrize(
    ("constraint", "text", "path", "expected"),
    [
        ("EXACTLY", "/a", "/a", True),
        ("EXACTLY", "/a", "/ab", False),
        ("STARTS_WITH", "/a", "/ab", True),
        ("STARTS_WITH", "/a", "/b/a", False),
        ("ENDS_WITH", ".jpg", "/x.jpg", True),
        ("ENDS_WITH", ".jpg", "/x.jpg/", False),
        ("CONTAINS", "min", "/admins", True),
        ("CONTAINS", "max", "/admins", False),
        ("CONTAINS_WORD", "admin", "/admin/x", True),
        ("CONTAINS_WORD", "admin", "/admins/admin", True),
        ("CONTAINS_WORD", "admin", "/admins/my_admin", False),
    ],
)
def test_bytes_are_looked_for_where_the_constraint_says(
    constraint: str, text: str, path: str, *, expected: bool
) -> None:
    assert fits(looks_for(text, {"UriPath": {}}, constraint), ask(path)) is expected


def test_bytes_that_moto_keeps_in_base64_are_the_same_bytes() -> None:
    statement = looks_for("/a")
    statement["ByteMatchStatement"]["SearchString"] = base64.b64encode(b"/a").decode()

    assert fits(statement, ask("/a/b"))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("NONE", b"A%20b", b"A%20b"),
        ("LOWERCASE", b"AbC", b"abc"),
        ("URL_DECODE", b"a%2Fb+c%zz", b"a/b c%zz"),
        ("URL_DECODE_UNI", b"%u0027%uff1c%41", b"'<A"),
        ("COMPRESS_WHITE_SPACE", b"a \t\r\n b", b"a b"),
        ("HTML_ENTITY_DECODE", b"&lt;a&#x3e;&quot;", b'<a>"'),
        ("CMD_LINE", b"C^at  /etc\\/'passwd' ,;x", b"cat/etc/passwd x"),
        ("BASE64_DECODE", b"c2VjcmV0", b"secret"),
        ("BASE64_DECODE", b"not base64!", b"not base64!"),
        ("BASE64_DECODE_EXT", b"c2V.jcmV0", b"secret"),
        ("HEX_DECODE", b"2f6574", b"/et"),
        ("HEX_DECODE", b"xyz", b"xyz"),
        ("MD5", b"", bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e")),
        ("REPLACE_COMMENTS", b"un/* x */ion/* open", b"un ion "),
        ("ESCAPE_SEQ_DECODE", rb"\x41\102\n\"", b'AB\n"'),
        ("SQL_HEX_DECODE", b"x=0x4142", b"x=AB"),
        ("CSS_DECODE", rb"ja\vascript\3a x", b"javascript:x"),
        ("JS_DECODE", rb"\u0041\x42\103\'", b"ABC'"),
        ("NORMALIZE_PATH", b"//a/./b/../c", b"/a/c"),
        ("NORMALIZE_PATH", b"/a/b/..", b"/a/"),
        ("NORMALIZE_PATH_WIN", b"\\a\\..\\b", b"/b"),
        ("REMOVE_NULLS", b"a\0b", b"ab"),
        ("REPLACE_NULLS", b"a\0b", b"a b"),
        ("UTF8_TO_UNICODE", "é".encode(), b"%u00e9"),
    ],
)
def test_text_is_transformed(name: str, text: bytes, expected: bytes) -> None:
    assert TRANSFORMATIONS[name](text) == expected


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=200))
def test_no_text_breaks_a_transformation(text: bytes) -> None:
    for transform in TRANSFORMATIONS.values():
        assert isinstance(transform(text), bytes)


def test_transformations_run_in_the_order_of_their_priorities() -> None:
    backwards = [{"Priority": 5, "Type": "LOWERCASE"}, {"Priority": 1, "Type": "BASE64_DECODE"}]
    statement = looks_for("secret", QUERY, "EXACTLY")
    statement["ByteMatchStatement"]["TextTransformations"] = backwards

    assert fits(statement, ask(query=base64.b64encode(b"SECRET").decode()))


HEADERS = (("Host", "d.example"), ("X-Note", "first"), ("x-note", "wanted"), ("Cookie", "a=1; session=wanted"))
JSON = b'{"a": {"b": ["wanted", 7]}, "c": "other"}'


def _pairs(kind: str, pattern: Config, scope: str = "ALL", oversize: str = "CONTINUE") -> Config:
    return {kind: {"MatchPattern": pattern, "MatchScope": scope, "OversizeHandling": oversize}}


def _json(pattern: Config, scope: str = "ALL", **changes: str) -> Config:
    return {"JsonBody": {"MatchPattern": pattern, "MatchScope": scope, "OversizeHandling": "CONTINUE"} | changes}


@pytest.mark.parametrize(
    ("field", "request_", "expected"),
    [
        ({"Method": {}}, ask(method="wanted"), True),
        ({"UriPath": {}}, ask("wanted"), True),
        ({"QueryString": {}}, ask(query="wanted"), True),
        ({"SingleHeader": {"Name": "X-NOTE"}}, ask(headers=HEADERS), True),
        ({"SingleHeader": {"Name": "absent"}}, ask(headers=HEADERS), False),
        ({"SingleQueryArgument": {"Name": "Q"}}, ask(query="p=1&q=wanted"), True),
        ({"SingleQueryArgument": {"Name": "p"}}, ask(query="p=1&q=wanted"), False),
        ({"AllQueryArguments": {}}, ask(query="p=1&q=wanted"), True),
        ({"Body": {}}, ask(body=b"wanted"), True),
        (_pairs("Headers", {"All": {}}), ask(headers=HEADERS), True),
        (_pairs("Headers", {"All": {}}, "KEY"), ask(headers=HEADERS), False),
        (_pairs("Headers", {"IncludedHeaders": ["host"]}), ask(headers=HEADERS), False),
        (_pairs("Headers", {"ExcludedHeaders": ["host"]}), ask(headers=HEADERS), True),
        (_pairs("Headers", {"ExcludedHeaders": ["x-note"]}), ask(headers=HEADERS), False),
        (_pairs("Cookies", {"IncludedCookies": ["session"]}, "VALUE"), ask(headers=HEADERS), True),
        (_pairs("Cookies", {"ExcludedCookies": ["session"]}), ask(headers=HEADERS), False),
        (_json({"All": {}}), ask(body=JSON), True),
        (_json({"All": {}}, "KEY"), ask(body=JSON), False),
        (_json({"IncludedPaths": ["/a/b"]}), ask(body=JSON), True),
        (_json({"IncludedPaths": ["/c"]}), ask(body=JSON), False),
        (_json({"All": {}}), ask(body=b"wanted"), True),
        (_json({"All": {}}, InvalidFallbackBehavior="NO_MATCH"), ask(body=b"wanted"), False),
        (_json({"All": {}}, InvalidFallbackBehavior="MATCH"), ask(body=b"{"), True),
        ({"JA3Fingerprint": {"FallbackBehavior": "MATCH"}}, ask(), True),
        ({"UriFragment": {"FallbackBehavior": "NO_MATCH"}}, ask(), False),
    ],
)
def test_each_part_of_a_request_can_be_looked_at(field: Config, request_: WebRequest, *, expected: bool) -> None:
    assert fits(looks_for("wanted", field, "EXACTLY"), request_) is expected


def test_the_order_of_headers_can_be_looked_at() -> None:
    field = {"HeaderOrder": {"OversizeHandling": "CONTINUE"}}

    assert fits(looks_for("host:x-note:x-note:cookie", field, "EXACTLY"), ask(headers=HEADERS))


@pytest.mark.parametrize(("handling", "expected"), [("CONTINUE", False), ("MATCH", True), ("NO_MATCH", False)])
def test_what_is_too_large_to_look_at_is_handled_as_asked(handling: str, *, expected: bool) -> None:
    late = b"x" * 16_384 + b"wanted"
    many = [(f"h{index}", "x" * 100) for index in range(100)] + [("late", "wanted")]

    assert fits(looks_for("wanted", {"Body": {"OversizeHandling": handling}}, "CONTAINS"), ask(body=late)) is expected
    headers = _pairs("Headers", {"All": {}}, oversize=handling)
    assert fits(looks_for("wanted", headers, "CONTAINS"), ask(headers=many)) is expected


def test_more_of_a_body_is_looked_at_where_the_web_acl_says_so() -> None:
    rule = make_rule("r", looks_for("wanted", BODY, "CONTAINS"))
    association = {"RequestBody": {"CLOUDFRONT": {"DefaultSizeInspectionLimit": "KB_32"}}}
    request = ask(body=b"x" * 16_384 + b"wanted")

    assert judge(make(rule), request).by is None
    assert judge(make(rule, AssociationConfig=association), request).by is not None


def test_a_json_document_of_any_depth_is_looked_at() -> None:
    deep = b'{"a":' * 400 + b'"wanted"' + b"}" * 400

    assert fits(looks_for("wanted", _json({"All": {}}), "EXACTLY"), ask(body=deep))
    assert not fits(looks_for("wanted", _json({"All": {}}), "EXACTLY"), ask(body=b"[" * 16_000))


@pytest.mark.parametrize(
    ("comparison", "length", "expected"),
    [("EQ", 4, True), ("NE", 4, False), ("LT", 5, True), ("LE", 3, False), ("GT", 3, True), ("GE", 5, False)],
)
def test_sizes_are_compared(comparison: str, length: int, *, expected: bool) -> None:
    assert fits(size(comparison, length, BODY), ask(body=b"four")) is expected


def test_patterns_are_looked_for() -> None:
    assert fits(regex(r"^/a/\d+$", {"UriPath": {}}), ask("/a/17"))
    assert not fits(regex(r"^/a/\d+$", {"UriPath": {}}), ask("/a/x"))
    statement = {"ARN": SET, "FieldToMatch": {"UriPath": {}}, "TextTransformations": steps()}
    either = {"RegexPatternSetReferenceStatement": statement}
    assert fits(either, ask("/b"), Sources(regexes=["^/a", "^/b"]))
    assert not fits(either, ask("/c"), Sources(regexes=["^/a", "^/b"]))


def test_no_pattern_takes_long() -> None:
    started = time.process_time()

    assert not fits(regex(r"^(([a-z])+.)+[A-Z]([a-z])+$", BODY), ask(body=b"a" * 16_000))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)", "[z-a]"])
def test_patterns_that_waf_refuses_are_refused(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        compile_regex(pattern.encode())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", True),
        ("::ffff:192.0.2.77", True),
        ("198.51.100.7", True),
        ("198.51.100.8", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
    ],
)
def test_addresses_are_found_in_sets(address: str, *, expected: bool) -> None:
    sources = Sources(cidrs=["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"])

    assert fits({"IPSetReferenceStatement": {"ARN": SET}}, ask(source_ip=address), sources) is expected


@pytest.mark.parametrize(
    ("position", "fallback", "header", "expected"),
    [
        ("FIRST", "NO_MATCH", "192.0.2.7, 10.0.0.1", True),
        ("LAST", "NO_MATCH", "192.0.2.7, 10.0.0.1", False),
        ("ANY", "NO_MATCH", "10.0.0.1, 192.0.2.7, 10.0.0.2", True),
        ("FIRST", "MATCH", "nonsense", True),
        ("FIRST", "NO_MATCH", "nonsense", False),
        ("FIRST", "MATCH", None, False),
    ],
)
def test_addresses_of_a_header_are_found_in_sets(
    position: str, fallback: str, header: str | None, *, expected: bool
) -> None:
    config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": fallback, "Position": position}
    statement = {"IPSetReferenceStatement": {"ARN": SET, "IPSetForwardedIPConfig": config}}
    request = ask(headers=[("x-forwarded-for", header)] if header else [], source_ip="10.9.9.9")

    assert fits(statement, request, Sources(cidrs=["192.0.2.0/24"])) is expected


def test_countries_are_found_and_label_each_request() -> None:
    acl = make(make_rule("geo", {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}))
    inspected = Inspected(ask(country="AT"))

    assert evaluate(acl, inspected).by is None
    assert list(inspected.labels) == ["awswaf:clientip:geo:country:AT"]
    assert judge(acl, ask(country="AQ")).by is not None


def test_statements_are_combined() -> None:
    a, b = looks_for("/a"), looks_for("b", QUERY, "CONTAINS")
    both, either = {"AndStatement": {"Statements": [a, b]}}, {"OrStatement": {"Statements": [a, b]}}
    neither = {"NotStatement": {"Statement": either}}
    requests = [ask("/a", "b"), ask("/a"), ask("/x", "b"), ask("/x")]

    assert [fits(both, each) for each in requests] == [True, False, False, False]
    assert [fits(either, each) for each in requests] == [True, True, True, False]
    assert [fits(neither, each) for each in requests] == [False, False, False, True]


def test_labels_are_found_by_later_rules() -> None:
    marks = make_rule("marks", looks_for("/m"), COUNT, RuleLabels=[{"Name": "area:inner"}])

    def blocks(key: str, scope: str) -> bool:
        rule = make_rule("label", {"LabelMatchStatement": {"Key": key, "Scope": scope}})
        return judge(make(marks, rule), ask("/m")).by is not None

    assert blocks("area:inner", "LABEL")
    assert blocks("awswaf:000000000000:webacl:a:area:inner", "LABEL")
    assert blocks("area:", "NAMESPACE")
    assert not blocks("area:in", "NAMESPACE")
    assert not blocks("inner", "LABEL")


def test_rules_are_asked_by_their_priorities_until_one_decides() -> None:
    first = make_rule("first", looks_for("/a"), {"Allow": {}}, Priority=1)
    second = make_rule("second", looks_for("/"), {"Block": {}}, Priority=2)

    assert judge(make(second, first), ask("/a")).by is not None
    assert judge(make(second, first), ask("/a")).action.kind is Kind.ALLOW
    assert judge(make(second, first), ask("/b")).action.kind is Kind.BLOCK


def make_group(*rules: Config) -> Sources:
    namespace = "awswaf:000000000000:rulegroup:g:"
    bodies = {"sorry": {"ContentType": "TEXT_PLAIN", "Content": "sorry"}}
    config = {"Rules": rules, "LabelNamespace": namespace, "VisibilityConfig": visible("g")}
    return Sources(group=config | {"CustomResponseBodies": bodies})


def refers(action: str = "None", **changes: Any) -> Config:  # noqa: ANN401
    return make_rule("ref", {"RuleGroupReferenceStatement": {"ARN": GROUP} | changes}, OverrideAction={action: {}})


def test_a_group_decides_with_its_own_answers_unless_it_is_overridden() -> None:
    answer = {"Block": {"CustomResponse": {"ResponseCode": 404, "CustomResponseBodyKey": "sorry"}}}
    sources = make_group(make_rule("inner", looks_for("/a"), answer, RuleLabels=[{"Name": "seen"}]))
    inspected = Inspected(ask("/a"))

    decided = evaluate(make(refers(), sources=sources), inspected)
    counted = judge(make(refers("Count"), sources=sources), ask("/a"))
    one_counted = judge(
        make(refers(RuleActionOverrides=[{"Name": "inner", "ActionToUse": COUNT}]), sources=sources), ask("/a")
    )
    excluded = judge(make(refers(ExcludedRules=[{"Name": "inner"}]), sources=sources), ask("/a"))

    assert (decided.action.status, decided.action.body) == (404, b"sorry")
    assert list(inspected.labels) == ["awswaf:000000000000:rulegroup:g:seen"]
    assert [each.action.kind for each in (counted, one_counted, excluded)] == [Kind.ALLOW] * 3
    assert [each.name for each in counted.matched] == ["ref"]
    assert [(each.name, each.original) for each in one_counted.passages[0].matched] == [("inner", Kind.BLOCK)]
    assert [each.excluded for each in excluded.passages[0].matched] == [True]


def test_a_rate_begins_and_ends_with_an_evaluation() -> None:
    window = RateWindow(10, 60, 10)

    assert not any(window.count("a", NOW + index / 10) for index in range(50)), "not before the next evaluation"
    assert window.count("a", NOW + 10)
    assert not window.count("b", NOW + 10)
    assert window.count("a", NOW + 60)
    assert window.limited(NOW + 60) == ["a"]
    assert not window.count("a", NOW + 75), "the fifty have left the window"
    assert window.limited(NOW + 75) == []


def test_rates_of_any_number_of_addresses_take_bounded_memory() -> None:
    window = RateWindow(10, 60, 10)
    for index in range(3 * MOST_KEYS):
        window.count(str(index), NOW)

    assert len(window._totals) == MOST_KEYS  # noqa: SLF001 - what is kept is the point
    window.count("0", NOW + 100)
    assert len(window._totals) == 1  # noqa: SLF001


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), max_size=60))
def test_what_a_rate_has_counted_is_what_is_in_its_window(events: list[tuple[int, float]]) -> None:
    window, now, seen = RateWindow(3, 60, 10), NOW, list[tuple[str, float]]()
    for key, pause in events:
        now += pause
        evaluated_at = now // 10 * 10
        recent = [each for each, at in seen if evaluated_at - 60 <= at < evaluated_at]
        assert window.count(str(key), now) is (recent.count(str(key)) > 3)
        seen.append((str(key), now))


def _custom(*keys: Config) -> Config:
    return counts(10, "CUSTOM_KEYS", CustomKeys=list(keys))


@pytest.mark.parametrize(
    ("statement", "limited", "free"),
    [
        (counts(10), ask(), ask(source_ip="192.0.2.2")),
        (counts(10, ScopeDownStatement=looks_for("/a")), ask("/a"), ask("/b")),
        (counts(10, "CONSTANT", ScopeDownStatement=looks_for("/a")), ask("/a"), ask("/b")),
        (
            counts(10, "FORWARDED_IP", ForwardedIPConfig={"HeaderName": "xff", "FallbackBehavior": "NO_MATCH"}),
            ask(headers=[("xff", "192.0.2.9")]),
            ask(headers=[("xff", "192.0.2.10")]),
        ),
        (
            _custom({"Header": {"Name": "Dog", "TextTransformations": steps("LOWERCASE")}}, {"HTTPMethod": {}}),
            ask(headers=[("dog", "REX")]),
            ask(headers=[("dog", "rex")], method="POST"),
        ),
        (
            _custom({"QueryArgument": {"Name": "q", "TextTransformations": steps()}}),
            ask(query="q=1&r=2"),
            ask(query="q=2"),
        ),
        (
            _custom({"Cookie": {"Name": "s", "TextTransformations": steps()}}, {"IP": {}}),
            ask(headers=[("cookie", "s=1")]),
            ask(headers=[("cookie", "t=1")]),
        ),
        (_custom({"UriPath": {"TextTransformations": steps()}}), ask("/a"), ask("/b")),
        (_custom({"QueryString": {"TextTransformations": steps()}}), ask(query="a"), ask(query="b")),
    ],
)
def test_rates_are_counted_by_their_keys(statement: Config, limited: WebRequest, free: WebRequest) -> None:
    acl = make(make_rule("rate", statement))
    for _ in range(20):
        judge(acl, limited)
    judge(acl, free)

    later = [dataclasses.replace(each, received_at=NOW + 15) for each in (limited, free)]
    assert [judge(acl, each).by is not None for each in later] == [True, False]


def test_counts_outlast_a_change_of_other_rules_and_not_one_of_their_own() -> None:
    windows = RateWindows()
    rate = make_rule("rate", counts(10))
    for _ in range(20):
        judge(make(rate, windows=windows), ask())
    later = ask(received_at=NOW + 15)

    assert judge(make(rate, make_rule("other", looks_for("/other")), windows=windows), later).by is not None
    assert judge(make(rate | {"Statement": counts(11)}, windows=windows), later).by is None


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
def test_ordinary_words_are_no_sql(value: str) -> None:
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
def test_ordinary_words_are_no_script(value: str) -> None:
    assert not _injection("XssMatchStatement", f"q={value}")


AGENT = ("User-Agent", BROWSER)
BAD: dict[str, WebRequest] = {
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
GOOD = [
    ask("/"),
    ask("/thumbs/0123456789abcdef/640.webp", "Expires=1700000000&Signature=ab~cd-ef__&Key-Pair-Id=K1ABC"),
    ask("/api/uploads", method="POST", body=b'{"name": "Ann\'s photo <1>.jpg", "size": 123456}'),
    ask("/js/app.js", headers=[AGENT, ("host", "d1.cloudfront.net"), ("cookie", "theme=dark; lang=en")]),
    ask("/api/images", "cursor=eyJpZCI6ICIxMjMifQ%3D%3D&limit=20"),
]


@pytest.mark.parametrize(
    ("group", "rule"), [(group.name, rule.name) for group in GROUPS.values() for rule in group.rules]
)
def test_each_managed_rule_finds_what_it_is_for_and_nothing_else(
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


@settings(deadline=None)  # the machine may be busy
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
        print(f"a verdict of three managed groups, two rates and a size: {min(took) * 1e6:.0f} µs")  # noqa: T201
    assert min(took) < 0.0005
