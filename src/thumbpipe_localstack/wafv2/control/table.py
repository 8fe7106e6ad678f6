"""The dispatch table: a handler for each operation of WAFv2's API; unsupported ones raise an error."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.moto import call_moto

from thumbpipe_localstack.wafv2 import state
from thumbpipe_localstack.wafv2.control import (
    associations,
    logging_configurations,
    managed_groups,
    observing,
    sets,
    web_acls,
)

Operation = Callable[[RequestContext, dict[str, Any]], Any]

_FROM_MOTO: Final = (
    "GetIPSet",
    "GetRegexPatternSet",
    "ListIPSets",
    "ListLoggingConfigurations",
    "ListRegexPatternSets",
    "ListRuleGroups",
    "ListTagsForResource",
    "ListWebACLs",
    "TagResource",
    "UntagResource",
)
_OWN: Final[dict[str, Operation]] = {
    "AssociateWebACL": associations.associate_web_acl,
    "CheckCapacity": web_acls.check_capacity,
    "CreateIPSet": sets.create_ip_set,
    "CreateRegexPatternSet": sets.create_regex_pattern_set,
    "CreateRuleGroup": web_acls.create_rule_group,
    "CreateWebACL": web_acls.create_web_acl,
    "DeleteIPSet": sets.delete_ip_set,
    "DeleteLoggingConfiguration": logging_configurations.delete_logging_configuration,
    "DeleteRegexPatternSet": sets.delete_regex_pattern_set,
    "DeleteRuleGroup": web_acls.delete_rule_group,
    "DeleteWebACL": web_acls.delete_web_acl,
    "DescribeManagedRuleGroup": managed_groups.describe_managed_rule_group,
    "DisassociateWebACL": associations.disassociate_web_acl,
    "GetLoggingConfiguration": logging_configurations.get_logging_configuration,
    "GetRateBasedStatementManagedKeys": observing.get_rate_based_statement_managed_keys,
    "GetRuleGroup": web_acls.get_rule_group,
    "GetSampledRequests": observing.get_sampled_requests,
    "GetWebACL": web_acls.get_web_acl,
    "GetWebACLForResource": associations.get_web_acl_for_resource,
    "ListAvailableManagedRuleGroupVersions": managed_groups.list_available_managed_rule_group_versions,
    "ListAvailableManagedRuleGroups": managed_groups.list_available_managed_rule_groups,
    "ListResourcesForWebACL": associations.list_resources_for_web_acl,
    "PutLoggingConfiguration": logging_configurations.put_logging_configuration,
    "UpdateIPSet": sets.update_ip_set,
    "UpdateRegexPatternSet": sets.update_regex_pattern_set,
    "UpdateRuleGroup": web_acls.update_rule_group,
    "UpdateWebACL": web_acls.update_web_acl,
}

SUPPORTED: Final = frozenset(_FROM_MOTO) | frozenset(_OWN)


def _locked(operation: Operation) -> Operation:
    def run(context: RequestContext, request: dict[str, Any]) -> Any:  # noqa: ANN401 - LocalStack's own contract
        with state.LOCK:
            return operation(context, request)

    return run


def _from_moto(context: RequestContext, _request: dict[str, Any]) -> Any:  # noqa: ANN401
    return call_moto(context)


def _refusing(name: str) -> Operation:
    def refuse(_context: RequestContext, _request: dict[str, Any]) -> Any:  # noqa: ANN401
        raise CommonServiceException(
            "NotImplementedException", f"thumbpipe-localstack does not support WAFv2's {name}", status_code=501
        )

    return refuse


def make_table(names: Iterable[str]) -> dict[str, Operation]:
    """Return a handler for each operation of the service model."""
    moto = dict.fromkeys(_FROM_MOTO, _from_moto)
    return {name: _locked(_OWN.get(name) or moto.get(name) or _refusing(name)) for name in names}
