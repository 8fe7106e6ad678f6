"""Metrics of web ACLs and rules in the namespace `AWS/WAFV2`, sent every few seconds."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Final

from thumbpipe_localstack.clients import client_of
from thumbpipe_localstack.cloudwatch import send_metrics
from thumbpipe_localstack.wafv2.judging.model import Kind
from thumbpipe_localstack.wafv2.telemetry.findings import Finding
from thumbpipe_localstack.wafv2.telemetry.samples import DEFAULT_ACTION

NAMESPACE: Final = "AWS/WAFV2"
_SEND_SECONDS: Final = 5.0
_METRICS: Final = {Kind.ALLOW: "AllowedRequests", Kind.BLOCK: "BlockedRequests", Kind.COUNT: "CountedRequests"}

_counts: Counter[tuple[str, str, str, str]] = (
    Counter()
)  # by ARN, the web ACL's metric, the rule's metric, and the metric's name
_sent_at = [0.0]


def count(findings: list[Finding]) -> None:
    """Count findings, and send the counts if it is time; called without findings, too."""
    for finding in findings:
        acl = finding.acl
        for rule, metric in _metrics_of(finding):
            _counts[acl.arn, acl.visibility.metric, rule, metric] += 1
    now = time.monotonic()
    if _counts and now - _sent_at[0] >= _SEND_SECONDS:
        _sent_at[0] = now
        counted = dict(_counts)
        _counts.clear()
        _send(counted)


def _metrics_of(finding: Finding) -> Iterator[tuple[str, str]]:
    """Iterate over rules and metrics that a request counts for."""
    outcome, acl = finding.outcome, finding.acl
    by = outcome.by.visibility if outcome.by else acl.visibility
    name = _METRICS[outcome.action.kind]
    if by.metrics:
        yield by.metric if outcome.by else DEFAULT_ACTION, name
    if acl.visibility.metrics:
        yield "ALL", name
    counted = [each.visibility for each in outcome.matched]
    counted += [passage.group.visibility for passage in outcome.passages if passage.matched]
    for visibility in dict.fromkeys(counted):
        if visibility.metrics:
            yield visibility.metric, _METRICS[Kind.COUNT]
    if counted and acl.visibility.metrics:
        yield "ALL", _METRICS[Kind.COUNT]


def _send(counted: dict[tuple[str, str, str, str], int]) -> None:
    by_place: dict[tuple[str, str], list[dict[str, object]]] = {}
    for (arn, acl_metric, rule, metric), value in counted.items():
        region, account, scope = arn.split(":")[3:6]
        dimensions = [{"Name": "WebACL", "Value": acl_metric}, {"Name": "Rule", "Value": rule}]
        if not scope.startswith("global"):  # as on AWS: not for CloudFront
            dimensions.append({"Name": "Region", "Value": region})
        datum = {"MetricName": metric, "Dimensions": dimensions, "Value": value, "Unit": "Count"}
        by_place.setdefault((region, account), []).append(datum)
    for (region, account), data in by_place.items():
        send_metrics(client_of("cloudwatch", account, region), NAMESPACE, data)
