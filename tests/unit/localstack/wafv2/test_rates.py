"""Rate rules of WAF, without an engine."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.verdicts import (
    NOW,
    Config,
    ask,
    judge,
    make,
)
from support.web_acls import counts, looks_for, make_rule, steps
from thumbpipe_localstack.wafv2.judging.rates import MOST_KEYS, RateWindow, RateWindows
from thumbpipe_localstack.wafv2.judging.web_request import WebRequest


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


def test_counts_survive_a_change_of_other_rules_but_not_of_their_own() -> None:
    windows = RateWindows()
    rate = make_rule("rate", counts(10))
    for _ in range(20):
        judge(make(rate, windows=windows), ask())
    later = ask(received_at=NOW + 15)

    assert judge(make(rate, make_rule("other", looks_for("/other")), windows=windows), later).by is not None
    assert judge(make(rate | {"Statement": counts(11)}, windows=windows), later).by is None
