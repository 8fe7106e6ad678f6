"""Compiles a web ACL from the API's model."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.inspected import to_utf8
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS as MANAGED
from thumbpipe_localstack.wafv2.judging.managed.groups import ManagedGroup
from thumbpipe_localstack.wafv2.judging.model import Action, Group, Kind, Rule, Visibility, WebAcl
from thumbpipe_localstack.wafv2.judging.rates import RateWindows
from thumbpipe_localstack.wafv2.judging.scope import Scope, Sources
from thumbpipe_localstack.wafv2.judging.statements import compile_statement, window_seconds

_KIB: Final = 1024
_DEFAULT_BODY_LIMIT: Final = 16 * _KIB
_INSERTED_PREFIX: Final = "x-amzn-waf-"
_TYPES: Final = {"APPLICATION_JSON": "application/json", "TEXT_HTML": "text/html", "TEXT_PLAIN": "text/plain"}

Bodies = Mapping[str, Mapping[str, str]]
Config = Mapping[str, Any]


def compile_acl(config: Config, sources: Sources, windows: RateWindows) -> WebAcl:
    """Compile a web ACL.

    Args:
        config: As `GetWebACL` returns it.
        sources: Resolves what its rules refer to.
        windows: The counts of its rate-based rules.
    """
    bodies: Bodies = config.get("CustomResponseBodies") or {}
    scope = Scope(
        sources=sources,
        namespace=config["LabelNamespace"],
        body_limit=_body_limit(config.get("AssociationConfig")),
        windows=windows,
    )
    rules = [_compile(rule, scope, bodies) for rule in _in_order(config["Rules"])]
    windows.keep_used()
    return WebAcl(
        arn=config["ARN"],
        default=compile_action(config["DefaultAction"], bodies),
        rules=tuple(rules),
        visibility=_visibility(config["VisibilityConfig"]),
    )


def _body_limit(association: Config | None) -> int:
    limits = ((association or {}).get("RequestBody") or {}).values()
    sizes = [int(each["DefaultSizeInspectionLimit"].removeprefix("KB_")) * _KIB for each in limits]
    return max(sizes, default=_DEFAULT_BODY_LIMIT)


def _in_order(rules: Sequence[Config]) -> list[Config]:
    return sorted(rules, key=lambda rule: int(rule["Priority"]))


def _visibility(config: Config) -> Visibility:
    return Visibility(
        metric=config["MetricName"],
        metrics=config["CloudWatchMetricsEnabled"],
        samples=config["SampledRequestsEnabled"],
    )


def compile_action(action: Config, bodies: Bodies) -> Action:
    """Compile an action with its custom response and headers."""
    ((kind, settings),) = action.items()
    settings = settings or {}
    if kind == "Block":
        return _compile_block(settings.get("CustomResponse"), bodies)
    inserted = (settings.get("CustomRequestHandling") or {}).get("InsertHeaders") or []
    headers = tuple((f"{_INSERTED_PREFIX}{each['Name']}", each["Value"]) for each in inserted)
    return Action(kind=Kind(kind.upper()), inserted=headers)


def _compile_block(custom: Config | None, bodies: Bodies) -> Action:
    if not custom:
        return Action(kind=Kind.BLOCK)
    headers = [(each["Name"], each["Value"]) for each in custom.get("ResponseHeaders") or []]
    content = bodies.get(custom.get("CustomResponseBodyKey") or "")
    if content:
        headers.append(("Content-Type", _TYPES[content["ContentType"]]))
    return Action(
        kind=Kind.BLOCK,
        status=int(custom["ResponseCode"]),
        headers=tuple(headers),
        body=to_utf8(content["Content"]) if content else b"",
        custom=True,
    )


def _compile(rule: Config, scope: Scope, bodies: Bodies) -> Rule | Group:
    ((kind, settings),) = rule["Statement"].items()
    scope = dataclasses.replace(scope, path=f"{scope.path}/{rule['Name']}")
    if kind == "ManagedRuleGroupStatement":
        return _compile_managed(rule, settings, scope, bodies)
    if kind == "RuleGroupReferenceStatement":
        return _compile_reference(rule, settings, scope, bodies)
    return _compile_rule(rule, scope, bodies)


def _compile_rule(rule: Config, scope: Scope, bodies: Bodies) -> Rule:
    rate = rule["Statement"].get("RateBasedStatement")
    shown = (int(rate["Limit"]), window_seconds(rate), rate["AggregateKeyType"]) if rate else None
    return Rule(
        name=rule["Name"],
        kind="RATE_BASED" if rate else "REGULAR",
        matches=compile_statement(rule["Statement"], scope),
        action=compile_action(rule["Action"], bodies),
        original=None,
        excluded=False,
        labels=tuple(f"{scope.namespace}{each['Name']}" for each in rule.get("RuleLabels") or ()),
        visibility=_visibility(rule["VisibilityConfig"]),
        rate=shown,
    )


def _override(rule: Rule, settings: Config, bodies: Bodies) -> Rule:
    """Apply the web ACL's overrides to a rule of a group."""
    if any(each["Name"] == rule.name for each in settings.get("ExcludedRules") or ()):
        counting = Action(kind=Kind.COUNT)
        return dataclasses.replace(rule, action=counting, original=rule.action.kind, excluded=True)
    for each in settings.get("RuleActionOverrides") or ():
        if each["Name"] == rule.name:
            action = compile_action(each["ActionToUse"], bodies)
            return dataclasses.replace(rule, action=action, original=rule.action.kind)
    return rule


def _make_group(rule: Config, kind: str, names: tuple[str, str], rules: Sequence[Rule], scope: Scope) -> Group:
    ((_, settings),) = rule["Statement"].items()
    narrowed = settings.get("ScopeDownStatement")
    return Group(
        name=rule["Name"],
        kind=kind,
        group_id=names[0],
        metric_group=names[1],
        within=compile_statement(narrowed, scope) if narrowed else None,
        rules=tuple(rules),
        counts="Count" in (rule.get("OverrideAction") or {}),
        visibility=_visibility(rule["VisibilityConfig"]),
    )


def _compile_reference(rule: Config, settings: Config, scope: Scope, bodies: Bodies) -> Group:
    group = scope.sources.rule_group(settings["ARN"])
    inner = dataclasses.replace(scope, namespace=group["LabelNamespace"])
    own: Bodies = group.get("CustomResponseBodies") or {}
    rules = [
        _override(
            _compile_rule(each, dataclasses.replace(inner, path=f"{scope.path}/{each['Name']}"), own), settings, bodies
        )
        for each in _in_order(group["Rules"])
    ]
    return _make_group(rule, "GROUP", (settings["ARN"], group["VisibilityConfig"]["MetricName"]), rules, scope)


def _compile_managed(rule: Config, settings: Config, scope: Scope, bodies: Bodies) -> Group:
    group = MANAGED[settings["Name"]]
    rules = [_override(each, settings, bodies) for each in _managed_rules(group, scope)]
    version = f"#{settings['Version']}" if settings.get("Version") else ""
    names = (f"AWS#{group.name}{version}", group.name)
    return _make_group(rule, "MANAGED_RULE_GROUP", names, rules, scope)


def _managed_rules(group: ManagedGroup, scope: Scope) -> list[Rule]:
    return [
        Rule(
            name=each.name,
            kind="REGULAR",
            matches=each.compile(scope),
            action=Action(kind=Kind(each.action)),
            original=None,
            excluded=False,
            labels=(f"{group.namespace}{each.label}",),
            visibility=Visibility(metric=each.name, metrics=True, samples=True),
        )
        for each in group.rules
    ]
