"""Compiles a distribution's configuration, once per change in the control plane."""

from collections.abc import Iterable, Mapping
from typing import Final

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.edge.compile.caching import compile_caching
from thumbpipe_localstack.cloudfront.edge.compile.configs import Config, find_policy, items
from thumbpipe_localstack.cloudfront.edge.compile.origins import compile_targets
from thumbpipe_localstack.cloudfront.edge.model.distribution import Behaviour, Edge, ErrorRule, Target
from thumbpipe_localstack.cloudfront.edge.model.path_patterns import compile_path_pattern
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution, Function

_ERROR_TTL: Final = 10.0
_READING: Final = ("GET", "HEAD")

_compiled: dict[str, tuple[int, Edge]] = {}


def edge_of(distribution: Distribution) -> Edge:
    """Return the compiled distribution, recompiled after a change."""
    generation = registry.generation()
    found = _compiled.get(distribution.id)
    if found is None or found[0] != generation or found[1].distribution is not distribution:
        found = (generation, _compile(distribution, registry.store_of(distribution.account_id)))
        _compiled[distribution.id] = found
    return found[1]


def forget(distribution_id: str) -> None:
    """Forget a deleted distribution."""
    _compiled.pop(distribution_id, None)


def _compile(distribution: Distribution, store: CloudFrontStore) -> Edge:
    config = distribution.config
    targets = compile_targets(config, store)
    listed = [_compile_behaviour(each, targets, store) for each in items(config.get("CacheBehaviors"))]
    geo = (config.get("Restrictions") or {}).get("GeoRestriction") or {}
    return Edge(
        distribution=distribution,
        enabled=bool(config.get("Enabled", True)),
        root_object=str(config.get("DefaultRootObject") or "").lstrip("/"),
        behaviours=(*listed, _compile_behaviour(config["DefaultCacheBehavior"], targets, store)),
        errors={int(each["ErrorCode"]): _compile_error(each) for each in items(config.get("CustomErrorResponses"))},
        geo_restriction=geo.get("RestrictionType", "none"),
        countries=frozenset(items(geo)),
        web_acl=str(config.get("WebACLId") or ""),
    )


def _compile_error(rule: Config) -> ErrorRule:
    min_ttl = rule.get("ErrorCachingMinTTL")
    return ErrorRule(
        page=rule.get("ResponsePagePath") or "",
        status=int(rule.get("ResponseCode") or rule["ErrorCode"]),
        min_ttl=_ERROR_TTL if min_ttl is None else float(min_ttl),
    )


def _compile_behaviour(config: Config, targets: Mapping[str, Target], store: CloudFrontStore) -> Behaviour:
    pattern = config.get("PathPattern")
    methods = config.get("AllowedMethods") or {}
    groups = config.get("TrustedKeyGroups") or {}
    headers = find_policy(config.get("ResponseHeadersPolicyId"), store.response_headers_policies)
    return Behaviour(
        pattern=compile_path_pattern(pattern) if pattern else None,
        target=targets[config["TargetOriginId"]],
        caching=compile_caching(config, store),
        viewer_protocol=config.get("ViewerProtocolPolicy", "allow-all"),
        methods=frozenset(items(methods) or _READING),
        cached_methods=frozenset(items(methods.get("CachedMethods")) or _READING),
        compress=bool(config.get("Compress")),
        signed=bool(groups.get("Enabled")),
        keys=_find_keys(items(groups), store) if groups.get("Enabled") else {},
        response_headers=headers.config if headers else None,
        viewer_request=_find_function(config, "viewer-request", store),
        viewer_response=_find_function(config, "viewer-response", store),
    )


def _find_keys(groups: Iterable[str], store: CloudFrontStore) -> dict[str, str]:
    found = (store.key_groups[group] for group in groups if group in store.key_groups)
    ids = (key for group in found for key in items(group.config))
    return {key: store.public_keys[key].config["EncodedKey"] for key in ids if key in store.public_keys}


def _find_function(config: Config, event: str, store: CloudFrontStore) -> Function | None:
    for each in items(config.get("FunctionAssociations")):
        if each["EventType"] == event:
            return store.functions.get(each["FunctionARN"].rpartition("/")[2])
    return None
