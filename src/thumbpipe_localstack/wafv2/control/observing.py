"""Sampled requests, and the addresses that rate-based rules limit."""

import time
from datetime import UTC, datetime
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.errors import fault, invalid, nonexistent
from thumbpipe_localstack.wafv2.control.stored import WEB_ACLS, Body, find
from thumbpipe_localstack.wafv2.judging.addresses import parse_address
from thumbpipe_localstack.wafv2.telemetry import samples
from thumbpipe_localstack.wafv2.verdict import find_rate

_IPV4: Final = 4
_IPV6: Final = 6


def get_sampled_requests(_context: RequestContext, request: Body) -> Body:
    """Return samples of the requests that matched a rule, or none of them."""
    acl = state.find_web_acl(request["WebAclArn"])
    if acl is None:
        raise nonexistent()
    most = int(request["MaxItems"])
    if not 1 <= most <= samples.MOST_SAMPLES:
        raise invalid("ENTITY_LIMIT", most, f"MaxItems must be from 1 to {samples.MOST_SAMPLES}.")
    metrics = {rule.visibility_config["MetricName"] for rule in acl.rules}
    if request["RuleMetricName"] not in metrics | {samples.DEFAULT_ACTION, acl.visibility_config["MetricName"]}:
        raise nonexistent()
    start, end = _seconds(request["TimeWindow"]["StartTime"]), _seconds(request["TimeWindow"]["EndTime"])
    if end < start:
        raise invalid("EXPIRE_TIMESTAMP", "TimeWindow", "The time window ends before it starts.")
    start = max(start, time.time() - samples.KEPT_SECONDS)  # as on AWS, a start time that is too early is moved
    metric = request["RuleMetricName"]
    metric = metric if metric in metrics else samples.DEFAULT_ACTION
    found, population = samples.find(acl.arn, metric, (start, end), most)
    return {
        "SampledRequests": [each | {"Timestamp": _moment(each["Timestamp"])} for each in found],
        "PopulationSize": population,
        "TimeWindow": {"StartTime": _moment(start), "EndTime": _moment(end)},
    }


def _seconds(moment: Any) -> float:  # noqa: ANN401 - LocalStack's parser returns datetimes of any time zone
    return float(moment.timestamp() if isinstance(moment, datetime) else moment)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def get_rate_based_statement_managed_keys(context: RequestContext, request: Body) -> Body:
    """Return the addresses that a rate-based rule limits now."""
    named = {"Scope": request["Scope"], "Name": request["WebACLName"], "Id": request["WebACLId"]}
    acl = find(context, WEB_ACLS, named)
    window = find_rate(acl.arn, request["RuleName"], request.get("RuleGroupRuleName"))
    if window is None:
        raise nonexistent()
    keys = window.limited(time.time())
    addresses = [address for address in map(parse_address, keys) if address is not None]
    if len(addresses) < len(keys):
        raise fault("WAFUnsupportedAggregateKeyTypeException", "The rule does not aggregate by IP or FORWARDED_IP.")
    return {
        f"ManagedKeysIPV{version}": {
            "IPAddressVersion": f"IPV{version}",
            "Addresses": [f"{each}/{each.max_prefixlen}" for each in addresses if each.version == version],
        }
        for version in (_IPV4, _IPV6)
    }
