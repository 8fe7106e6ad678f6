"""Look-ups of the distributions that use a resource."""

from collections.abc import Callable, Iterator
from typing import Any

from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution

_Config = dict[str, Any]


def items(config: _Config, member: str) -> list[Any]:
    """Return the items of a list member, e.g. `Origins`."""
    found: list[Any] = (config.get(member) or {}).get("Items") or []
    return found


def behaviors(config: _Config) -> Iterator[_Config]:
    """Iterate over a distribution's cache behaviours, the default one last."""
    yield from items(config, "CacheBehaviors")
    yield config["DefaultCacheBehavior"]


def _users(store: CloudFrontStore, uses: Callable[[_Config], bool]) -> list[Distribution]:
    return [distribution for distribution in store.distributions.values() if uses(distribution.config)]


def by_behavior(store: CloudFrontStore, member: str, value: str) -> list[Distribution]:
    """Find the distributions with a behaviour that has a value, e.g. a `CachePolicyId`."""
    return _users(store, lambda config: any(behavior.get(member) == value for behavior in behaviors(config)))


def by_key_group(store: CloudFrontStore, key_group_id: str) -> list[Distribution]:
    """Find the distributions with a behaviour that trusts a key group."""
    return _users(
        store, lambda config: any(key_group_id in items(each, "TrustedKeyGroups") for each in behaviors(config))
    )


def by_function(store: CloudFrontStore, arn: str) -> list[Distribution]:
    """Find the distributions with a behaviour that runs a function."""
    return _users(
        store,
        lambda config: any(
            arn == association["FunctionARN"]
            for behavior in behaviors(config)
            for association in items(behavior, "FunctionAssociations")
        ),
    )


def by_access_control(store: CloudFrontStore, access_control_id: str) -> list[Distribution]:
    """Find the distributions with an origin that has an origin access control."""
    return _users(
        store,
        lambda config: any(
            origin.get("OriginAccessControlId") == access_control_id for origin in items(config, "Origins")
        ),
    )


def by_web_acl(store: CloudFrontStore, web_acl: str) -> list[Distribution]:
    """Find the distributions that a web ACL protects; an empty ARN stands for none."""
    return _users(store, lambda config: config["WebACLId"] == web_acl)


def ids(distributions: list[Distribution]) -> list[str]:
    """Return the distributions' ids."""
    return [distribution.id for distribution in distributions]
