"""Validation of policies, and the defaults that CloudFront adds."""

from typing import Any, Final

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.control.names import require_name
from thumbpipe_localstack.cloudfront.control.usage import items
from thumbpipe_localstack.cloudfront.managed_policies.parts import DAY_SECONDS, YEAR_SECONDS
from thumbpipe_localstack.cloudfront.store import CloudFrontStore, Stored

_Config = dict[str, Any]

_MOST_NAMES: Final = 10
_LONGEST_CSP: Final = 1783
_LONGEST_REMOVALS: Final = 10
_CUSTOM_HEADERS: Final = 10
_NAMING: Final = {"whitelist", "allExcept", "allViewerAndWhitelistCloudFront"}
_NO_CACHE_KEY: Final = {"accept-encoding", "connection", "cookie", "transfer-encoding", "upgrade"}
_HEADER_LISTS: Final = {"CustomHeadersConfig", "RemoveHeadersConfig"}
_PARTS: Final = {"CorsConfig", "SecurityHeadersConfig", "ServerTimingHeadersConfig", *_HEADER_LISTS}
_SECURITY_HEADERS: Final = {
    "content-security-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
}
_NO_REMOVAL: Final = {"connection", "content-encoding", "content-length", "date", "transfer-encoding", "upgrade", "via"}


def _check_choice(config: _Config, what: str, too_many: str) -> None:
    """Reject names for a behaviour that takes none, and a behaviour without the names it needs.

    Args:
        config: A policy's settings for headers, cookies or query strings.
        what: `Header`, `Cookie` or `QueryString`.
        too_many: The error code for too many names.
    """
    behavior = config[f"{what}Behavior"]
    names = items(config, f"{what}s")
    if (behavior in _NAMING) != bool(names):
        wanted = "needs" if behavior in _NAMING else "must not have"
        raise invalid_argument(f"The parameter {what}s is invalid: the behavior {behavior} {wanted} names.")
    if len(names) > _MOST_NAMES and behavior != "allViewerAndWhitelistCloudFront":
        raise fault(too_many, f"The policy has more {what.lower()} names than are allowed: {_MOST_NAMES}.")


def check_cache_policy(store: CloudFrontStore, config: _Config, resource: Stored | None) -> _Config:
    """Validate a cache policy and return it with its defaults."""
    require_name(config, store.cache_policies, resource, "CachePolicyAlreadyExists")
    kept = {"Comment": "", **config}
    lowest = kept["MinTTL"]
    kept.setdefault("DefaultTTL", max(DAY_SECONDS, lowest))
    kept.setdefault("MaxTTL", max(YEAR_SECONDS, kept["DefaultTTL"]))
    if not 0 <= lowest <= kept["DefaultTTL"] <= kept["MaxTTL"]:
        raise invalid_argument("The parameter MinTTL, DefaultTTL and MaxTTL must be in this order, and not negative.")
    if "ParametersInCacheKeyAndForwardedToOrigin" not in kept:
        raise invalid_argument("The parameter ParametersInCacheKeyAndForwardedToOrigin is required.")
    parameters = {"EnableAcceptEncodingBrotli": False, **kept["ParametersInCacheKeyAndForwardedToOrigin"]}
    kept["ParametersInCacheKeyAndForwardedToOrigin"] = parameters
    _check_choice(parameters["HeadersConfig"], "Header", "TooManyHeadersInCachePolicy")
    _check_choice(parameters["CookiesConfig"], "Cookie", "TooManyCookiesInCachePolicy")
    _check_choice(parameters["QueryStringsConfig"], "QueryString", "TooManyQueryStringsInCachePolicy")
    _check_cache_key(kept, parameters)
    return kept


def _check_cache_key(config: _Config, parameters: _Config) -> None:
    headers = {name.lower() for name in items(parameters["HeadersConfig"], "Headers")}
    encodings = parameters["EnableAcceptEncodingGzip"] or parameters["EnableAcceptEncodingBrotli"]
    varies = [parameters[f"{part}sConfig"][f"{part}Behavior"] for part in ("Header", "Cookie", "QueryString")]
    if config["MaxTTL"] == 0 and (encodings or set(varies) != {"none"}):
        raise invalid_argument(
            "The parameter ParametersInCacheKeyAndForwardedToOrigin is invalid for policy with caching disabled."
        )
    taken = headers & _NO_CACHE_KEY if encodings else headers & (_NO_CACHE_KEY - {"accept-encoding"})
    if taken:
        raise invalid_argument(f"The parameter Headers contains {', '.join(sorted(taken))} that is not allowed.")


