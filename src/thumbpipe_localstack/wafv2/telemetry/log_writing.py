"""Writes WAF's log to CloudWatch Logs."""

import logging
from collections import defaultdict

from localstack.aws.connect import connect_to
from localstack.constants import INTERNAL_AWS_SECRET_ACCESS_KEY

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.telemetry.findings import Finding
from thumbpipe_localstack.wafv2.telemetry.log_lines import is_kept, make_line

LOG = logging.getLogger(__name__)

_EVENTS_A_CALL = 500  # with lines of a kilobyte or two this stays below the mebibyte that a call may have


def write(findings: list[Finding]) -> None:
    """Write the lines of those web ACLs that have a log."""
    events: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for finding in findings:
        config = state.find_logging(finding.acl.arn)
        if config is None or not is_kept(finding, config.logging_filter):
            continue
        event = {
            "timestamp": int(finding.request.received_at * 1000),
            "message": make_line(finding, config.redacted_fields),
        }
        for destination in config.log_destination_configs:
            events[finding.acl.arn, destination].append(event)
    for (arn, destination), lines in events.items():
        try:
            _put(arn, destination, lines)
        except Exception as error:  # noqa: BLE001 - a log that cannot be written must not end the others
            LOG.warning("Cannot write the log of %s to %s: %s", arn, destination, error)


def _put(arn: str, destination: str, lines: list[dict[str, object]]) -> None:
    region, account = destination.split(":")[3:5]
    client = connect_to(
        region_name=region, aws_access_key_id=account, aws_secret_access_key=INTERNAL_AWS_SECRET_ACCESS_KEY
    ).logs
    where = {"logGroupName": destination.split(":")[6], "logStreamName": _stream(arn)}
    ordered = sorted(lines, key=lambda line: str(line["timestamp"]))
    for first in range(0, len(ordered), _EVENTS_A_CALL):
        batch = ordered[first : first + _EVENTS_A_CALL]
        try:
            client.put_log_events(**where, logEvents=batch)
        except client.exceptions.ResourceNotFoundException:  # WAF makes its stream, but not the group
            client.create_log_stream(**where)
            client.put_log_events(**where, logEvents=batch)


def _stream(arn: str) -> str:
    """Return the stream's name, as AWS makes it."""
    parts = arn.split(":")
    scope, _, name, _ = parts[5].split("/")
    return f"{'cloudfront' if scope == 'global' else parts[3]}_{name}_0"
