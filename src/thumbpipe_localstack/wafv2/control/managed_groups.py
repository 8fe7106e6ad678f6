"""Operations that describe managed rule groups."""

from typing import Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.wafv2.control.errors import nonexistent
from thumbpipe_localstack.wafv2.control.stored import Body
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS, ManagedGroup

_VENDOR: Final = "AWS"
_VERSION: Final = "Version_1.0"  # all versions have the same rules


def _find(request: Body) -> ManagedGroup:
    group = GROUPS.get(request["Name"]) if request["VendorName"] == _VENDOR else None
    if group is None:
        raise nonexistent()
    return group


def list_available_managed_rule_groups(_context: RequestContext, _request: Body) -> Body:
    """List the supported groups."""
    return {
        "ManagedRuleGroups": [
            {
                "VendorName": _VENDOR,
                "Name": group.name,
                "VersioningSupported": group.versioned,
                "Description": group.description,
            }
            for group in GROUPS.values()
        ]
    }


def list_available_managed_rule_group_versions(_context: RequestContext, request: Body) -> Body:
    """List a group's only version."""
    if not _find(request).versioned:
        return {"Versions": []}
    return {"Versions": [{"Name": _VERSION}], "CurrentDefaultVersion": _VERSION}


def describe_managed_rule_group(_context: RequestContext, request: Body) -> Body:
    """Return a group's rules and labels."""
    group = _find(request)
    answer = {
        "Capacity": group.capacity,
        "Rules": [{"Name": rule.name, "Action": {rule.action.capitalize(): {}}} for rule in group.rules],
        "LabelNamespace": group.namespace,
        "AvailableLabels": [{"Name": f"{group.namespace}{rule.label}"} for rule in group.rules],
    }
    return answer | ({"VersionName": request.get("VersionName") or _VERSION} if group.versioned else {})
