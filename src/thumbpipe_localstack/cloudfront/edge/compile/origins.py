"""Compiles origins and origin groups."""

from typing import Final

from localstack import config as localstack_config

from thumbpipe_localstack.cloudfront.edge.compile.configs import Config, items
from thumbpipe_localstack.cloudfront.edge.compile.engine_hosts import find_engine_host
from thumbpipe_localstack.cloudfront.edge.model.distribution import Origin, Target
from thumbpipe_localstack.cloudfront.store import CloudFrontStore

_SERVICE: Final = "cloudfront.amazonaws.com"


def compile_targets(config: Config, store: CloudFrontStore) -> dict[str, Target]:
    """Compile a distribution's origins and origin groups, by id."""
    origins = {each["Id"]: _compile_origin(each, store) for each in items(config.get("Origins"))}
    targets = {name: Target(origin=origin) for name, origin in origins.items()}
    for group in items(config.get("OriginGroups")):
        first, second = (origins[member["OriginId"]] for member in items(group["Members"])[:2])
        codes = items(group["FailoverCriteria"]["StatusCodes"])
        targets[group["Id"]] = Target(
            origin=first, failover=second, failover_statuses=frozenset(int(code) for code in codes)
        )
    return targets


def _compile_origin(config: Config, store: CloudFrontStore) -> Origin:
    domain = config["DomainName"].lower()
    custom = config.get("CustomOriginConfig") or {}
    engine_host = find_engine_host(domain, localstack_config.LOCALSTACK_HOST.host)
    names = {engine_host.kind: engine_host.name} if engine_host else {}
    return Origin(
        domain=domain,
        path=(config.get("OriginPath") or "").rstrip("/"),
        headers=tuple((each["HeaderName"], each["HeaderValue"]) for each in items(config.get("CustomHeaders"))),
        bucket=names.get("bucket"),
        region=engine_host.region if engine_host else None,
        api=names.get("api"),
        website=names.get("website"),
        function_url=names.get("function URL"),
        is_nowhere="unknown" in names,
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
    signs = control is not None and control.config.get("SigningBehavior") != "never"
    return _SERVICE if signs else ""
