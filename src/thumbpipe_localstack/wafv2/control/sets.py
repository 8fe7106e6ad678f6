"""Create, update and delete IP sets and regex pattern sets."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control.checks import check_name
from thumbpipe_localstack.wafv2.control.errors import fault, invalid
from thumbpipe_localstack.wafv2.control.statement_checks import check_pattern
from thumbpipe_localstack.wafv2.control.stored import (
    IP_SETS,
    PATTERN_SETS,
    Body,
    backend_for,
    delete_unused,
    find_locked,
    new_token,
    read_body,
    require_free_name,
    summary,
)

_MOST_ADDRESSES: Final = 10_000
_MOST_PATTERNS: Final = 10
_VERSIONS: Final = {"IPV4": 4, "IPV6": 6}


def _check_addresses(addresses: Sequence[str], version: str) -> None:
    if version not in _VERSIONS:
        raise invalid("IP_ADDRESS_VERSION", version, "The address version must be IPV4 or IPV6.")
    if len(addresses) > _MOST_ADDRESSES:
        raise fault("WAFLimitsExceededException", f"An IP set can have at most {_MOST_ADDRESSES} addresses.")
    for address in addresses:
        try:
            valid = "/" in address and ip_network(address, strict=False).version == _VERSIONS[version]
        except ValueError:
            valid = False
        if not valid or address.endswith("/0"):
            raise invalid("IP_ADDRESS", address, "The parameter contains formatting that is not valid.")


def create_ip_set(context: RequestContext, _request: Body) -> Body:
    """Create an IP set."""
    body = read_body(context)
    backend = backend_for(context, body["Scope"])
    check_name(body["Name"])
    _check_addresses(body["Addresses"], body["IPAddressVersion"])
    require_free_name(backend, IP_SETS, body["Name"])
    made = backend.create_ip_set(
        body["Name"],
        body["Scope"],
        body.get("Description"),
        body["IPAddressVersion"],
        body["Addresses"],
        body.get("Tags") or [],
    )
    state.changed()
    return summary(made, IP_SETS)


def update_ip_set(context: RequestContext, _request: Body) -> Body:
    """Replace the addresses of an IP set."""
    body = read_body(context)
    ip_set = find_locked(context, IP_SETS, body)
    _check_addresses(body["Addresses"], ip_set.ip_address_version)
    ip_set.addresses, ip_set.description = body["Addresses"], body.get("Description")
    return new_token(ip_set)


def delete_ip_set(context: RequestContext, _request: Body) -> Body:
    """Delete an IP set that no rule refers to."""
    return delete_unused(context, IP_SETS)


def _check_patterns(patterns: Sequence[Body]) -> None:
    if len(patterns) > _MOST_PATTERNS:
        raise fault("WAFLimitsExceededException", f"A regex pattern set can have at most {_MOST_PATTERNS} patterns.")
    for each in patterns:
        check_pattern(each.get("RegexString") or "")


def create_regex_pattern_set(context: RequestContext, _request: Body) -> Body:
    """Create a regex pattern set."""
    body = read_body(context)
    backend = backend_for(context, body["Scope"])
    check_name(body["Name"])
    _check_patterns(body["RegularExpressionList"])
    require_free_name(backend, PATTERN_SETS, body["Name"])
    made = backend.create_regex_pattern_set(
        body["Name"],
        body["Scope"],
        body.get("Description") or "",
        body["RegularExpressionList"],
        body.get("Tags") or [],
    )
    state.changed()
    return summary(made, PATTERN_SETS)


def update_regex_pattern_set(context: RequestContext, _request: Body) -> Body:
    """Replace the patterns of a regex pattern set."""
    body = read_body(context)
    pattern_set = find_locked(context, PATTERN_SETS, body)
    _check_patterns(body["RegularExpressionList"])
    pattern_set.regular_expressions = body["RegularExpressionList"]
    pattern_set.description = body.get("Description") or ""
    return new_token(pattern_set)


def delete_regex_pattern_set(context: RequestContext, _request: Body) -> Body:
    """Delete a regex pattern set that no rule refers to."""
    return delete_unused(context, PATTERN_SETS)
