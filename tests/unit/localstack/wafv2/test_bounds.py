"""Verdicts on both sides of each rule's limits; no engine is needed."""

from typing import Final

import pytest

from support.verdicts import BODY, NOW, SET, Config, Sources, ask, fits, judge, make
from support.web_acls import counts, looks_for, make_managed_rule, make_rule, steps
from thumbpipe_localstack.wafv2.judging.evaluating import evaluate
from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.model import Kind
from thumbpipe_localstack.wafv2.judging.rates import RateWindows

CONTENT_LIMIT: Final = 8_192
COUNT_LIMIT: Final = 200
BODY_LIMIT: Final = 16_384
NETWORK: Final = Sources(cidrs=["192.0.2.0/24"])


def _all_headers(oversize: str) -> Config:
    return {"Headers": {"MatchPattern": {"All": {}}, "MatchScope": "ALL", "OversizeHandling": oversize}}


def test_a_managed_group_is_evaluated_within_its_scope_only() -> None:
    # It would block a request without a User-Agent.
    common = make_managed_rule("AWSManagedRulesCommonRuleSet", ScopeDownStatement=looks_for("/within"))

    verdicts = [judge(make(common), ask(path, headers=[])).action.kind for path in ("/within/a", "/without")]

    assert verdicts == [Kind.BLOCK, Kind.ALLOW]


@pytest.mark.parametrize(("length", "is_too_long"), [(BODY_LIMIT, False), (BODY_LIMIT + 1, True)])
def test_a_body_is_looked_at_up_to_its_limit(length: int, *, is_too_long: bool) -> None:
    field = {"Body": {"OversizeHandling": "MATCH"}}
    body = b"x" * (length - 3) + b"end"

    assert fits(looks_for("absent", field, "CONTAINS"), ask(body=body)) is is_too_long
    assert fits(looks_for("end", BODY, "ENDS_WITH"), ask(body=body)) is not is_too_long


def test_of_several_body_limits_the_largest_counts() -> None:
    association = {
        "RequestBody": {
            "API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_16"},
            "APP_RUNNER_SERVICE": {"DefaultSizeInspectionLimit": "KB_64"},
        }
    }
    acl = make(make_rule("r", looks_for("wanted", BODY, "CONTAINS")), AssociationConfig=association)

    assert judge(acl, ask(body=b"x" * 60_000 + b"wanted")).by is not None
    assert judge(acl, ask(body=b"x" * 66_000 + b"wanted")).by is None


@pytest.mark.parametrize(("number", "are_too_many"), [(COUNT_LIMIT, False), (COUNT_LIMIT + 1, True)])
def test_headers_are_looked_at_up_to_their_number(number: int, *, are_too_many: bool) -> None:
    headers = [(f"h{index}", "v") for index in range(number - 1)] + [("last", "wanted")]

    assert fits(looks_for("absent", _all_headers("MATCH"), "EXACTLY"), ask(headers=headers)) is are_too_many
    assert fits(looks_for("wanted", _all_headers("CONTINUE"), "EXACTLY"), ask(headers=headers)) is not are_too_many


@pytest.mark.parametrize(("length", "are_too_long"), [(CONTENT_LIMIT, False), (CONTENT_LIMIT + 1, True)])
def test_headers_are_looked_at_up_to_their_size(length: int, *, are_too_long: bool) -> None:
    last = ("last", "wanted")
    headers = [("first", "v" * (length - len("first") - len("last") - len("wanted"))), last]

    assert fits(looks_for("absent", _all_headers("MATCH"), "EXACTLY"), ask(headers=headers)) is are_too_long
    assert fits(looks_for("wanted", _all_headers("CONTINUE"), "EXACTLY"), ask(headers=headers)) is not are_too_long


@pytest.mark.parametrize(
    ("path", "values"),
    [("/a", "125"), ("/a/b", "15"), ("/a/b/0", "1"), ("/a/b/0/c", "1"), ("/a/bc", "2"), ("/ab", "3"), ("/a~1b", "4")],
)
def test_a_json_path_selects_its_children_but_not_names_with_the_same_prefix(path: str, values: str) -> None:
    body = b'{"a": {"b": [{"c": 1}, 5], "bc": 2}, "ab": 3, "a/b": 4}'
    field = {"JsonBody": {"MatchPattern": {"IncludedPaths": [path]}, "MatchScope": "VALUE"}}

    taken = [each for each in "12345" if fits(looks_for(each, field, "EXACTLY"), ask(body=body))]

    assert "".join(taken) == values


