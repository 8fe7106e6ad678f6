"""Lines of WAF's log in AWS's format, and logging filters."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.model import Group, Kind, Passage, Rule
from thumbpipe_localstack.wafv2.telemetry.findings import Finding

REDACTED: Final = "REDACTED"
_MOST_LABELS: Final = 100
_KEYS: Final = {"CUSTOM_KEYS": "CUSTOMKEYS"}

Config = Mapping[str, Any]


def is_kept(finding: Finding, logging_filter: Config | None) -> bool:
    """Tell whether a logging filter keeps a request: the first filter that matches decides."""
    if not logging_filter:
        return True
    for each in logging_filter["Filters"]:
        fits = all if each["Requirement"] == "MEETS_ALL" else any
        if fits(_meets(finding, condition) for condition in each["Conditions"]):
            return bool(each["Behavior"] == "KEEP")
    return bool(logging_filter["DefaultBehavior"] == "KEEP")


def _meets(finding: Finding, condition: Config) -> bool:
    if "LabelNameCondition" in condition:
        return condition["LabelNameCondition"]["LabelName"] in finding.labels
    return condition["ActionCondition"]["Action"] in _actions_of(finding)


def _actions_of(finding: Finding) -> set[str]:
    outcome = finding.outcome
    actions = {outcome.action.kind.value}
    counted = [rule for passage in outcome.passages for rule in passage.matched]
    if outcome.matched or any(not rule.excluded for rule in counted):
        actions.add("COUNT")
    if any(rule.excluded for rule in counted):
        actions.add("EXCLUDED_AS_COUNT")
    return actions


def make_line(finding: Finding, redacted: Sequence[Config] | None) -> str:
    """Return a log line.

    Args:
        finding: The finding.
        redacted: The `RedactedFields` of the logging configuration.
    """
    request, outcome = finding.request, finding.outcome
    by = outcome.by
    line = {
        "timestamp": int(request.received_at * 1000),
        "formatVersion": 1,
        "webaclId": finding.acl.arn,
        "terminatingRuleId": by.name if by else "Default_Action",
        "terminatingRuleType": by.kind if by else "REGULAR",
        "action": outcome.action.kind.value,
        "terminatingRuleMatchDetails": [],
        "httpSourceName": request.source_name,
        "httpSourceId": request.source_id,
        "ruleGroupList": [_passage(each) for each in outcome.passages],
        "rateBasedRuleList": _rates(finding),
        "nonTerminatingMatchingRules": [_counted(each.name) for each in outcome.matched],
        "requestHeadersInserted": _named(outcome.inserted) or None,
        "responseCodeSent": outcome.action.status if outcome.action.custom else None,
        "httpRequest": _request(finding, redacted or ()),
    }
    if finding.labels:
        line["labels"] = [{"name": label} for label in finding.labels[:_MOST_LABELS]]
    return json.dumps(line, separators=(",", ":"))


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _counted(name: str) -> dict[str, Any]:
    return {"ruleId": name, "action": Kind.COUNT.value, "ruleMatchDetails": []}


def _passage(passage: Passage) -> dict[str, Any]:
    excluded = [rule for rule in passage.matched if rule.excluded]
    return {
        "ruleGroupId": passage.group.group_id,
        "terminatingRule": _rule(passage.terminating) if passage.terminating else None,
        "nonTerminatingMatchingRules": [_rule(rule) for rule in passage.matched if not rule.excluded],
        "excludedRules": [{"ruleId": rule.name, "exclusionType": "EXCLUDED_AS_COUNT"} for rule in excluded] or None,
        "customerConfig": None,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    shown: dict[str, Any] = {"ruleId": rule.name, "action": rule.action.kind.value, "ruleMatchDetails": None}
    return shown | ({"overriddenAction": rule.original.value} if rule.original else {})


def _rates(finding: Finding) -> list[dict[str, Any]]:
    rules = [*finding.outcome.matched, *([finding.outcome.by] if finding.outcome.by else [])]
    return [
        {
            "rateBasedRuleId": f"{finding.acl.arn}#{rule.name}",
            "rateBasedRuleName": rule.name,
            "limitKey": _KEYS.get(rule.rate[2], rule.rate[2]),
            "maxRateAllowed": rule.rate[0],
            "evaluationWindowSec": str(rule.rate[1]),
            **({"limitValue": finding.request.source_ip} if rule.rate[2] == "IP" else {}),
        }
        for rule in rules
        if not isinstance(rule, Group) and rule.rate
    ]


def _request(finding: Finding, redacted: Sequence[Config]) -> dict[str, Any]:
    request = finding.request
    hidden = {kind for field in redacted for kind in field}
    headers = {field["SingleHeader"]["Name"].lower() for field in redacted if "SingleHeader" in field}
    shown = [(name, REDACTED if name.lower() in headers else value) for name, value in request.headers]
    host = next((value for name, value in shown if name.lower() == "host"), "")
    return {
        "clientIp": request.source_ip,
        "country": request.country or "-",
        "headers": _named(shown),
        "uri": REDACTED if "UriPath" in hidden else request.uri_path,
        "args": REDACTED if "QueryString" in hidden else request.query_string,
        "httpVersion": request.http_version,
        "httpMethod": REDACTED if "Method" in hidden else request.method,
        "requestId": request.request_id,
        "fragment": "",
        "scheme": "https",
        "host": host,
    }
