"""Verdicts of web ACLs, without an engine: statements, parts of requests, rules and groups."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.verdicts import (
    BODY,
    GROUP,
    QUERY,
    SET,
    Config,
    Sources,
    ask,
    fits,
    judge,
    make,
    size,
)
from support.web_acls import COUNT, looks_for, make_rule, steps, visible
from thumbpipe_localstack.wafv2.judging.evaluating import evaluate
from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.matching import BadPatternError, compile_regex
from thumbpipe_localstack.wafv2.judging.model import Kind
from thumbpipe_localstack.wafv2.judging.transforms import TRANSFORMATIONS
from thumbpipe_localstack.wafv2.judging.web_request import WebRequest


def regex(pattern: str, field: Config, *names: str) -> Config:
    return {
        "RegexMatchStatement": {"RegexString": pattern, "FieldToMatch": field, "TextTransformations": steps(*names)}
    }


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


@given(st.binary(max_size=200))
def test_no_text_breaks_a_transformation(text: bytes) -> None:
    for transform in TRANSFORMATIONS.values():
        assert isinstance(transform(text), bytes)


def test_transformations_run_in_the_order_of_their_priorities() -> None:
    backwards = [{"Priority": 5, "Type": "LOWERCASE"}, {"Priority": 1, "Type": "BASE64_DECODE"}]
    statement = looks_for("secret", QUERY, "EXACTLY")
    statement["ByteMatchStatement"]["TextTransformations"] = backwards

    assert fits(statement, ask(query=base64.b64encode(b"SECRET").decode()))


def test_a_part_is_transformed_once_for_all_rules_that_want_it_so(monkeypatch: pytest.MonkeyPatch) -> None:
    transformed: list[bytes] = []

    def decode(text: bytes) -> bytes:
        transformed.append(text)
        return text

    monkeypatch.setitem(TRANSFORMATIONS, "URL_DECODE", decode)
    several = [make_rule(f"r{index}", looks_for(f"{index}", QUERY, "EXACTLY", "URL_DECODE")) for index in range(20)]
    path = make_rule("path", looks_for("absent", {"UriPath": {}}, "EXACTLY", "URL_DECODE"))

    for _ in range(2):
        assert judge(make(*several, path), ask("/p", "q")).by is None

    assert transformed == [b"q", b"/p"] * 2


HEADERS: Final = (("Host", "d.example"), ("X-Note", "first"), ("x-note", "wanted"), ("Cookie", "a=1; session=wanted"))
JSON: Final = b'{"a": {"b": ["wanted", 7]}, "c": "other"}'


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


def test_more_of_a_body_is_inspected_if_the_web_acl_says_so() -> None:
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


def test_rules_are_evaluated_by_priority_until_one_terminates() -> None:
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


# Parts of the statement.
def refers(action: str = "None", **changes: Any) -> Config:  # noqa: ANN401
    return make_rule("ref", {"RuleGroupReferenceStatement": {"ARN": GROUP} | changes}, OverrideAction={action: {}})


def test_a_rule_group_responds_with_its_own_actions_unless_overridden() -> None:
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


HALF: Final = "\ud800"  # half of a surrogate pair, as JSON may hold it: "\\ud800"


def _json_body(scope: str) -> Config:
    return {"JsonBody": {"MatchPattern": {"All": {}}, "MatchScope": scope, "OversizeHandling": "CONTINUE"}}


@pytest.mark.parametrize("text", ["é", "ÿ", "漢", "😀", "a"])
@pytest.mark.parametrize("escaped", [True, False])
def test_keys_of_json_are_matched_in_the_encoding_of_its_values(text: str, *, escaped: bool) -> None:
    for scope, document in (("KEY", {"a": {text: 1}}), ("VALUE", {"a": [text]}), ("ALL", {text: text})):
        body = json.dumps(document, ensure_ascii=escaped).encode()
        for name in ("NONE", "BASE64_DECODE", "COMPRESS_WHITE_SPACE", "URL_DECODE", "REMOVE_NULLS"):
            assert fits(looks_for(text, _json_body(scope), "EXACTLY", name), ask(body=body)), (scope, name)


@pytest.mark.parametrize("name", TRANSFORMATIONS)
@pytest.mark.parametrize("scope", ["KEY", "VALUE", "ALL"])
def test_half_a_character_in_json_breaks_no_transformation(scope: str, name: str) -> None:
    body = json.dumps({HALF: f"x{HALF}", f"{HALF}y": [HALF, {HALF: None}]}).encode()

    assert not fits(looks_for("wanted", _json_body(scope), "CONTAINS", name), ask(body=body))


@pytest.mark.parametrize("text", ["é", "É", "漢", "😀"])
@pytest.mark.parametrize(
    ("pattern", "request_"),
    [
        (
            lambda name: {"Cookies": {"MatchPattern": {"IncludedCookies": [name]}, "MatchScope": "VALUE"}},
            lambda name: ask(headers=(("Cookie", f"{name}=wanted"),)),
        ),
        (
            lambda name: {"Headers": {"MatchPattern": {"IncludedHeaders": [f"x-{name}"]}, "MatchScope": "VALUE"}},
            lambda name: ask(headers=((f"X-{name}", "wanted"),)),
        ),
        (lambda name: {"SingleHeader": {"Name": f"x-{name}"}}, lambda name: ask(headers=((f"X-{name}", "wanted"),))),
        (lambda name: {"SingleQueryArgument": {"Name": name}}, lambda name: ask(query=f"{name}=wanted")),
    ],
    ids=["cookie", "headers", "header", "argument"],
)
def test_a_name_in_a_rule_is_matched_in_the_encoding_in_which_it_is_sent(
    pattern: Callable[[str], Config], request_: Callable[[str], WebRequest], text: str
) -> None:
    field = pattern(text)
    for settings in field.values():
        if "MatchPattern" in settings:
            settings["OversizeHandling"] = "CONTINUE"
    as_sent = text.encode().decode("latin-1")  # what a server of Python's makes of the bytes

    assert fits(looks_for("wanted", field, "EXACTLY"), request_(as_sent))


@pytest.mark.parametrize(
    "statement",
    [
        regex(HALF, QUERY),
        looks_for("a", {"SingleHeader": {"Name": HALF}}),
        looks_for("a", {"SingleQueryArgument": {"Name": HALF}}),
        {
            "RegexPatternSetReferenceStatement": {
                "ARN": SET,
                "FieldToMatch": QUERY,
                "TextTransformations": steps("NONE"),
            }
        },
    ],
    ids=["regex", "header", "argument", "pattern-set"],
)
def test_half_a_character_in_a_rule_matches_nothing(statement: Config) -> None:
    assert not fits(statement, ask(query="a=b"), sources=Sources(regexes=[HALF]))


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        (b"&#" + b"9" * 5000 + b";", b"&#65533;"),
        (b"&#" + b"0" * 5000 + b"65;", b"A"),
        (b"&#x" + b"0" * 5000 + b"41;", b"A"),
        (b"&#xd800;", b"&#65533;"),
        (b"&#1114112;", b"&#65533;"),
    ],
    ids=["too-large", "zeros", "hexadecimal-zeros", "half", "beyond-unicode"],
)
def test_an_html_number_of_any_length_is_decoded(text: bytes, decoded: bytes) -> None:
    assert TRANSFORMATIONS["HTML_ENTITY_DECODE"](text) == decoded
