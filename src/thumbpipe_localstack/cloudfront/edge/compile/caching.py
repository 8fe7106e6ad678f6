"""Compiles cache and origin-request policies."""

from typing import Final

from thumbpipe_localstack.cloudfront.edge.compile.configs import Config, find_policy, items
from thumbpipe_localstack.cloudfront.edge.model.caching import Caching, Choice, Inputs
from thumbpipe_localstack.cloudfront.store import CloudFrontStore

_YEAR: Final = 365 * 86_400.0
_DAY: Final = 86_400.0


def _choice(holder: Config | None, behaviour: str, names: str, *, lower: bool = False) -> Choice:
    config = holder or {}
    listed = (str(name) for name in items(config.get(names)))
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


def compile_caching(config: Config, store: CloudFrontStore) -> Caching:
    """Compile a behaviour's cache and origin-request policies, or its legacy settings."""
    policy = find_policy(config.get("CachePolicyId"), store.cache_policies)
    if policy is None:
        return _compile_legacy(config)
    parameters = policy.config.get("ParametersInCacheKeyAndForwardedToOrigin") or {}
    request_policy = find_policy(config.get("OriginRequestPolicyId"), store.origin_request_policies)
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
    names = items(values.get("QueryStringCacheKeys"))
    query = Choice(behaviour="whitelist", names=frozenset(names)) if names else Choice(behaviour="all")
    headers = frozenset(str(name).lower() for name in items(values.get("Headers")))
    cookies = values.get("Cookies") or {}
    every = Inputs(query=Choice(behaviour="all")) if values.get("QueryString") else Inputs()
    minimum = float(config.get("MinTTL") or 0)
    # All headers are forwarded: nothing is cached, whatever the TTLs are.
    lifetimes = {"default_ttl": 0.0, "max_ttl": 0.0} if "*" in headers else _ttls(config, minimum)
    return Caching(
        key=Inputs(
            headers=Choice(behaviour="all" if "*" in headers else "whitelist", names=headers),
            cookies=Choice(
                behaviour=cookies.get("Forward") or "none", names=frozenset(items(cookies.get("WhitelistedNames")))
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
