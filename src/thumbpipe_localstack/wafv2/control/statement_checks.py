"""Validation of statements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.errors import invalid, nonexistent, unsupported
from thumbpipe_localstack.wafv2.judging.fields import FIELDS
from thumbpipe_localstack.wafv2.judging.inspected import to_utf8
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS
from thumbpipe_localstack.wafv2.judging.matching import BadPatternError, compile_regex
from thumbpipe_localstack.wafv2.judging.rate_keys import UNSUPPORTED_KEYS
from thumbpipe_localstack.wafv2.judging.statements import STATEMENTS, search_text
from thumbpipe_localstack.wafv2.judging.transforms import TRANSFORMATIONS

Config = Mapping[str, Any]

_EXACTLY_ONE: Final = "You have used none or multiple values for a field that requires exactly one value."
_FEWEST_NESTED: Final = 2
_LONGEST_SEARCH: Final = 200
_LONGEST_PATTERN: Final = 512
_MOST_KEYS: Final = 5
_LIMITS: Final = range(10, 2_000_000_001)
_WINDOWS: Final = {60, 120, 300, 600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The context of a statement.

    Attributes:
        scope: `CLOUDFRONT` or `REGIONAL`.
        in_group: Whether it belongs to a rule group.
        nested: Whether it is nested in another statement.
    """

    scope: str
    in_group: bool
    nested: bool = False


def check_statement(statement: Config, place: Place) -> None:
    """Reject a statement that is invalid or not supported."""
    if len(statement) != 1:
        raise invalid("STATEMENT", "Statement", _EXACTLY_ONE)
    ((kind, settings),) = statement.items()
    if kind not in STATEMENTS:
        raise unsupported(kind)
    _check_parts(settings)
    check = _CHECKS.get(kind)
    if check is not None:
        check(settings, place)


def check_pattern(pattern: str) -> None:
    """Reject an invalid pattern."""
    if not 1 <= len(pattern) <= _LONGEST_PATTERN:
        raise invalid("STATEMENT", pattern, f"A pattern must have from 1 to {_LONGEST_PATTERN} characters.")
    try:
        compile_regex(to_utf8(pattern))
    except BadPatternError as error:
        raise invalid("STATEMENT", pattern, f"The pattern is not valid: {error}") from error


def _check_parts(settings: Config) -> None:
    field = settings.get("FieldToMatch")
    if field is not None and (len(field) != 1 or not set(field) <= FIELDS):
        raise invalid("FIELD_TO_MATCH", "FieldToMatch", _EXACTLY_ONE)
    steps = settings.get("TextTransformations")
    if field is not None and not steps:
        raise invalid(
            "TEXT_TRANSFORMATION",
            "TextTransformations",
            "There must be at least one text transformation, which may be NONE.",
        )
    for step in steps or ():
        if step["Type"] not in TRANSFORMATIONS:
            raise invalid("TEXT_TRANSFORMATION", step["Type"], "The text transformation does not exist.")
    priorities = [step["Priority"] for step in steps or ()]
    if len(set(priorities)) < len(priorities):
        raise invalid("TEXT_TRANSFORMATION", "Priority", "Each text transformation must have a unique priority.")


def _check_logical(settings: Config, place: Place) -> None:
    inner = settings.get("Statements")
    if inner is not None and len(inner) < _FEWEST_NESTED:
        raise invalid("STATEMENT", "Statements", "There must be at least two statements.")
    for each in inner if inner is not None else [settings["Statement"]]:
        _check_nested(each, place)


def _check_nested(statement: Config, place: Place) -> None:
    if any(kind.endswith("GroupStatement") or kind in _TOP_ONLY for kind in statement):
        raise invalid("STATEMENT", next(iter(statement)), "The statement cannot be nested.")
    check_statement(statement, Place(scope=place.scope, in_group=place.in_group, nested=True))


