"""Validation of web ACLs and rule groups."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from thumbpipe_localstack.wafv2.control.capacity import MOST_UNITS, capacity_of
from thumbpipe_localstack.wafv2.control.errors import fault, invalid, unsupported
from thumbpipe_localstack.wafv2.control.statement_checks import Place, check_statement
from thumbpipe_localstack.wafv2.judging.statements import GROUPS

Config = Mapping[str, Any]

_NAME: Final = re.compile(r"[\w\-]{1,128}", re.ASCII)
_ACTIONS: Final = {"Allow", "Block", "Count"}
_STATUSES: Final = range(200, 600)
_UNSUPPORTED: Final = ("ApplicationConfig", "CaptchaConfig", "ChallengeConfig", "DataProtectionConfig", "TokenDomains")


def check_name(name: str) -> None:
    """Reject an invalid name."""
    if not _NAME.fullmatch(name or ""):
        raise invalid("WEB_ACL", name, "The parameter contains formatting that is not valid.")


def check_acl(body: Config) -> None:
    """Reject a web ACL that is invalid or not supported."""
    for name in _UNSUPPORTED:
        if body.get(name):
            raise unsupported(f"{name} of a web ACL")
    if body.get("OnSourceDDoSProtectionConfig"):
        raise unsupported("OnSourceDDoSProtectionConfig, which is for load balancers")
    bodies = body.get("CustomResponseBodies") or {}
    if set(body.get("DefaultAction") or {}) not in ({"Allow"}, {"Block"}):
        reason = "You have used none or multiple values for a field that requires exactly one value."
        raise invalid("DEFAULT_ACTION", "DefaultAction", reason)
    _check_action(body["DefaultAction"], bodies)
    _check_visibility(body.get("VisibilityConfig"))
    _check_rules(body.get("Rules") or [], bodies, Place(scope=body["Scope"], in_group=False))
    units = capacity_of(body.get("Rules") or [])
    if units > MOST_UNITS:
        raise fault("WAFLimitsExceededException", f"The rules need {units} WCU; a web ACL may have {MOST_UNITS}.")


def check_group(body: Config, capacity: int) -> None:
    """Reject an invalid rule group."""
    _check_visibility(body.get("VisibilityConfig"))
    rules = body.get("Rules") or []
    _check_rules(rules, body.get("CustomResponseBodies") or {}, Place(scope=body["Scope"], in_group=True))
    units = capacity_of(rules)
    if units > capacity:
        raise fault(
            "WAFLimitsExceededException", f"The rules need {units} WCU, and the group's capacity is {capacity}."
        )


def check_rules(rules: Sequence[Config], scope: str) -> None:
    """Reject rules as `CheckCapacity` does."""
    _check_rules(rules, None, Place(scope=scope, in_group=False))


def _check_visibility(config: Config | None) -> None:
    if not config or not re.fullmatch(r"[\w#:./-]{1,255}", config.get("MetricName") or "", re.ASCII):
        raise invalid("METRIC_NAME", (config or {}).get("MetricName"), "The metric name is not valid.")


def _check_rules(rules: Sequence[Config], bodies: Config | None, place: Place) -> None:
    for what in ("Name", "Priority"):
        values = [rule[what] for rule in rules]
        for value in values:
            if values.count(value) > 1:
                raise invalid("RULE", value, f"Duplicate {what.lower()}: each rule must have its own.")
    for rule in rules:
        check_name(rule["Name"])
        _check_visibility(rule.get("VisibilityConfig"))
        check_statement(rule["Statement"], place)
        _check_rule_action(rule, bodies, place)


def _check_rule_action(rule: Config, bodies: Config | None, place: Place) -> None:
    ((kind, settings),) = rule["Statement"].items()
    action, override = rule.get("Action"), rule.get("OverrideAction")
    if kind in GROUPS:
        if place.in_group:
            raise invalid("STATEMENT", kind, "A rule group cannot contain another one.")
        if action or set(override or {}) not in ({"None"}, {"Count"}):
            raise invalid(
                "OVERRIDE_ACTION", rule["Name"], "A rule with a group must have OverrideAction, and no Action."
            )
        for each in settings.get("RuleActionOverrides") or ():
            _check_action(each["ActionToUse"], bodies)
    else:
        if override or len(action or {}) != 1:
            raise invalid("RULE_ACTION", rule["Name"], "A rule must have one Action, and no OverrideAction.")
        _check_action(action or {}, bodies)


def _check_action(action: Config, bodies: Config | None) -> None:
    ((kind, settings),) = action.items()
    if kind not in _ACTIONS:
        raise unsupported(f"the action {kind}, which needs a browser that responds to AWS")
    custom = (settings or {}).get("CustomResponse")
    if not custom:
        return
    if int(custom["ResponseCode"]) not in _STATUSES:
        raise invalid("CUSTOM_RESPONSE", custom["ResponseCode"], "The response code is not valid.")
    key = custom.get("CustomResponseBodyKey")
    if key and bodies is not None and key not in bodies:
        raise invalid("CUSTOM_RESPONSE_BODY", key, "The specified custom response body does not exist.")
