"""Response-headers policies: CORS, security and custom headers, removed headers, Server-Timing."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from werkzeug.datastructures import Headers

from thumbpipe_localstack.cloudfront.edge.model.path_patterns import matches
from thumbpipe_localstack.cloudfront.location import POP
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

Config = Mapping[str, Any]
_ALL_METHODS: Final = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
_PERCENT: Final = 100


def apply_policy(policy: Config, request: ViewerRequest, response: EdgeResponse) -> None:
    """Apply a policy's configuration to a response."""
    headers = response.headers
    for item in _items(policy.get("RemoveHeadersConfig")):
        headers.remove(item["Header"])
    if cors := policy.get("CorsConfig"):
        _apply_cors(cors, request, headers)
    for name, value, override in _security_headers(policy.get("SecurityHeadersConfig") or {}):
        _put(headers, name, value, override=override)
    for item in _items(policy.get("CustomHeadersConfig")):
        _put(headers, item["Header"], item["Value"], override=item["Override"])
    timing = policy.get("ServerTimingHeadersConfig") or {}
    if timing.get("Enabled") and secrets.randbelow(_PERCENT) < float(timing.get("SamplingRate") or 0):
        headers.add("Server-Timing", _server_timing(request, response))


def _items(holder: Config | None) -> list[Any]:
    return list((holder or {}).get("Items") or [])


def _put(headers: Headers, name: str, value: str, *, override: bool) -> None:
    if override or name not in headers:
        headers[name] = value


def _server_timing(request: ViewerRequest, response: EdgeResponse) -> str:
    cache = "cdn-cache-hit" if response.result in ("Hit", "RefreshHit") else "cdn-cache-miss"
    return f'{cache},cdn-pop;desc="{POP}",cdn-rid;desc="{request.request_id}"'


def _security_headers(config: Config) -> Iterator[tuple[str, str, bool]]:
    if options := config.get("ContentTypeOptions"):
        yield "X-Content-Type-Options", "nosniff", options["Override"]
    if frame := config.get("FrameOptions"):
        yield "X-Frame-Options", frame["FrameOption"], frame["Override"]
    if referrer := config.get("ReferrerPolicy"):
        yield "Referrer-Policy", referrer["ReferrerPolicy"], referrer["Override"]
    if content := config.get("ContentSecurityPolicy"):
        yield "Content-Security-Policy", content["ContentSecurityPolicy"], content["Override"]
    if transport := config.get("StrictTransportSecurity"):
        yield "Strict-Transport-Security", _transport_security(transport), transport["Override"]
    if protection := config.get("XSSProtection"):
        yield "X-XSS-Protection", _xss_protection(protection), protection["Override"]


def _transport_security(config: Config) -> str:
    parts = [f"max-age={config['AccessControlMaxAgeSec']}"]
    parts += ["includeSubDomains"] if config.get("IncludeSubdomains") else []
    parts += ["preload"] if config.get("Preload") else []
    return "; ".join(parts)


def _xss_protection(config: Config) -> str:
    if not config["Protection"]:
        return "0"
    if config.get("ModeBlock"):
        return "1; mode=block"
    return f"1; report={config['ReportUri']}" if config.get("ReportUri") else "1"


def _allowed_origin(origin: str, allowed: Iterable[str], *, credentials: bool) -> str | None:
    for each in allowed:
        if each == "*":
            return origin if credentials else "*"
        pattern, compared = (each, origin) if "://" in each else (each, origin.partition("://")[2])
        if matches(pattern, compared):
            return origin
    return None


def _cors_headers(config: Config, request: ViewerRequest, origin: str) -> Iterator[tuple[str, str]]:
    yield "Access-Control-Allow-Origin", origin
    if config.get("AccessControlAllowCredentials"):
        yield "Access-Control-Allow-Credentials", "true"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        methods = _items(config.get("AccessControlAllowMethods"))
        yield "Access-Control-Allow-Methods", ", ".join(_ALL_METHODS if "ALL" in methods else methods)
        yield "Access-Control-Allow-Headers", _allowed_headers(_items(config.get("AccessControlAllowHeaders")), request)
        if (seconds := config.get("AccessControlMaxAgeSec")) is not None:
            yield "Access-Control-Max-Age", str(seconds)
    elif exposed := _items(config.get("AccessControlExposeHeaders")):
        yield "Access-Control-Expose-Headers", ", ".join(exposed)


def _allowed_headers(allowed: list[str], request: ViewerRequest) -> str:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return asked or "*" if "*" in allowed else ", ".join(allowed)


def _apply_cors(config: Config, request: ViewerRequest, headers: Headers) -> None:
    """Add CORS headers to the response to a cross-origin request.

    If the origin sent any, all of them are kept or, with `OriginOverride`, all replaced.
    """
    asked = request.headers.get("Origin")
    if not asked:
        return
    # werkzeug's headers are iterated by pairs, not by names.
    own = [name for name in headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118
    if own and not config.get("OriginOverride"):
        return
    for name in own:
        headers.remove(name)
    allowed = _items(config.get("AccessControlAllowOrigins"))
    origin = _allowed_origin(asked, allowed, credentials=bool(config.get("AccessControlAllowCredentials")))
    if origin is None:
        return
    for name, value in _cors_headers(config, request, origin):
        headers[name] = value
    if origin != "*" and "origin" not in headers.get("Vary", "").lower():
        headers.add("Vary", "Origin")
