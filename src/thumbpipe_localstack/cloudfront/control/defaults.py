"""Default values that CloudFront adds to a distribution's configuration."""

from typing import Any

from thumbpipe_localstack.cloudfront.control.usage import items
from thumbpipe_localstack.cloudfront.managed_policies.parts import DAY_SECONDS, YEAR_SECONDS

_Config = dict[str, Any]


def _nothing() -> _Config:
    return {"Quantity": 0}


def _trust_nobody() -> _Config:
    return {"Enabled": False, "Quantity": 0}


def _complete(config: _Config | None, defaults: _Config) -> _Config:
    given = {name: value for name, value in (config or {}).items() if value is not None}
    return defaults | given


def _complete_s3(config: _Config) -> _Config:
    return _complete(config, {"OriginAccessIdentity": "", "OriginReadTimeout": 30})


def _complete_custom(config: _Config) -> _Config:
    protocols = {"Quantity": 3, "Items": ["TLSv1", "TLSv1.1", "TLSv1.2"]}
    defaults = {"OriginSslProtocols": protocols, "OriginReadTimeout": 30, "OriginKeepaliveTimeout": 5}
    return _complete(config, defaults)


def _complete_origin(config: _Config) -> _Config:
    kept = _complete(
        config,
        {
            "OriginPath": "",
            "CustomHeaders": _nothing(),
            "ConnectionAttempts": 3,
            "ConnectionTimeout": 10,
            "OriginShield": {"Enabled": False},
            "OriginAccessControlId": "",
        },
    )
    if "S3OriginConfig" in kept:
        kept["S3OriginConfig"] = _complete_s3(kept["S3OriginConfig"])
    if "CustomOriginConfig" in kept:
        kept["CustomOriginConfig"] = _complete_custom(kept["CustomOriginConfig"])
    return kept


def _complete_methods(methods: _Config | None) -> _Config:
    reading = ["HEAD", "GET"]
    kept = _complete(methods, {"Quantity": len(reading), "Items": reading})
    kept.setdefault("CachedMethods", {"Quantity": len(reading), "Items": reading})
    return kept


def _complete_behavior(config: _Config) -> _Config:
    kept = _complete(
        config,
        {
            "TrustedSigners": _trust_nobody(),
            "TrustedKeyGroups": _trust_nobody(),
            "SmoothStreaming": False,
            "Compress": False,
            "LambdaFunctionAssociations": _nothing(),
            "FunctionAssociations": _nothing(),
            "FieldLevelEncryptionId": "",
            "GrpcConfig": {"Enabled": False},
        },
    )
    kept["AllowedMethods"] = _complete_methods(kept.get("AllowedMethods"))
    if "ForwardedValues" in kept:
        kept["ForwardedValues"] = _complete(
            kept["ForwardedValues"], {"Headers": _nothing(), "QueryStringCacheKeys": _nothing()}
        )
        lowest = kept.setdefault("MinTTL", 0)
        kept.setdefault("DefaultTTL", max(DAY_SECONDS, lowest))
        kept.setdefault("MaxTTL", max(YEAR_SECONDS, kept["DefaultTTL"]))
    return kept


def _complete_certificate(config: _Config | None) -> _Config:
    kept = _complete(config, {"CloudFrontDefaultCertificate": False})
    kept.pop("Certificate", None)
    kept.pop("CertificateSource", None)
    if not kept.get("ACMCertificateArn") and not kept.get("IAMCertificateId"):
        return {
            "CloudFrontDefaultCertificate": True,
            "SSLSupportMethod": "vip",
            "MinimumProtocolVersion": "TLSv1",
            "CertificateSource": "cloudfront",
        }
    kept.setdefault("SSLSupportMethod", "sni-only")
    kept.setdefault("MinimumProtocolVersion", "TLSv1" if kept["SSLSupportMethod"] == "sni-only" else "SSLv3")
    source = "acm" if kept.get("ACMCertificateArn") else "iam"
    return kept | {
        "Certificate": kept.get("ACMCertificateArn") or kept["IAMCertificateId"],
        "CertificateSource": source,
    }


def _complete_error_response(config: _Config) -> _Config:
    return _complete(config, {"ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 10})


def _each(config: _Config, member: str, complete: Any) -> _Config:  # noqa: ANN401 - a function of one configuration
    completed = [complete(item) for item in items(config, member)]
    return {"Quantity": len(completed)} | ({"Items": completed} if completed else {})


def with_defaults(config: _Config) -> _Config:
    """Return a configuration with all defaults filled in."""
    kept = _complete(
        config,
        {
            "Aliases": _nothing(),
            "DefaultRootObject": "",
            "OriginGroups": _nothing(),
            "Comment": "",
            "Logging": {},
            "PriceClass": "PriceClass_All",
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
            "WebACLId": "",
            "HttpVersion": "http2",
            "IsIPV6Enabled": True,
            "ContinuousDeploymentPolicyId": "",
            "Staging": False,
        },
    )
    kept["Origins"] = _each(kept, "Origins", _complete_origin)
    kept["DefaultCacheBehavior"] = _complete_behavior(kept["DefaultCacheBehavior"])
    kept["CacheBehaviors"] = _each(kept, "CacheBehaviors", _complete_behavior)
    kept["CustomErrorResponses"] = _each(kept, "CustomErrorResponses", _complete_error_response)
    kept["Logging"] = _complete(
        kept["Logging"], {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}
    )
    kept["ViewerCertificate"] = _complete_certificate(kept.get("ViewerCertificate"))
    return kept
