"""Access logs: standard logging v2, by deliveries of CloudWatch Logs, and legacy logging, to a bucket."""

import gzip
import logging
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from thumbpipe_localstack.clients import client_of
from thumbpipe_localstack.cloudfront.telemetry import log_groups
from thumbpipe_localstack.cloudfront.telemetry.deliveries import Deliveries, Delivery
from thumbpipe_localstack.cloudfront.telemetry.log_fields import STANDARD, fields_of
from thumbpipe_localstack.cloudfront.telemetry.log_formats import to_file, to_legacy_line, to_line
from thumbpipe_localstack.cloudfront.telemetry.served_request import Exchange

if TYPE_CHECKING:  # the store imports LocalStack, which this module does not need
    from thumbpipe_localstack.cloudfront.store import Distribution

_LOG: Final = logging.getLogger(__name__)
_REGION: Final = "us-east-1"
_FORMATS: Final = ("json", "plain", "w3c")
_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_HOUR: Final = 3600
_DELIVERIES: Final = Deliveries()


def write(exchanges: Sequence[Exchange]) -> None:
    """Write requests to the logs of their distributions."""
    distributions: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        distributions[exchange.distribution.arn].append(exchange)
    for arn, ours in distributions.items():
        distribution = ours[-1].distribution
        deliveries = _DELIVERIES.of(distribution.account_id, arn)
        legacy = distribution.config.get("Logging") or {}
        if not deliveries and not legacy.get("Enabled"):
            continue
        records = [(exchange.ended, fields_of(exchange)) for exchange in ours]
        for delivery in deliveries:
            _try(_deliver, distribution, delivery, records)
        if legacy.get("Enabled"):
            _try(_write_legacy, distribution, legacy, records)


Records = Sequence[tuple[float, Mapping[str, str]]]


# Each writer has its own kind of settings.
def _try(write_logs: Any, distribution: "Distribution", where: Any, records: Records) -> None:  # noqa: ANN401
    """Write to one destination; its errors must not affect the others."""
    try:
        write_logs(distribution, where, records)
    except Exception as error:  # noqa: BLE001 - as above
        _LOG.warning("Cannot write access logs of distribution %s: %s", distribution.id, error)


def _deliver(distribution: "Distribution", delivery: Delivery, records: Records) -> None:
    if delivery.output_format not in _FORMATS or delivery.kind not in ("CWL", "S3"):
        _LOG.warning("Access logs are not delivered as %s to %s", delivery.output_format, delivery.destination)
    elif delivery.kind == "CWL":
        _write_group(distribution, delivery, records)
    else:
        _write_bucket(distribution, delivery, records)


def _write_group(distribution: "Distribution", delivery: Delivery, records: Records) -> None:
    _, _, _, region, account_id, _, group = delivery.destination.removesuffix(":*").split(":", 6)
    lines = [
        log_groups.LogLine(
            account_id=account_id,
            region=region,
            group=group,
            stream=f"CloudFront_{distribution.id}",
            timestamp=int(ended * 1000),
            message=to_line(fields, delivery.names, delivery.output_format, delivery.delimiter),
            creates_group=False,
        )
        for ended, fields in records
    ]
    log_groups.write(lines)


def _write_bucket(distribution: "Distribution", delivery: Delivery, records: Records) -> None:
    bucket, _, prefix = delivery.destination.rpartition(":")[2].partition("/")
    for hour, fields in _by_hour(records).items():
        lines = [to_line(each, delivery.names, delivery.output_format, delivery.delimiter) for each in fields]
        parts = [
            prefix.strip("/"),
            name_folder(distribution, delivery, hour).strip("/"),
            _name_file(distribution, hour),
        ]
        _put(distribution, bucket, parts, to_file(lines, delivery.names, delivery.output_format))


def name_folder(distribution: "Distribution", delivery: Delivery, hour: int) -> str:
    """Return the folder of a delivery's files: its suffix path with variables replaced."""
    when = time.gmtime(hour)
    values = {
        "accountid": distribution.account_id,
        "account-id": distribution.account_id,
        "distributionid": distribution.id,
        "yyyy": time.strftime("%Y", when),
        "mm": time.strftime("%m", when),
        "dd": time.strftime("%d", when),
        "hh": time.strftime("%H", when),
    }

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1].lower(), found[0])
        return f"{found[1]}={value}" if delivery.hive else value

    return _VARIABLE.sub(fill, delivery.suffix or "AWSLogs/{accountid}/CloudFront")


def _write_legacy(distribution: "Distribution", settings: Mapping[str, Any], records: Records) -> None:
    bucket = settings["Bucket"].partition(".s3")[0]
    for hour, fields in _by_hour(records).items():
        lines = [to_legacy_line(each, with_cookies=bool(settings.get("IncludeCookies"))) for each in fields]
        # No slash is added to the prefix.
        name = f"{settings.get('Prefix') or ''}{_name_file(distribution, hour)}"
        _put(distribution, bucket, [name], to_file(lines, STANDARD, "w3c"))


def _by_hour(records: Records) -> dict[int, list[Mapping[str, str]]]:
    hours: dict[int, list[Mapping[str, str]]] = defaultdict(list)
    for ended, fields in records:
        hours[int(ended) // _HOUR * _HOUR].append(fields)
    return hours


def _name_file(distribution: "Distribution", hour: int) -> str:
    return f"{distribution.id}.{time.strftime('%Y-%m-%d-%H', time.gmtime(hour))}.{secrets.token_hex(4)}.gz"


def _put(distribution: "Distribution", bucket: str, parts: Sequence[str], content: bytes) -> None:
    s3 = client_of("s3", distribution.account_id, _REGION)
    s3.put_object(Bucket=bucket, Key="/".join(filter(None, parts)), Body=gzip.compress(content))
