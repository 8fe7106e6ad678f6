"""Samples of requests for `GetSampledRequests`: the last 500 of each rule within three hours."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from thumbpipe_localstack.wafv2.judging.model import Group, Passage, Rule, Visibility
from thumbpipe_localstack.wafv2.telemetry.findings import Finding

KEPT_SECONDS: Final = 3 * 3600
MOST_SAMPLES: Final = 500
DEFAULT_ACTION: Final = "Default_Action"
_MINUTE: Final = 60


@dataclass(slots=True)
class _Sampled:
    samples: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_SAMPLES))
    counts: dict[int, int] = field(default_factory=dict)  # by minute


_lock = threading.Lock()
_kept: dict[tuple[str, str], _Sampled] = {}


def keep(findings: list[Finding]) -> None:
    """Keep samples of findings, if they are enabled."""
    for finding in findings:
        for visibility, sample in _samples_of(finding):
            if visibility.samples:
                metric = visibility.metric if visibility is not finding.acl.visibility else DEFAULT_ACTION
                _keep_one(finding.acl.arn, metric, finding.request.received_at, sample)


def find(arn: str, metric: str, window: tuple[float, float], most: int) -> tuple[list[dict[str, Any]], int]:
    """Return the samples of a rule within a time window, newest first, and the number of matching requests."""
    start, end = window
    with _lock:
        sampled = _kept.get((arn, metric), _Sampled())
        within = [each for each in reversed(sampled.samples) if start <= each["Timestamp"] <= end]
        population = sum(count for minute, count in sampled.counts.items() if start - _MINUTE < minute * _MINUTE <= end)
    return within[:most], max(population, len(within))


def forget(arn: str) -> None:
    """Delete the samples of a web ACL."""
    with _lock:
        for key in [key for key in _kept if key[0] == arn]:
            del _kept[key]


def _keep_one(arn: str, metric: str, now: float, sample: dict[str, Any]) -> None:
    with _lock:
        sampled = _kept.setdefault((arn, metric), _Sampled())
        sampled.samples.append(sample)
        minute = int(now // _MINUTE)
        sampled.counts[minute] = sampled.counts.get(minute, 0) + 1
        for old in [each for each in sampled.counts if each < minute - KEPT_SECONDS // _MINUTE]:
            del sampled.counts[old]


def _samples_of(finding: Finding) -> Iterator[tuple[Visibility, dict[str, Any]]]:
    outcome = finding.outcome
    for passage in outcome.passages:
        for rule in passage.matched:
            yield passage.group.visibility, _sample(finding, rule.action.kind.value, passage, rule)
        if passage.terminating is not None:
            action = "COUNT" if passage.group.counts else passage.terminating.action.kind.value
            yield passage.group.visibility, _sample(finding, action, passage, passage.terminating)
    for matched in outcome.matched:
        if isinstance(matched, Rule):
            yield matched.visibility, _sample(finding, matched.action.kind.value)
    if not isinstance(outcome.by, Group):
        by = outcome.by.visibility if outcome.by else finding.acl.visibility
        yield by, _sample(finding, outcome.action.kind.value)


def _sample(finding: Finding, action: str, passage: Passage | None = None, rule: Rule | None = None) -> dict[str, Any]:
    request, outcome = finding.request, finding.outcome
    sample: dict[str, Any] = {
        "Request": {
            "ClientIP": request.source_ip,
            "Country": request.country or "-",
            "URI": f"{request.uri_path}?{request.query_string}" if request.query_string else request.uri_path,
            "Method": request.method,
            "HTTPVersion": request.http_version,
            "Headers": [{"Name": name, "Value": value} for name, value in request.headers],
        },
        "Weight": 1,
        "Timestamp": request.received_at,
        "Action": action,
    }
    if finding.labels:
        sample["Labels"] = [{"Name": label} for label in finding.labels]
    if outcome.inserted:
        sample["RequestHeadersInserted"] = [{"Name": name, "Value": value} for name, value in outcome.inserted]
    if action == "BLOCK" and outcome.action.custom:
        sample["ResponseCodeSent"] = outcome.action.status
    if passage is not None and rule is not None:
        sample["RuleNameWithinRuleGroup"] = f"{passage.group.group_id}#{rule.name}"
        if rule.original is not None or passage.group.counts:
            sample["OverriddenAction"] = (rule.original or rule.action.kind).value
    return sample
