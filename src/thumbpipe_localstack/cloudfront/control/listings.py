"""Lists of distributions: all, and those that use a resource. Also (dis)association of their web ACL."""

from collections.abc import Callable
from typing import Any, Final

from localstack.aws.api import RequestContext

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.distributions import change, check, find_distribution, status_of
from thumbpipe_localstack.cloudfront.control.paging import page
from thumbpipe_localstack.cloudfront.control.policies import (
    CACHE_POLICY,
    ORIGIN_REQUEST_POLICY,
    RESPONSE_HEADERS_POLICY,
)
from thumbpipe_localstack.cloudfront.control.public_keys import KEY_GROUP
from thumbpipe_localstack.cloudfront.control.resources import Answer, Kind, Operation, as_time
from thumbpipe_localstack.cloudfront.control.versions import require_match
from thumbpipe_localstack.cloudfront.registry import store_of
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution

_SHOWN: Final = (
    "Aliases",
    "Origins",
    "OriginGroups",
    "DefaultCacheBehavior",
    "CacheBehaviors",
    "CustomErrorResponses",
    "Comment",
    "PriceClass",
    "Enabled",
    "ViewerCertificate",
    "Restrictions",
    "WebACLId",
    "HttpVersion",
    "IsIPV6Enabled",
    "Staging",
)


def _summarize(distribution: Distribution) -> Answer:
    shown: Answer = {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "ETag": distribution.etag,
        "Status": status_of(distribution),
        "LastModifiedTime": as_time(distribution.modified),
        "DomainName": distribution.domain_name,
    }
    return shown | {member: distribution.config[member] for member in _SHOWN}


def _page(distributions: list[Distribution], request: dict[str, Any], view: Callable[[Distribution], object]) -> Answer:
    return page(distributions, request, key=lambda distribution: distribution.id, view=view)


def _list(context: RequestContext, request: dict[str, Any]) -> Answer:
    distributions = list(store_of(context.account_id).distributions.values())
    return {"DistributionList": _page(distributions, request, _summarize)}


def _list_by_web_acl(context: RequestContext, request: dict[str, Any]) -> Answer:
    web_acl = request["WebACLId"]
    found = usage.by_web_acl(store_of(context.account_id), "" if web_acl == "null" else web_acl)
    return {"DistributionList": _page(found, request, _summarize)}


def _list_by(
    kind: Kind, member: str, find: Callable[[CloudFrontStore, str], list[Distribution]]
) -> Callable[[RequestContext, dict[str, Any]], Answer]:
    """Make the operation that lists the distributions that use a resource, which must exist."""

    def list_by(context: RequestContext, request: dict[str, Any]) -> Answer:
        store = store_of(context.account_id)
        resource = kind.find(store, request[member])
        found = find(store, resource.id)
        return {"DistributionIdList": _page(found, request, lambda distribution: distribution.id)}

    return list_by


def _list_by_policy(kind: Kind) -> Operation:
    member = f"{kind.name}Id"
    return _list_by(kind, member, lambda store, policy_id: usage.by_behavior(store, member, policy_id))


def _set_web_acl(context: RequestContext, request: dict[str, Any], arn: str) -> Distribution:
    distribution = find_distribution(context, request["Id"])
    if request.get("IfMatch"):
        require_match(distribution.etag, request["IfMatch"])
    config = distribution.config | {"WebACLId": arn}
    change(distribution, check(store_of(context.account_id), config, distribution))
    return distribution


def _associate_web_acl(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = _set_web_acl(context, request, request["WebACLArn"])
    return {"Id": distribution.id, "WebACLArn": request["WebACLArn"], "ETag": distribution.etag}


def _disassociate_web_acl(context: RequestContext, request: dict[str, Any]) -> Answer:
    distribution = _set_web_acl(context, request, "")
    return {"Id": distribution.id, "ETag": distribution.etag}


OPERATIONS: Final[dict[str, Operation]] = {
    "ListDistributions": _list,
    "ListDistributionsByCachePolicyId": _list_by_policy(CACHE_POLICY),
    "ListDistributionsByOriginRequestPolicyId": _list_by_policy(ORIGIN_REQUEST_POLICY),
    "ListDistributionsByResponseHeadersPolicyId": _list_by_policy(RESPONSE_HEADERS_POLICY),
    "ListDistributionsByKeyGroup": _list_by(KEY_GROUP, "KeyGroupId", usage.by_key_group),
    "ListDistributionsByWebACLId": _list_by_web_acl,
    "AssociateDistributionWebACL": _associate_web_acl,
    "DisassociateDistributionWebACL": _disassociate_web_acl,
}
