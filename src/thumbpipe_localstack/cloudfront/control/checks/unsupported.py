"""Settings that CloudFront supports and this plugin does not: rejected instead of ignored."""

from typing import Any, Final

from thumbpipe_localstack.cloudfront.control.errors import unsupported
from thumbpipe_localstack.cloudfront.control.usage import behaviors, items

_Config = dict[str, Any]

_OF_DISTRIBUTION: Final = {
    "Staging": "staging distributions",
    "ContinuousDeploymentPolicyId": "continuous deployment",
    "AnycastIpListId": "Anycast static IP lists",
    "TenantConfig": "multi-tenant distributions",
    "ViewerMtlsConfig": "mutual TLS of viewers",
    "ConnectionFunctionAssociation": "connection functions",
}
_OF_BEHAVIOR: Final = {
    "FieldLevelEncryptionId": "field-level encryption",
    "RealtimeLogConfigArn": "real-time logs",
    "SmoothStreaming": "Microsoft Smooth Streaming",
}


def _refuse(config: _Config, parts: dict[str, str]) -> None:
    for member, words in parts.items():
        if config.get(member):
            raise unsupported(f"{words} ({member})")


def _refuse_in_behavior(behavior: _Config) -> None:
    _refuse(behavior, _OF_BEHAVIOR)
    if items(behavior, "LambdaFunctionAssociations"):
        raise unsupported("Lambda@Edge (LambdaFunctionAssociations): use a CloudFront Function")
    if behavior["TrustedSigners"]["Enabled"]:
        raise unsupported("key pairs of an account's root user (TrustedSigners): use TrustedKeyGroups")
    if behavior["GrpcConfig"]["Enabled"]:
        raise unsupported("gRPC (GrpcConfig)")


def _refuse_in_origin(origin: _Config) -> None:
    if "VpcOriginConfig" in origin:
        raise unsupported("VPC origins (VpcOriginConfig)")
    if origin.get("S3OriginConfig", {}).get("OriginAccessIdentity"):
        raise unsupported("origin access identities (OriginAccessIdentity): use an origin access control")
    if origin.get("CustomOriginConfig", {}).get("OriginMtlsConfig"):
        raise unsupported("mutual TLS with origins (OriginMtlsConfig)")


def refuse_unsupported(config: _Config) -> None:
    """Reject a configuration with unsupported settings.

    Args:
        config: With its defaults.

    Raises:
        CommonServiceException: `UnsupportedOperation`, which names the setting.
    """
    _refuse(config, _OF_DISTRIBUTION)
    if config.get("ConnectionMode", "direct") != "direct":
        raise unsupported("multi-tenant distributions (ConnectionMode)")
    for origin in items(config, "Origins"):
        _refuse_in_origin(origin)
    for behavior in behaviors(config):
        _refuse_in_behavior(behavior)