def _forwarded(position: str, fallback: str = "NO_MATCH") -> Config:
    config = {"HeaderName": "xff", "FallbackBehavior": fallback, "Position": position}
    return {"IPSetReferenceStatement": {"ARN": SET, "IPSetForwardedIPConfig": config}}


@pytest.mark.parametrize(("later", "expected"), [(9, True), (10, False)])
def test_the_last_ten_addresses_of_a_header_are_looked_at(later: int, *, expected: bool) -> None:
    header = ", ".join(["192.0.2.7", *(f"10.0.0.{index}" for index in range(later))])

    assert fits(_forwarded("ANY"), ask(headers=[("xff", header)]), NETWORK) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("nonsense, 10.0.0.1", False),
        ("10.0.0.1, nonsense", False),
        ("nonsense, 192.0.2.7", True),
        ("nonsense, more of it", True),
    ],
)
def test_the_fallback_is_for_headers_without_any_address(header: str, *, expected: bool) -> None:
    assert fits(_forwarded("ANY", "MATCH"), ask(headers=[("xff", header)]), NETWORK) is expected


def _custom(*fields: str) -> Config:
    keys = [{"QueryArgument": {"Name": each, "TextTransformations": steps()}} for each in fields]
    return counts(10, "CUSTOM_KEYS", CustomKeys=keys)


def test_parts_of_a_rates_key_do_not_run_together() -> None:
    acl = make(make_rule("rate", _custom("p", "q")))
    for _ in range(20):
        judge(acl, ask(query="p=ab&q=c"))

    def is_limited(query: str) -> bool:
        return judge(acl, ask(query=query, received_at=NOW + 15)).by is not None

    assert [is_limited(query) for query in ("p=ab&q=c", "p=a&q=bc", "p=abc&q=")] == [True, False, False]


@pytest.mark.parametrize(("requests", "are_too_many"), [(10, False), (11, True)])
def test_a_rate_is_too_high_above_its_limit(requests: int, *, are_too_many: bool) -> None:
    acl = make(make_rule("rate", counts(10)))
    for _ in range(requests):
        judge(acl, ask())

    assert (judge(acl, ask(received_at=NOW + 15)).by is not None) is are_too_many


def test_a_rate_without_an_address_in_its_header_is_too_high_where_the_fallback_says_so() -> None:
    def first_of(header: list[tuple[str, str]], fallback: str) -> bool:
        config = {"HeaderName": "xff", "FallbackBehavior": fallback}
        acl = make(make_rule("rate", counts(10, "FORWARDED_IP", ForwardedIPConfig=config)))
        return judge(acl, ask(headers=header)).by is not None

    assert first_of([("xff", "nonsense")], "MATCH")
    assert not first_of([("xff", "nonsense")], "NO_MATCH")
    assert not first_of([], "MATCH")


def test_counts_of_a_removed_rule_restart_when_it_returns() -> None:
    windows = RateWindows()
    rate, other = make_rule("rate", counts(10)), make_rule("other", looks_for("/other"))
    for _ in range(20):
        judge(make(rate, windows=windows), ask())
    later = ask(received_at=NOW + 15)
    assert judge(make(rate, windows=windows), later).by is not None

    make(other, windows=windows)

    assert windows.find("/rate ") is None
    assert judge(make(rate, windows=windows), later).by is None


def test_a_rates_window_is_that_of_its_present_statement() -> None:
    windows = RateWindows()
    rate = make_rule("rate", counts(10))
    make(rate, windows=windows)
    before = windows.find("/rate ")
    make(rate | {"Statement": counts(20)}, windows=windows)

    assert before is not None
    assert windows.find("/rate ") not in {None, before}


def test_rules_of_a_group_are_evaluated_until_one_terminates() -> None:
    allows = [{"Name": "NoUserAgent_HEADER", "ActionToUse": {"Allow": {}}}]
    acl = make(make_managed_rule("AWSManagedRulesCommonRuleSet", RuleActionOverrides=allows))
    inspected = Inspected(ask(query="a=<script>", headers=[]))

    outcome = evaluate(acl, inspected)

    assert judge(acl, ask(query="a=<script>")).action.kind is Kind.BLOCK
    assert outcome.action.kind is Kind.ALLOW
    assert list(inspected.labels) == ["awswaf:managed:aws:core-rule-set:NoUserAgent_Header"]
