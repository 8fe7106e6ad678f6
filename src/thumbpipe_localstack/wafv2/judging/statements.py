"""Compiles statements to functions that tell whether a request matches."""

import base64
import json
from collections.abc import Callable
from typing import Final

from thumbpipe_localstack.wafv2.judging.addresses import compile_geo, compile_ip_set
from thumbpipe_localstack.wafv2.judging.fields import compile_values
from thumbpipe_localstack.wafv2.judging.injection import compile_sql, find_xss
from thumbpipe_localstack.wafv2.judging.inspected import Inspected, to_utf8
from thumbpipe_localstack.wafv2.judging.matching import (
    Test,
    compile_bytes,
    compile_regex,
    compile_size,
)
from thumbpipe_localstack.wafv2.judging.rate_keys import compile_key
from thumbpipe_localstack.wafv2.judging.scope import Matches, Scope, Statement

_DEFAULT_WINDOW_SECONDS: Final = 300


def compile_statement(statement: Statement, scope: Scope) -> Matches:
    """Compile a statement."""
    ((kind, settings),) = statement.items()
    return _COMPILERS[kind](settings, scope)


def search_text(statement: Statement) -> bytes:
    """Return the `SearchString` of a `ByteMatchStatement`, which is stored in base64."""
    wanted = statement["SearchString"]
    return wanted if isinstance(wanted, bytes) else base64.b64decode(wanted)


def window_seconds(rate: Statement) -> int:
    """Return the window of a `RateBasedStatement`, in seconds."""
    return int(rate.get("EvaluationWindowSec") or _DEFAULT_WINDOW_SECONDS)


def compile_test(statement: Statement, scope: Scope, test: Test) -> Matches:
    """Compile a statement that tests each value of a part."""
    values_of = compile_values(statement["FieldToMatch"], statement["TextTransformations"], scope.body_limit)

    def matches(inspected: Inspected) -> bool:
        values = values_of(inspected)
        if isinstance(values, bool):
            return values
        for value in values:  # noqa: SIM110 - the hottest loop: any() takes twice as long
            if test(value):
                return True
        return False

    return matches


def _and(settings: Statement, scope: Scope) -> Matches:
    parts = [compile_statement(each, scope) for each in settings["Statements"]]
    return lambda inspected: all(part(inspected) for part in parts)


def _or(settings: Statement, scope: Scope) -> Matches:
    parts = [compile_statement(each, scope) for each in settings["Statements"]]
    return lambda inspected: any(part(inspected) for part in parts)


def _not(settings: Statement, scope: Scope) -> Matches:
    part = compile_statement(settings["Statement"], scope)
    return lambda inspected: not part(inspected)


def _label(settings: Statement, scope: Scope) -> Matches:
    key = settings["Key"]
    wanted = key if key.startswith("awswaf:") else f"{scope.namespace}{key}"
    if settings["Scope"] == "LABEL":
        return lambda inspected: wanted in inspected.labels
    wanted = f"{wanted.rstrip(':')}:"
    return lambda inspected: any(label.startswith(wanted) for label in inspected.labels)


def _regex_set(settings: Statement, scope: Scope) -> Matches:
    return compile_test(settings, scope, compile_regex(*map(to_utf8, scope.sources.patterns(settings["ARN"]))))


def _ip_set(settings: Statement, scope: Scope) -> Matches:
    return compile_ip_set(scope.sources.addresses(settings["ARN"]), settings.get("IPSetForwardedIPConfig"))


def _rate(settings: Statement, scope: Scope) -> Matches:
    narrowed = settings.get("ScopeDownStatement")
    counts = compile_statement(narrowed, scope) if narrowed else None
    key_of = compile_key(settings, scope.body_limit)
    known_by = f"{scope.path} {json.dumps(settings, sort_keys=True, default=str)}"
    window = scope.windows.use(known_by, int(settings["Limit"]), window_seconds(settings))

    def matches(inspected: Inspected) -> bool:
        if counts is not None and not counts(inspected):
            return False
        key = key_of(inspected)
        if key is None or key is True:
            return key is True
        return window.count(str(key), inspected.request.received_at)

    return matches


_COMPILERS: Final[dict[str, Callable[[Statement, Scope], Matches]]] = {
    "AndStatement": _and,
    "ByteMatchStatement": lambda settings, scope: compile_test(
        settings, scope, compile_bytes(search_text(settings), settings["PositionalConstraint"])
    ),
    "GeoMatchStatement": lambda settings, _: compile_geo(settings["CountryCodes"], settings.get("ForwardedIPConfig")),
    "IPSetReferenceStatement": _ip_set,
    "LabelMatchStatement": _label,
    "NotStatement": _not,
    "OrStatement": _or,
    "RateBasedStatement": _rate,
    "RegexMatchStatement": lambda settings, scope: compile_test(
        settings, scope, compile_regex(to_utf8(settings["RegexString"]))
    ),
    "RegexPatternSetReferenceStatement": _regex_set,
    "SizeConstraintStatement": lambda settings, scope: compile_test(
        settings, scope, compile_size(settings["ComparisonOperator"], int(settings["Size"]))
    ),
    "SqliMatchStatement": lambda settings, scope: compile_test(
        settings, scope, compile_sql(settings.get("SensitivityLevel", "LOW"))
    ),
    "XssMatchStatement": lambda settings, scope: compile_test(settings, scope, find_xss),
}
GROUPS: Final = frozenset({"ManagedRuleGroupStatement", "RuleGroupReferenceStatement"})
STATEMENTS: Final = frozenset(_COMPILERS) | GROUPS
