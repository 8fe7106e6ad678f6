"""Cache, origin-request and response-headers policies."""

from collections.abc import Callable
from typing import Any

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.ids import new_uuid
from thumbpipe_localstack.cloudfront.control.policy_checks import (
    check_cache_policy,
    check_origin_request_policy,
    check_response_headers_policy,
)
from thumbpipe_localstack.cloudfront.control.resources import Kind
from thumbpipe_localstack.cloudfront.managed.cache_policies import CACHE_POLICIES
from thumbpipe_localstack.cloudfront.managed.origin_request_policies import ORIGIN_REQUEST_POLICIES
from thumbpipe_localstack.cloudfront.managed.response_headers_policies import RESPONSE_HEADERS_POLICIES
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Stored

_MOST = 20


def _summarize(kind: Kind, resource: Stored) -> dict[str, Any]:
    is_managed = resource.id in kind.managed
    return {"Type": "managed" if is_managed else "custom", kind.name: kind.view(resource)}


def _used_as(member: str) -> Callable[[CloudFrontStore, str], list[str]]:
    return lambda store, policy_id: usage.ids(usage.by_behavior(store, member, policy_id))


CACHE_POLICY = Kind(
    name="CachePolicy",
    plural="CachePolicies",
    path="cache-policy",
    collection=lambda store: store.cache_policies,
    new_id=new_uuid,
    time_member="LastModifiedTime",
    check=check_cache_policy,
    users=_used_as("CachePolicyId"),
    in_use="CachePolicyInUse",
    missing="NoSuchCachePolicy",
    limit=(_MOST, "TooManyCachePolicies"),
    summarize=_summarize,
    managed=CACHE_POLICIES,
)

ORIGIN_REQUEST_POLICY = Kind(
    name="OriginRequestPolicy",
    plural="OriginRequestPolicies",
    path="origin-request-policy",
    collection=lambda store: store.origin_request_policies,
    new_id=new_uuid,
    time_member="LastModifiedTime",
    check=check_origin_request_policy,
    users=_used_as("OriginRequestPolicyId"),
    in_use="OriginRequestPolicyInUse",
    missing="NoSuchOriginRequestPolicy",
    limit=(_MOST, "TooManyOriginRequestPolicies"),
    summarize=_summarize,
    managed=ORIGIN_REQUEST_POLICIES,
)

RESPONSE_HEADERS_POLICY = Kind(
    name="ResponseHeadersPolicy",
    plural="ResponseHeadersPolicies",
    path="response-headers-policy",
    collection=lambda store: store.response_headers_policies,
    new_id=new_uuid,
    time_member="LastModifiedTime",
    check=check_response_headers_policy,
    users=_used_as("ResponseHeadersPolicyId"),
    in_use="ResponseHeadersPolicyInUse",
    missing="NoSuchResponseHeadersPolicy",
    limit=(_MOST, "TooManyResponseHeadersPolicies"),
    summarize=_summarize,
    managed=RESPONSE_HEADERS_POLICIES,
)
