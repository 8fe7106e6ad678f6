"""Validation of origins and origin groups."""

import re
from typing import Any, Final

from thumbpipe_localstack.cloudfront.control.errors import fault, invalid_argument
from thumbpipe_localstack.cloudfront.control.usage import items
from thumbpipe_localstack.cloudfront.store import CloudFrontStore

_Config = dict[str, Any]

_MOST_ORIGINS: Final = 100
_MOST_HEADERS: Final = 30
_MOST_GROUPS: Final = 10
_MEMBERS: Final = 2  # the primary origin, and the one for failover
_FAILURES: Final = {403, 404, 416, 429, 500, 502, 503, 504}
_LONGEST_TIMEOUT: Final = 120
_LOWEST_FREE_PORT: Final = 1024
_HIGHEST_PORT: Final = 65_535
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*", re.ASCII)
_S3_HOST: Final = re.compile(
    r".+\.s3([.-](dualstack\.)?[a-z0-9-]+|-accelerate(\.dualstack)?|-fips\.[a-z0-9-]+)?\.(amazonaws\.com(\.cn)?|localhost\.localstack\.cloud)"
)
_S3_WEBSITE: Final = re.compile(
    r".+\.s3-website([.-](dualstack\.)?[a-z0-9-]+)?\.(amazonaws\.com(\.cn)?|localhost\.localstack\.cloud)"
)
_FORBIDDEN_HEADERS: Final = {
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "request-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
}
_FORBIDDEN_PREFIXES: Final = ("x-amz-", "x-edge-")


def _is_s3(host: str) -> bool:
    return bool(_S3_HOST.fullmatch(host)) and not _S3_WEBSITE.fullmatch(host)


def check_origins(store: CloudFrontStore, config: _Config) -> None:
    """Reject origins that CloudFront would reject.

    Args:
        store: The account's.
        config: The distribution's configuration, with its defaults.
    """
    origins = items(config, "Origins")
    if not origins:
        raise invalid_argument("The parameter Origins is required: a distribution needs at least one origin.")
    if len(origins) > _MOST_ORIGINS:
        raise fault("TooManyOrigins", f"You cannot create more origins for the distribution: {_MOST_ORIGINS}.")
    ids = [origin.get("Id") for origin in origins]
    if len(set(ids)) < len(ids) or not all(ids):
        raise invalid_argument("The parameter Origin Id is required, and must be unique.")
    for origin in origins:
        _check_origin(origin)
        _check_access(store, origin)
    _check_groups(config, set(ids))


def _check_groups(config: _Config, origins: set[str]) -> None:
    groups = items(config, "OriginGroups")
    if len(groups) > _MOST_GROUPS:
        raise fault(
            "TooManyOriginGroupsPerDistribution", f"A distribution can have at most {_MOST_GROUPS} origin groups."
        )
    if len({group["Id"] for group in groups} - origins) < len(groups):
        raise invalid_argument("The parameter OriginGroup Id must be unique, and must not be the Id of an origin.")
    for group in groups:
        members = [member["OriginId"] for member in items(group, "Members")]
        if len(set(members)) != _MEMBERS or len(members) != _MEMBERS:
            raise invalid_argument("The parameter OriginGroup Members must have two different origins.")
        if not set(members) <= origins:
            raise fault("NoSuchOrigin", "One or more of your origins or origin groups do not exist.")
        codes = items(group["FailoverCriteria"], "StatusCodes")
        if not codes or not set(codes) <= _FAILURES:
            raise invalid_argument(
                "The parameter StatusCodes of an origin group contains a status that does not trigger failover."
            )


def _check_origin(origin: _Config) -> None:
    host = origin.get("DomainName", "")
    if not _HOST.fullmatch(host):
        raise fault("InvalidOrigin", f"The specified origin server does not exist or is not valid: {host}")
    if ("S3OriginConfig" in origin) == ("CustomOriginConfig" in origin):
        raise invalid_argument("An origin must have either S3OriginConfig or CustomOriginConfig.")
    if "S3OriginConfig" in origin and not _is_s3(host):
        raise invalid_argument("The parameter Origin DomainName does not refer to a valid S3 bucket.")
    path = origin["OriginPath"]
    if path and (not path.startswith("/") or path.endswith("/")):
        raise invalid_argument("The parameter OriginPath must begin with a slash and must not end with one.")
    # The message states the limits, too.
    if not 1 <= origin["ConnectionAttempts"] <= 3 or not 1 <= origin["ConnectionTimeout"] <= 10:  # noqa: PLR2004
        raise invalid_argument("ConnectionAttempts must be from 1 to 3, and ConnectionTimeout from 1 to 10 seconds.")
    _check_headers(items(origin, "CustomHeaders"))
    if "CustomOriginConfig" in origin:
        _check_connection(origin["CustomOriginConfig"])


def _check_headers(headers: list[_Config]) -> None:
    names = [header["HeaderName"].lower() for header in headers]
    if len(names) > _MOST_HEADERS:
        raise fault(
            "TooManyOriginCustomHeaders", f"Your request contains too many origin custom headers: {len(names)}."
        )
    if len(set(names)) < len(names):
        raise invalid_argument("The parameter HeaderName must be unique.")
    for name in names:
        if name in _FORBIDDEN_HEADERS or name.startswith(_FORBIDDEN_PREFIXES):
            raise invalid_argument(f"The parameter HeaderName contains {name} that is not allowed.")


def _check_connection(custom: _Config) -> None:
    if not 1 <= custom["OriginReadTimeout"] <= _LONGEST_TIMEOUT:
        raise fault("InvalidOriginReadTimeout", "The read timeout specified for the origin is not valid.")
    if not 1 <= custom["OriginKeepaliveTimeout"] <= _LONGEST_TIMEOUT:
        raise fault("InvalidOriginKeepaliveTimeout", "The keep alive timeout specified for the origin is not valid.")
    for member, usual in (("HTTPPort", 80), ("HTTPSPort", 443)):
        port = custom[member]
        if port not in {80, usual} and not _LOWEST_FREE_PORT <= port <= _HIGHEST_PORT:
            raise invalid_argument(f"The parameter {member} must be 80, 443 or from 1024 to 65535.")


def _check_access(store: CloudFrontStore, origin: _Config) -> None:
    access_control_id = origin["OriginAccessControlId"]
    if not access_control_id:
        return
    if access_control_id not in store.origin_access_controls:
        raise fault("InvalidOriginAccessControl", f"The origin access control does not exist: {access_control_id}.")
    if not _is_s3(origin["DomainName"]):
        raise fault(
            "InvalidDomainNameForOriginAccessControl",
            "An origin access control is associated with an origin whose domain name is not supported.",
        )