def _check_rate(settings: Config, place: Place) -> None:
    if int(settings["Limit"]) not in _LIMITS:
        raise invalid("RATE_BASED_STATEMENT", settings["Limit"], "The limit must be from 10 to 2,000,000,000.")
    if int(settings.get("EvaluationWindowSec") or 300) not in _WINDOWS:
        reason = "The evaluation window must be 60, 120, 300 or 600 seconds."
        raise invalid("RATE_BASED_STATEMENT", settings["EvaluationWindowSec"], reason)
    kind, narrowed = settings["AggregateKeyType"], settings.get("ScopeDownStatement")
    keys = settings.get("CustomKeys") or []
    if (kind == "CUSTOM_KEYS") != bool(keys) or len(keys) > _MOST_KEYS:
        raise invalid(
            "CUSTOM_KEYS", kind, f"CUSTOM_KEYS requires from 1 to {_MOST_KEYS} keys; other key types take none."
        )
    forwarded = kind == "FORWARDED_IP" or any("ForwardedIP" in key for key in keys)
    if forwarded and not settings.get("ForwardedIPConfig"):
        raise invalid("FORWARDED_IP_CONFIG", kind, "ForwardedIPConfig is missing.")
    for key in keys:
        if set(key) & set(UNSUPPORTED_KEYS):
            raise unsupported(f"the custom key {next(iter(key))} of rate-based rules")
        _check_parts(next(iter(key.values())) or {})
    if kind == "CONSTANT" and not narrowed:
        raise invalid("SCOPE_DOWN", kind, "CONSTANT needs a scope-down statement.")
    if narrowed:
        _check_nested(narrowed, place)


def _check_bytes(settings: Config, _place: Place) -> None:
    if not 1 <= len(search_text(settings)) <= _LONGEST_SEARCH:
        reason = f"SearchString must have from 1 to {_LONGEST_SEARCH} bytes."
        raise invalid("BYTE_MATCH_STATEMENT", "SearchString", reason)


def _check_managed(settings: Config, place: Place) -> None:
    group = GROUPS.get(settings["Name"]) if settings["VendorName"] == "AWS" else None
    if group is None:
        served = ", ".join(GROUPS)
        raise unsupported(f"the managed rule group {settings['VendorName']}/{settings['Name']}; supported: {served}")
    if settings.get("ManagedRuleGroupConfigs"):
        raise unsupported("ManagedRuleGroupConfigs, which no supported group has")
    _check_overrides(settings, {rule.name for rule in group.rules})
    if settings.get("ScopeDownStatement"):
        _check_nested(settings["ScopeDownStatement"], place)


def _check_overrides(settings: Config, names: set[str]) -> None:
    wanted = [each["Name"] for what in ("ExcludedRules", "RuleActionOverrides") for each in settings.get(what) or ()]
    for name in wanted:
        if name not in names:
            raise invalid("EXCLUDED_RULE", name, "The rule group has no such rule.")


def _reference(collection: str) -> Callable[[Config, Place], None]:
    def check(settings: Config, place: Place) -> None:
        arn = settings["ARN"]
        backend = state.backend_of(arn)
        if backend is None or arn not in getattr(backend, collection):
            raise nonexistent()
        if (":global/" in arn) != (place.scope == "CLOUDFRONT"):
            raise invalid("SCOPE_VALUE", arn, "The referenced resource has a different scope.")
        if collection == "rule_groups":
            _check_overrides(settings, {rule.name for rule in backend.rule_groups[arn].rules})

    return check


_TOP_ONLY: Final = {"RateBasedStatement", "RuleGroupReferenceStatement"}
_CHECKS: Final[dict[str, Callable[[Config, Place], None]]] = {
    "AndStatement": _check_logical,
    "ByteMatchStatement": _check_bytes,
    "IPSetReferenceStatement": _reference("ip_sets"),
    "ManagedRuleGroupStatement": _check_managed,
    "NotStatement": _check_logical,
    "OrStatement": _check_logical,
    "RateBasedStatement": _check_rate,
    "RegexMatchStatement": lambda settings, _: check_pattern(settings["RegexString"]),
    "RegexPatternSetReferenceStatement": _reference("regex_pattern_sets"),
    "RuleGroupReferenceStatement": _reference("rule_groups"),
}
