"""AWS's managed response-headers policies."""

from typing import Any, Final

from thumbpipe_localstack.cloudfront.managed_policies.parts import YEAR_SECONDS, quantity

_SIMPLE: Final = {
    "AccessControlAllowOrigins": quantity(["*"]),
    "AccessControlAllowHeaders": quantity(["*"]),
    "AccessControlAllowMethods": quantity(["GET"]),
    "AccessControlAllowCredentials": False,
    "OriginOverride": False,
}
_PREFLIGHT: Final = _SIMPLE | {
    "AccessControlAllowMethods": quantity(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]),
    "AccessControlExposeHeaders": quantity(["*"]),
}
_SECURITY: Final = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {
        "Override": False,
        "IncludeSubdomains": False,
        "Preload": False,
        "AccessControlMaxAgeSec": YEAR_SECONDS,
    },
}


def _policy(name: str, comment: str, **parts: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of the policy
    return {"Name": name, "Comment": comment, **parts}


RESPONSE_HEADERS_POLICIES: Final[dict[str, dict[str, Any]]] = {
    "60669652-455b-4ae9-85a4-c4c02393f86c": _policy(
        "Managed-SimpleCORS", "Allows all origins for simple CORS requests", CorsConfig=_SIMPLE
    ),
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd": _policy(
        "Managed-CORS-With-Preflight",
        "Allows all origins for CORS requests, including preflight requests",
        CorsConfig=_PREFLIGHT,
    ),
    "67f7725c-6f97-4210-82d7-5512b31e9d03": _policy(
        "Managed-SecurityHeadersPolicy",
        "Adds a set of security headers to every response",
        SecurityHeadersConfig=_SECURITY,
    ),
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": _policy(
        "Managed-CORS-and-SecurityHeadersPolicy",
        "Allows all origins for simple CORS requests and adds security headers",
        CorsConfig=_SIMPLE,
        SecurityHeadersConfig=_SECURITY,
    ),
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": _policy(
        "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
        "Allows all origins for CORS requests, including preflight requests, and adds security headers",
        CorsConfig=_PREFLIGHT,
        SecurityHeadersConfig=_SECURITY,
    ),
}
