"""Destinations of access logs: delivery sources, destinations and deliveries of CloudWatch Logs.

LocalStack implements their API with moto, which stores them but delivers nothing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from thumbpipe_localstack.clients import client_of, is_running
from thumbpipe_localstack.cloudfront.telemetry.log_fields import STANDARD

_REGION: Final = "us-east-1"  # CloudFront's sources exist there only
_KEEP_SECONDS: Final = 5.0
_ACCESS_LOGS: Final = "ACCESS_LOGS"
_DEFAULT_FORMATS: Final = {"CWL": "json", "S3": "w3c"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery of access logs.

    Attributes:
        kind: `CWL` or `S3`.
        destination: The ARN of the log group or bucket; a bucket's may end with a prefix.
        output_format: `json`, `plain`, `w3c`.
        names: The fields, in order.
        delimiter: Between fields, unless the format is JSON.
        suffix: The folder in the bucket, with variables in braces.
        hive: Whether variables are written as `name=value`.
    """

    kind: str
    destination: str
    output_format: str
    names: tuple[str, ...]
    delimiter: str
    suffix: str
    hive: bool


class Deliveries:
    """The deliveries of accounts, cached for a few seconds."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, dict[str, list[Delivery]]]] = {}

    def of(self, account_id: str, arn: str) -> list[Delivery]:
        """Return the deliveries of a distribution."""
        looked_up, found = self._known.get(account_id, (0.0, {}))
        if time.monotonic() - looked_up > _KEEP_SECONDS:
            # A service that was never used has no deliveries; a call would load it.
            found = _look_up(client_of("logs", account_id, _REGION)) if is_running("logs") else {}
            self._known[account_id] = (time.monotonic(), found)
        return found.get(arn, [])


def _look_up(logs: Any) -> dict[str, list[Delivery]]:  # noqa: ANN401 - boto3 makes its clients at run time
    sources = {
        source["name"]: source["resourceArns"]
        for source in _list(logs, "describe_delivery_sources", "deliverySources")
        if source.get("logType") == _ACCESS_LOGS
    }
    destinations = {
        destination["arn"]: destination
        for destination in _list(logs, "describe_delivery_destinations", "deliveryDestinations")
    }
    found: dict[str, list[Delivery]] = {}
    for delivery in _list(logs, "describe_deliveries", "deliveries"):
        destination = destinations.get(delivery["deliveryDestinationArn"])
        for arn in sources.get(delivery["deliverySourceName"], []):
            if destination is not None:
                found.setdefault(arn, []).append(_read(delivery, destination))
    return found


def _list(logs: Any, operation: str, key: str) -> list[dict[str, Any]]:  # noqa: ANN401
    pages = logs.get_paginator(operation).paginate()
    return [item for page in pages for item in page.get(key, [])]


def _read(delivery: Mapping[str, Any], destination: Mapping[str, Any]) -> Delivery:
    kind = destination["deliveryDestinationType"]
    s3 = delivery.get("s3DeliveryConfiguration") or {}
    return Delivery(
        kind=kind,
        destination=destination["deliveryDestinationConfiguration"]["destinationResourceArn"],
        output_format=destination.get("outputFormat") or _DEFAULT_FORMATS.get(kind, "json"),
        names=tuple(delivery.get("recordFields") or STANDARD),
        delimiter=delivery.get("fieldDelimiter") or "\t",
        suffix=s3.get("suffixPath") or "",
        hive=bool(s3.get("enableHiveCompatiblePath")),
    )
