"""From a distribution's configuration to what serves it, once for each change of the control plane."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from thumbpipe_localstack.cloudfront import registry
from thumbpipe_localstack.cloudfront.edge.model import (
    Behaviour,
    Caching,
    Choice,
    Edge,
    ErrorRule,
    Inputs,
    Origin,
    Target,
)
from thumbpipe_localstack.cloudfront.edge.patterns import compile_path_pattern
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Distribution, Function

Config = Mapping[str, Any]

_SUFFIX = r"(?:amazonaws\.com(?:\.cn)?|localhost\.localstack\.cloud|localhost)(?::\d+)?$"
_BUCKET = re.compile(
    r"(?P<bucket>.+?)\.s3(?:-accelerate)?(?:[.-]dualstack)?(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\." + _SUFFIX
)
_API = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.(?:(?P<region>[a-z0-9-]+)\.)?" + _SUFFIX)
_OAI = "origin-access-identity/cloudfront/"
_YEAR = 365 * 86_400.0
_DAY = 86_400.0
_ERROR_TTL = 10.0
_READING = ("GET", "HEAD")

_compiled: dict[str, tuple[int, Edge]] = {}


def edge_of(distribution: Distribution) -> Edge:
    """Return what serves a distribution, compiled anew after a change."""
    generation = registry.generation()
    found = _compiled.get(distribution.id)
    if found is None or found[0] != generation or found[1].distribution is not distribution:
        found = (generation, _compile(distribution, registry.store_of(distribution.account_id)))
        _compiled[distribution.id] = found
    return found[1]


def forget(distribution_id: str) -> None:
    """Let go of a distribution that is no more."""
    _compiled.pop(distribution_id, None)


def _items(holder: Config | None, name: str = "Items") -> list[Any]:
    return list((holder or {}).get(name) or [])


def _compile(distribution: Distribution, store: CloudFrontStore) -> Edge:
    config = distribution.config
    targets = _compile_targets(config, store)
    listed = [_compile_behaviour(each, targets, store) for each in _items(config.get("CacheBehaviors"))]
    geo = (config.get("Restrictions") or {}).get("GeoRestriction") or {}
    return Edge(
        distribution=distribution,
        enabled=bool(config.get("Enabled", True)),
        root_object=str(config.get("DefaultRootObject") or "").lstrip("/"),
        behaviours=(*listed, _compile_behaviour(config["DefaultCacheBehavior"], targets, store)),
        errors={int(each["ErrorCode"]): _compile_error(each) for each in _items(config.get("CustomErrorResponses"))},
        geo_restriction=geo.get("RestrictionType", "none"),
        countries=frozenset(_items(geo)),
        web_acl=str(config.get("WebACLId") or ""),
    )


def _compile_error(rule: Config) -> ErrorRule:
    min_ttl = rule.get("ErrorCachingMinTTL")
    return ErrorRule(
        page=rule.get("ResponsePagePath") or "",
        status=int(rule.get("ResponseCode") or rule["ErrorCode"]),
        min_ttl=_ERROR_TTL if min_ttl is None else float(min_ttl),
    )


def _compile_targets(config: Config, store: CloudFrontStore) -> dict[str, Target]:
    origins = {each["Id"]: _compile_origin(each, store) for each in _items(config.get("Origins"))}
    targets = {name: Target(origin=origin) for name, origin in origins.items()}
    for group in _items(config.get("OriginGroups")):
        first, second = (origins[member["OriginId"]] for member in _items(group["Members"])[:2])
        codes = _items(group["FailoverCriteria"]["StatusCodes"])
        targets[group["Id"]] = Target(
            origin=first, failover=second, failover_statuses=frozenset(int(code) for code in codes)
        )
    return targets


def _compile_origin(config: Config, store: CloudFrontStore) -> Origin:
    domain = config["DomainName"].lower()
    custom = config.get("CustomOriginConfig") or {}
    bucket, api = _BUCKET.match(domain), _API.match(domain)
    named = bucket or api
    return Origin(
        id=config["Id"],
        domain=domain,
        path=(config.get("OriginPath") or "").rstrip("/"),
        headers=tuple((each["HeaderName"], each["HeaderValue"]) for each in _items(config.get("CustomHeaders"))),
        bucket=bucket["bucket"] if bucket else None,
        region=named["region"] if named else None,
        api=api["api"] if api else None,
        caller=_find_caller(config, store),
        protocol=custom.get("OriginProtocolPolicy", "http-only"),
        http_port=int(custom.get("HTTPPort", 80)),
        https_port=int(custom.get("HTTPSPort", 443)),
        attempts=int(config.get("ConnectionAttempts") or 3),
        connect_timeout=float(config.get("ConnectionTimeout") or 10),
        read_timeout=float(custom.get("OriginReadTimeout") or 30),
    )


def _find_caller(config: Config, store: CloudFrontStore) -> str:
    control = store.origin_access_controls.get(config.get("OriginAccessControlId") or "")
    if control is not None and control.config.get("SigningBehavior") != "never":
        return "cloudfront.amazonaws.com"
    identity = (config.get("S3OriginConfig") or {}).get("OriginAccessIdentity") or ""
    if identity.startswith(_OAI):
        name = identity.removeprefix(_OAI)
        return f"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {name}"
    return ""


def _compile_behaviour(config: Config, targets: Mapping[str, Target], store: CloudFrontStore) -> Behaviour:
    pattern = config.get("PathPattern")
    methods = config.get("AllowedMethods") or {}
    groups = config.get("TrustedKeyGroups") or {}
    headers = store.response_headers_policies.get(config.get("ResponseHeadersPolicyId") or "")
    return Behaviour(
        pattern=compile_path_pattern(pattern) if pattern else None,
        target=targets[config["TargetOriginId"]],
        caching=_compile_caching(config, store),
        viewer_protocol=config.get("ViewerProtocolPolicy", "allow-all"),
        methods=frozenset(_items(methods) or _READING),
        cached_methods=frozenset(_items(methods.get("CachedMethods")) or _READING),
        compress=bool(config.get("Compress")),
        signed=bool(groups.get("Enabled")),
        keys=_find_keys(_items(groups), store) if groups.get("Enabled") else {},
        response_headers=headers.config if headers else None,
        viewer_request=_find_function(config, "viewer-request", store),
        viewer_response=_find_function(config, "viewer-response", store),
    )


def _find_keys(groups: Iterable[str], store: CloudFrontStore) -> dict[str, str]:
    found = (store.key_groups[group] for group in groups if group in store.key_groups)
    ids = (key for group in found for key in _items(group.config))
    return {key: store.public_keys[key].config["EncodedKey"] for key in ids if key in store.public_keys}


def _find_function(config: Config, event: str, store: CloudFrontStore) -> Function | None:
    for each in _items(config.get("FunctionAssociations")):
        if each["EventType"] == event:
            return store.functions.get(each["FunctionARN"].rpartition("/")[2])
    return None


def _choice(holder: Config | None, behaviour: str, names: str, *, lower: bool = False) -> Choice:
    config = holder or {}
    listed = (str(name) for name in _items(config.get(names)))
    chosen = frozenset(name.lower() if lower else name for name in listed)
    return Choice(behaviour=config.get(behaviour) or "none", names=chosen)


def _inputs(config: Config) -> Inputs:
    return Inputs(
        headers=_header_choice(config.get("HeadersConfig")),
        cookies=_choice(config.get("CookiesConfig"), "CookieBehavior", "Cookies"),
        query=_choice(config.get("QueryStringsConfig"), "QueryStringBehavior", "QueryStrings"),
    )


def _header_choice(holder: Config | None) -> Choice:
    choice = _choice(holder, "HeaderBehavior", "Headers", lower=True)
    if choice.behaviour == "allViewer":
        return Choice(behaviour="all")
    if choice.behaviour == "allViewerAndWhitelistCloudFront":
        return Choice(behaviour="all", names=choice.names)
    return choice


def _compile_caching(config: Config, store: CloudFrontStore) -> Caching:
    policy = store.cache_policies.get(config.get("CachePolicyId") or "")
    if policy is None:
        return _compile_legacy(config)
    parameters = policy.config.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
    request_policy = store.origin_request_policies.get(config.get("OriginRequestPolicyId") or "")
    minimum = float(policy.config.get("MinTTL") or 0)
    return Caching(
        key=_inputs(parameters),
        forwarded=_inputs(request_policy.config) if request_policy else Inputs(),
        legacy=False,
        gzip=bool(parameters.get("EnableAcceptEncodingGzip")),
        brotli=bool(parameters.get("EnableAcceptEncodingBrotli")),
        min_ttl=minimum,
        **_ttls(policy.config, minimum),
    )


def _ttls(config: Config, minimum: float) -> dict[str, float]:
    default, maximum = config.get("DefaultTTL"), config.get("MaxTTL")
    return {
        "default_ttl": max(_DAY, minimum) if default is None else float(default),
        "max_ttl": max(_YEAR, minimum) if maximum is None else float(maximum),
    }


def _compile_legacy(config: Config) -> Caching:
    values = config.get("ForwardedValues") or {}
    names = _items(values.get("QueryStringCacheKeys"))
    query = Choice(behaviour="whitelist", names=frozenset(names)) if names else Choice(behaviour="all")
    headers = frozenset(str(name).lower() for name in _items(values.get("Headers")))
    cookies = values.get("Cookies") or {}
    every = Inputs(query=Choice(behaviour="all")) if values.get("QueryString") else Inputs()
    minimum = float(config.get("MinTTL") or 0)
    # Every header forwarded: nothing is cached, whatever the lifetimes say.
    lifetimes = {"default_ttl": 0.0, "max_ttl": 0.0} if "*" in headers else _ttls(config, minimum)
    return Caching(
        key=Inputs(
            headers=Choice(behaviour="all" if "*" in headers else "whitelist", names=headers),
            cookies=Choice(
                behaviour=cookies.get("Forward") or "none", names=frozenset(_items(cookies.get("WhitelistedNames")))
            ),
            query=query if values.get("QueryString") else Choice(),
        ),
        forwarded=every,
        legacy=True,
        gzip=bool(config.get("Compress")),
        brotli=False,
        min_ttl=minimum,
        **lifetimes,
    )
