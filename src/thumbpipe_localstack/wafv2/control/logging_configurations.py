"""Operations on logging configurations."""

import re
from collections.abc import Sequence
from typing import Final

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.errors import invalid, nonexistent, unsupported
from thumbpipe_localstack.wafv2.control.stored import Body

_GROUP: Final = re.compile(r"arn:aws[\w-]*:logs:[\w-]+:\d{12}:log-group:(aws-waf-logs-[\w./#-]+)(?::\*)?")
_REDACTABLE: Final = {"Method", "QueryString", "SingleHeader", "UriPath"}


def put_logging_configuration(context: RequestContext, request: Body) -> Body:
    """Create or replace a logging configuration."""
    config = request["LoggingConfiguration"]
    if state.find_web_acl(config["ResourceArn"]) is None:
        raise nonexistent()
    if config.get("LogType", "WAF_LOGS") != "WAF_LOGS" or config.get("LogScope", "CUSTOMER") != "CUSTOMER":
        raise unsupported("logs other than WAF_LOGS with the scope CUSTOMER")
    _check_destinations(config["LogDestinationConfigs"])
    for field in config.get("RedactedFields") or ():
        if len(field) != 1 or not set(field) <= _REDACTABLE:
            raise invalid("FIELD_TO_MATCH", "RedactedFields", f"Only {', '.join(sorted(_REDACTABLE))} can be redacted.")
    answer: Body = call_moto(context)
    return answer


def _check_destinations(destinations: Sequence[str]) -> None:
    if len(destinations) != 1:
        raise invalid("LOG_DESTINATION", "LogDestinationConfigs", "There must be one destination.")
    (destination,) = destinations
    if ":logs:" not in destination:
        raise unsupported(f"the log destination {destination}: only CloudWatch Logs log groups")
    if not _GROUP.fullmatch(destination):
        reason = "The ARN isn't valid. A valid ARN begins with arn: and the name of a log group with aws-waf-logs-."
        raise invalid("LOG_DESTINATION", destination, reason)


def get_logging_configuration(context: RequestContext, request: Body) -> Body:
    """Return a logging configuration."""
    if state.find_logging(request["ResourceArn"]) is None:
        raise nonexistent()
    answer: Body = call_moto(context)
    return answer


def delete_logging_configuration(_context: RequestContext, request: Body) -> Body:
    """Delete a logging configuration."""
    if state.find_logging(request["ResourceArn"]) is None:
        raise nonexistent()
    state.forget_logging(request["ResourceArn"])
    return {}