def check_origin_request_policy(store: CloudFrontStore, config: _Config, resource: Stored | None) -> _Config:
    """Validate an origin-request policy and return it with its defaults."""
    require_name(config, store.origin_request_policies, resource, "OriginRequestPolicyAlreadyExists")
    _check_choice(config["HeadersConfig"], "Header", "TooManyHeadersInOriginRequestPolicy")
    _check_choice(config["CookiesConfig"], "Cookie", "TooManyCookiesInOriginRequestPolicy")
    _check_choice(config["QueryStringsConfig"], "QueryString", "TooManyQueryStringsInOriginRequestPolicy")
    return {"Comment": "", **config}


def check_response_headers_policy(store: CloudFrontStore, config: _Config, resource: Stored | None) -> _Config:
    """Validate a response-headers policy and return it with its defaults."""
    require_name(config, store.response_headers_policies, resource, "ResponseHeadersPolicyAlreadyExists")
    kept = {"Comment": "", **config}
    _check_cors(kept.get("CorsConfig") or {})
    _check_security(kept.get("SecurityHeadersConfig") or {})
    _check_custom_headers(kept)
    timing = kept.get("ServerTimingHeadersConfig") or {}
    if timing.get("Enabled") and not 0 <= timing.get("SamplingRate", -1) <= 100:  # noqa: PLR2004 - per cent
        raise invalid_argument("The parameter SamplingRate must be a number from 0 to 100.")
    # An empty list of headers counts as absent.
    kept = {part: value for part, value in kept.items() if part not in _HEADER_LISTS or items(kept, part)}
    if not kept.keys() & _PARTS:
        raise invalid_argument("A response headers policy must have at least one configuration.")
    return kept


def _check_cors(cors: _Config) -> None:
    if cors.get("AccessControlAllowCredentials") and any(
        "*" in items(cors, part) for part in ("AccessControlAllowHeaders", "AccessControlExposeHeaders")
    ):
        raise invalid_argument("The parameter AccessControlAllowCredentials cannot be true with a wildcard.")
    for part in ("AccessControlAllowOrigins", "AccessControlAllowHeaders", "AccessControlAllowMethods"):
        if cors and not items(cors, part):
            raise invalid_argument(f"The parameter {part} must have at least one item.")


def _check_security(security: _Config) -> None:
    policy = security.get("ContentSecurityPolicy", {}).get("ContentSecurityPolicy", "")
    if len(policy) > _LONGEST_CSP:
        raise fault(
            "TooLongCSPInResponseHeadersPolicy",
            f"The length of the Content-Security-Policy header value exceeds the maximum: {_LONGEST_CSP}.",
        )
    xss = security.get("XSSProtection", {})
    if xss.get("ModeBlock") and xss.get("ReportUri"):
        raise invalid_argument("The parameter ReportUri cannot be used when ModeBlock is true.")


def _check_custom_headers(config: _Config) -> None:
    custom = [header["Header"].lower() for header in items(config, "CustomHeadersConfig")]
    removed = [header["Header"].lower() for header in items(config, "RemoveHeadersConfig")]
    if len(custom) > _CUSTOM_HEADERS:
        raise fault(
            "TooManyCustomHeadersInResponseHeadersPolicy", f"The policy has more than {_CUSTOM_HEADERS} custom headers."
        )
    if len(removed) > _LONGEST_REMOVALS:
        raise fault(
            "TooManyRemoveHeadersInResponseHeadersPolicy", f"The policy removes more than {_LONGEST_REMOVALS} headers."
        )
    for header in custom:
        if header in _SECURITY_HEADERS or header.startswith("access-control-"):
            raise invalid_argument(
                f"The parameter CustomHeadersConfig contains {header}, which has its own configuration."
            )
    if len(set(custom)) < len(custom) or len(set(removed)) < len(removed):
        raise invalid_argument("The parameter Header must be unique.")
    if forbidden := set(removed) & _NO_REMOVAL:
        raise invalid_argument(f"The parameter RemoveHeadersConfig contains {', '.join(sorted(forbidden))}.")
