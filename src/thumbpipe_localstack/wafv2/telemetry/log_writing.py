"""Writes WAF's log to CloudWatch Logs."""

import logging
from collections import defaultdict
from typing import Final

from thumbpipe_localstack.clients import client_of
from thumbpipe_localstack.cloudwatch import Event, write_events
from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.telemetry.findings import Finding
from thumbpipe_localstack.wafv2.telemetry.log_lines import is_kept, make_line

LOG: Final = logging.getLogger(__name__)


def write(findings: list[Finding]) -> None:
    """Write findings to the logs of their web ACLs, if they have any."""
    events: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for finding in findings:
        config = state.find_logging(finding.acl.arn)
        if config is None or not is_kept(finding, config.logging_filter):
            continue
        event = int(finding.request.received_at * 1000), make_line(finding, config.redacted_fields)
        for destination in config.log_destination_configs:
            events[finding.acl.arn, destination].append(event)
    for (arn, destination), lines in events.items():
        try:
            _put(arn, destination, lines)
        except Exception as error:  # noqa: BLE001 - the other logs are written all the same
            LOG.warning("Cannot write the log of %s to %s: %s", arn, destination, error)


def _put(arn: str, destination: str, events: list[Event]) -> None:
    region, account, _, group = destination.split(":")[3:7]
    # WAF creates its stream, but not the group.
    write_events(client_of("logs", account, region), group, _stream(arn), events, creates_group=False)


def _stream(arn: str) -> str:
    """Return the name of AWS's stream."""
    parts = arn.split(":")
    scope, _, name, _ = parts[5].split("/")
    return f"{'cloudfront' if scope == 'global' else parts[3]}_{name}_0"
