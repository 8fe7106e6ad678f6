"""Cache, origin-request and response-headers policies."""

from collections.abc import Callable, Collection
from typing import Any, Final

from thumbpipe_localstack.cloudfront.control import usage
from thumbpipe_localstack.cloudfront.control.ids import new_uuid
from thumbpipe_localstack.cloudfront.control.policy_checks import (
    check_cache_policy,
    check_origin_request_policy,
    check_response_headers_policy,
)
from thumbpipe_localstack.cloudfront.control.resources import Kind
from thumbpipe_localstack.cloudfront.managed_policies.cache_policies import CACHE_POLICIES
from thumbpipe_localstack.cloudfront.managed_policies.origin_request_policies import ORIGIN_REQUEST_POLICIES
from thumbpipe_localstack.cloudfront.managed_policies.response_headers_policies import RESPONSE_HEADERS_POLICIES
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Stored

_MOST: Final = 20


def _summarize(kind: Kind, resource: Stored) -> dict[str, Any]:
    is_managed = resource.id in kind.managed
    return {"Type": "managed" if is_managed else "custom", kind.name: kind.view(resource)}


def _policy(
    name: str,
    path: str,
    collection: Callable[[CloudFrontStore], dict[str, Stored]],
    check: Callable[[CloudFrontStore, dict[str, Any], Stored | None], dict[str, Any]],
    managed: Collection[str],
) -> Kind:
    """Make a kind of policy. Its name is part of its errors, and of the setting by which behaviours refer to it."""
    plural = f"{name.removesuffix('y')}ies"
    return Kind(
        name=name,
        plural=plural,
        path=path,
        collection=collection,
        new_id=new_uuid,
        time_member="LastModifiedTime",
        check=check,
        users=lambda store, policy_id: usage.ids(usage.by_behavior(store, f"{name}Id", policy_id)),
        in_use=f"{name}InUse",
        missing=f"NoSuch{name}",
        limit=(_MOST, f"TooMany{plural}"),
        summarize=_summarize,
        managed=managed,
    )


CACHE_POLICY: Final = _policy(
    "CachePolicy",
    "cache-policy",
    lambda store: store.cache_policies,
    check_cache_policy,
    CACHE_POLICIES,
)

ORIGIN_REQUEST_POLICY: Final = _policy(
    "OriginRequestPolicy",
    "origin-request-policy",
    lambda store: store.origin_request_policies,
    check_origin_request_policy,
    ORIGIN_REQUEST_POLICIES,
)

RESPONSE_HEADERS_POLICY: Final = _policy(
    "ResponseHeadersPolicy",
    "response-headers-policy",
    lambda store: store.response_headers_policies,
    check_response_headers_policy,
    RESPONSE_HEADERS_POLICIES,
)
