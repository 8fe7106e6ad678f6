"""Web ACL capacity units (WCU) of rules, as AWS documents them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS

MOST_UNITS: Final = 5_000

_TRANSFORMATION: Final = 10
_ALL_ARGUMENTS: Final = 10
_CUSTOM_KEY: Final = 30
_FORWARDED_ANY: Final = 4
_BYTES: Final = {"CONTAINS": 10, "CONTAINS_WORD": 10}
_BASE: Final = {
    "ByteMatchStatement": 2,
    "GeoMatchStatement": 1,
    "IPSetReferenceStatement": 1,
    "LabelMatchStatement": 1,
    "RateBasedStatement": 2,
    "RegexMatchStatement": 3,
    "RegexPatternSetReferenceStatement": 25,
    "SizeConstraintStatement": 1,
    "SqliMatchStatement": 20,
    "XssMatchStatement": 40,
}
_SQL_HIGH: Final = 30

Config = Mapping[str, Any]


def capacity_of(rules: Sequence[Config]) -> int:
    """Return the capacity that rules need."""
    return sum(_cost(rule["Statement"]) for rule in rules)


def _cost(statement: Config) -> int:
    ((kind, settings),) = statement.items()
    if kind == "ManagedRuleGroupStatement":
        return GROUPS[settings["Name"]].capacity + _nested(settings)
    if kind == "RuleGroupReferenceStatement":
        return int(state.StoredSources().rule_group(settings["ARN"])["Capacity"])
    return _own(kind, settings) + _nested(settings)


def _nested(settings: Config) -> int:
    inner = [settings[name] for name in ("Statement", "ScopeDownStatement") if settings.get(name)]
    return sum(_cost(each) for each in [*inner, *settings.get("Statements", ())])


def _own(kind: str, settings: Config) -> int:
    units = _BASE.get(kind, 0)
    if kind == "ByteMatchStatement":
        units = _BYTES.get(settings["PositionalConstraint"], units)
    if kind == "SqliMatchStatement" and settings.get("SensitivityLevel") == "HIGH":
        units = _SQL_HIGH
    if (settings.get("IPSetForwardedIPConfig") or {}).get("Position") == "ANY":
        units += _FORWARDED_ANY
    field = settings.get("FieldToMatch") or {}
    if "JsonBody" in field:
        units *= 2
    if "AllQueryArguments" in field:
        units += _ALL_ARGUMENTS
    steps = {each["Type"] for each in settings.get("TextTransformations", ())} - {"NONE"}
    return units + _TRANSFORMATION * len(steps) + _CUSTOM_KEY * len(settings.get("CustomKeys") or ())
