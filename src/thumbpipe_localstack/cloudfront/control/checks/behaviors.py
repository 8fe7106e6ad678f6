"""Validation of cache behaviours: referenced resources exist, and settings are consistent."""

import re
from typing import Any, Final

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.control.policies import (
    CACHE_POLICY,
    ORIGIN_REQUEST_POLICY,
    RESPONSE_HEADERS_POLICY,
)
from thumbpipe_localstack.cloudfront.control.usage import behaviors, items
from thumbpipe_localstack.cloudfront.store import CloudFrontStore

_Config = dict[str, Any]

_MOST_BEHAVIORS: Final = 75
_MOST_KEY_GROUPS: Final = 4
_LONGEST_PATTERN: Final = 255
_PATTERN: Final = re.compile(r"[A-Za-z0-9_\-.*$/~\"'@:+&?]+")
_READ: Final = frozenset({"GET", "HEAD"})
_READ_OPTIONS: Final = _READ | {"OPTIONS"}
_ALL: Final = _READ_OPTIONS | {"PUT", "POST", "PATCH", "DELETE"}
_POLICIES: Final = {
    "CachePolicyId": CACHE_POLICY,
    "OriginRequestPolicyId": ORIGIN_REQUEST_POLICY,
    "ResponseHeadersPolicyId": RESPONSE_HEADERS_POLICY,
}
_EVENTS: Final = {"viewer-request", "viewer-response"}


def check_behaviors(store: CloudFrontStore, config: _Config) -> None:
    """Reject cache behaviours that CloudFront would reject.

    Args:
        store: The account's.
        config: The distribution's configuration, with its defaults.
    """
    ordered = items(config, "CacheBehaviors")
    if len(ordered) > _MOST_BEHAVIORS:
        raise fault(
            "TooManyCacheBehaviors", f"You cannot create more cache behaviors for the distribution: {_MOST_BEHAVIORS}."
        )
    patterns = [behavior.get("PathPattern", "").removeprefix("/") for behavior in ordered]
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern) or len(pattern) > _LONGEST_PATTERN:
            raise invalid_argument(f"The parameter PathPattern is not valid: {pattern}")
    if len(set(patterns)) < len(patterns):
        raise invalid_argument("The parameter PathPattern must be unique.")
    origins = {origin["Id"] for origin in items(config, "Origins")}
    groups = {group["Id"] for group in items(config, "OriginGroups")}
    for behavior in behaviors(config):
        if behavior.get("TargetOriginId") not in origins | groups:
            raise fault("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
        _check_methods(behavior["AllowedMethods"])
        if behavior["TargetOriginId"] in groups and set(behavior["AllowedMethods"]["Items"]) == _ALL:
            raise invalid_argument(
                "The parameter AllowedMethods cannot include POST, PUT, PATCH, or DELETE for a cached behavior"
                " associated with an origin group."
            )
        _check_caching(store, behavior)
        _check_key_groups(store, behavior)
        _check_functions(store, behavior)


def _check_methods(allowed: _Config) -> None:
    methods, cached = set(allowed["Items"]), set(allowed["CachedMethods"]["Items"])
    if methods not in (_READ, _READ_OPTIONS, _ALL):
        raise invalid_argument(
            "The parameter AllowedMethods must be GET and HEAD, these and OPTIONS, or all seven methods."
        )
    if cached not in (_READ, _READ_OPTIONS) or not cached <= methods:
        raise invalid_argument("The parameter CachedMethods must be GET and HEAD, or these and OPTIONS where allowed.")


def _check_caching(store: CloudFrontStore, behavior: _Config) -> None:
    for member, kind in _POLICIES.items():
        if behavior.get(member):
            kind.find(store, behavior[member])
    if behavior.get("CachePolicyId"):
        if "ForwardedValues" in behavior:
            raise invalid_argument(
                "The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior."
            )
        if any(behavior.get(member) for member in ("MinTTL", "DefaultTTL", "MaxTTL")):
            raise invalid_argument(
                "The parameter MinTTL, DefaultTTL or MaxTTL cannot be used when a cache policy is associated to the"
                " cache behavior."
            )
        return
    if behavior.get("OriginRequestPolicyId"):
        raise invalid_argument("The parameter OriginRequestPolicyId needs a CachePolicyId in the cache behavior.")
    if "ForwardedValues" not in behavior:
        raise invalid_argument("The parameter ForwardedValues is required where there is no CachePolicyId.")
    forwarded = behavior["ForwardedValues"]
    if items(forwarded, "QueryStringCacheKeys") and not forwarded["QueryString"]:
        raise invalid_argument("The parameter QueryStringCacheKeys needs QueryString to be true.")
    if not 0 <= behavior["MinTTL"] <= behavior["DefaultTTL"] <= behavior["MaxTTL"]:
        raise fault(
            "InvalidTTLOrder",
            "The TTL order specified is not valid: the minimum must not exceed the default, nor that the maximum.",
        )


def _check_key_groups(store: CloudFrontStore, behavior: _Config) -> None:
    trusted = behavior["TrustedKeyGroups"]
    groups = items(behavior, "TrustedKeyGroups")
    if trusted["Enabled"] != bool(groups):
        raise invalid_argument("The parameter TrustedKeyGroups must be enabled if it has items, and only then.")
    if len(groups) > _MOST_KEY_GROUPS:
        raise fault(
            "TooManyKeyGroupsAssociatedToDistribution",
            f"A cache behavior can have at most {_MOST_KEY_GROUPS} trusted key groups.",
        )
    if unknown := [group for group in groups if group not in store.key_groups]:
        raise fault("TrustedKeyGroupDoesNotExist", f"The specified key group does not exist: {', '.join(unknown)}.")


def _check_functions(store: CloudFrontStore, behavior: _Config) -> None:
    associations = items(behavior, "FunctionAssociations")
    events = [association["EventType"] for association in associations]
    if len(set(events)) < len(events):
        raise fault("TooManyFunctionAssociations", "A cache behavior can have one function for each event type.")
    if not set(events) <= _EVENTS:
        raise fault(
            "InvalidFunctionAssociation", "CloudFront Functions run on viewer-request and viewer-response events only."
        )
    functions = {function.arn: function for function in store.functions.values()}
    for association in associations:
        function = functions.get(association["FunctionARN"])
        if function is None or function.live_code is None:
            raise fault(
                "InvalidFunctionAssociation",
                f"The function does not exist or is not published: {association['FunctionARN']}",
            )
