"""CloudFront's metrics in CloudWatch: `AWS/CloudFront` of us-east-1, by distribution, with `Region=Global`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from thumbpipe_localstack.clients import client_of
from thumbpipe_localstack.cloudfront.telemetry.served_request import Exchange
from thumbpipe_localstack.cloudwatch import send_metrics

_NAMESPACE: Final = "AWS/CloudFront"
_REGION: Final = "us-east-1"
_MINUTE: Final = 60
_DOWNLOADS: Final = ("GET", "HEAD")
_UPLOADS: Final = ("POST", "PUT")
_PERCENT: Final = 100.0
_CLIENT_ERRORS: Final = 4
_SERVER_ERRORS: Final = 5

Key = tuple[str, str, int]


@dataclass(slots=True)
class Sum:
    """A statistic set: what CloudWatch stores of many values."""

    count: int = 0
    total: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, value: float) -> None:
        """Add a value."""
        self.count += 1
        self.total += value
        self.least = min(self.least, value)
        self.most = max(self.most, value)


@dataclass(slots=True)
class Minute:
    """A distribution's metrics of a minute, by name."""

    sums: dict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))

    def add(self, exchange: Exchange) -> None:
        """Add a request. Rates are averages of 0 and 100, which are correct over longer periods, too."""
        kind = exchange.status // 100
        values = {
            "Requests": 1.0,
            "BytesDownloaded": float(exchange.sent_bytes if exchange.method in _DOWNLOADS else 0),
            "BytesUploaded": float(exchange.received_body if exchange.method in _UPLOADS else 0),
            "4xxErrorRate": _PERCENT * (kind == _CLIENT_ERRORS),
            "5xxErrorRate": _PERCENT * (kind == _SERVER_ERRORS),
            "TotalErrorRate": _PERCENT * (kind in (_CLIENT_ERRORS, _SERVER_ERRORS)),
        }
        for name, value in values.items():
            self.sums[name].add(value)


_UNITS: Final = {"Requests": "None", "BytesDownloaded": "None", "BytesUploaded": "None"}


def collect(exchanges: Sequence[Exchange]) -> dict[Key, Minute]:
    """Return the metrics of requests, by account, distribution and minute."""
    minutes: dict[Key, Minute] = defaultdict(Minute)
    for exchange in exchanges:
        minute = int(exchange.ended) // _MINUTE * _MINUTE
        minutes[exchange.distribution.account_id, exchange.distribution.id, minute].add(exchange)
    return minutes


def to_data(distribution_id: str, minute: int, sums: dict[str, Sum]) -> list[dict[str, Any]]:
    """Return a distribution's metrics of a minute as `PutMetricData` takes them."""
    dimensions = [{"Name": "DistributionId", "Value": distribution_id}, {"Name": "Region", "Value": "Global"}]
    return [
        {
            "MetricName": name,
            "Dimensions": dimensions,
            "Timestamp": datetime.fromtimestamp(minute, UTC),
            "Unit": _UNITS.get(name, "Percent"),
            "StatisticValues": {
                "SampleCount": kept.count,
                "Sum": kept.total,
                "Minimum": kept.least,
                "Maximum": kept.most,
            },
        }
        for name, kept in sums.items()
    ]


def write(exchanges: Sequence[Exchange]) -> None:
    """Send the metrics of requests to CloudWatch."""
    accounts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (account_id, distribution_id, minute), counted in collect(exchanges).items():
        accounts[account_id] += to_data(distribution_id, minute, counted.sums)
    for account_id, data in accounts.items():
        send_metrics(client_of("cloudwatch", account_id, _REGION), _NAMESPACE, data)
