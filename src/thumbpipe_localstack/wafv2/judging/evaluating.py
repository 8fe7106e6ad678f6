"""Evaluates the rules of a web ACL in order."""

from thumbpipe_localstack.wafv2.judging.inspected import Inspected
from thumbpipe_localstack.wafv2.judging.model import Group, Kind, Outcome, Passage, Rule, WebAcl


def evaluate(acl: WebAcl, inspected: Inspected) -> Outcome:
    """Evaluate a web ACL for a request."""
    outcome = Outcome(acl.default)
    for rule in acl.rules:
        decided = (
            _ask_rule(rule, inspected, outcome) if isinstance(rule, Rule) else _ask_group(rule, inspected, outcome)
        )
        if decided is not None:
            outcome.action, outcome.by = decided.action, rule
            break
    if outcome.action.kind is Kind.ALLOW:
        outcome.inserted += outcome.action.inserted
    return outcome


def _ask_rule(rule: Rule, inspected: Inspected, outcome: Outcome) -> Rule | None:
    """Return the rule if it terminates the evaluation."""
    if not rule.matches(inspected):
        return None
    for label in rule.labels:
        inspected.labels[label] = None
    if rule.action.kind is not Kind.COUNT:
        return rule
    outcome.matched.append(rule)
    outcome.inserted += rule.action.inserted
    return None


def _ask_group(group: Group, inspected: Inspected, outcome: Outcome) -> Rule | None:
    """Return the rule of a group that terminates the evaluation of the web ACL, if any."""
    if group.within is not None and not group.within(inspected):
        return None
    passage: Passage | None = None
    for rule in group.rules:
        if not rule.matches(inspected):
            continue
        for label in rule.labels:
            inspected.labels[label] = None
        if passage is None:
            passage = Passage(group)
            outcome.passages.append(passage)
        if rule.action.kind is not Kind.COUNT:
            passage.terminating = rule
            break
        passage.matched.append(rule)
        outcome.inserted += rule.action.inserted
    if passage is None or passage.terminating is None:
        return None
    if group.counts:
        outcome.matched.append(group)
        return None
    return passage.terminating
