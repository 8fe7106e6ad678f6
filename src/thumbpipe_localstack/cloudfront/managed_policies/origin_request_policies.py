"""AWS's managed origin-request policies."""

from typing import Any, Final

from thumbpipe_localstack.cloudfront.managed_policies.parts import choose

_CORS: Final = ("origin", "access-control-request-headers", "access-control-request-method")
_CLOUDFRONT: Final = (
    "CloudFront-Forwarded-Proto",
    "CloudFront-Is-Android-Viewer",
    "CloudFront-Is-Desktop-Viewer",
    "CloudFront-Is-IOS-Viewer",
    "CloudFront-Is-Mobile-Viewer",
    "CloudFront-Is-SmartTV-Viewer",
    "CloudFront-Is-Tablet-Viewer",
    "CloudFront-Viewer-Address",
    "CloudFront-Viewer-ASN",
    "CloudFront-Viewer-City",
    "CloudFront-Viewer-Country",
    "CloudFront-Viewer-Country-Name",
    "CloudFront-Viewer-Country-Region",
    "CloudFront-Viewer-Country-Region-Name",
    "CloudFront-Viewer-Http-Version",
    "CloudFront-Viewer-Latitude",
    "CloudFront-Viewer-Longitude",
    "CloudFront-Viewer-Metro-Code",
    "CloudFront-Viewer-Postal-Code",
    "CloudFront-Viewer-Time-Zone",
    "CloudFront-Viewer-TLS",
)


def _policy(  # noqa: PLR0913 - a policy has so many parts
    name: str, comment: str, behavior: str, headers: tuple[str, ...] = (), *, cookies: str, query_strings: str
) -> dict[str, Any]:
    return {
        "Name": name,
        "Comment": comment,
        "HeadersConfig": choose(behavior, headers, what="Header"),
        "CookiesConfig": choose(cookies, (), what="Cookie"),
        "QueryStringsConfig": choose(query_strings, (), what="QueryString"),
    }


ORIGIN_REQUEST_POLICIES: Final[dict[str, dict[str, Any]]] = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": _policy(
        "Managed-AllViewer",
        "Policy to forward all parameters in viewer requests",
        "allViewer",
        cookies="all",
        query_strings="all",
    ),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": _policy(
        "Managed-AllViewerAndCloudFrontHeaders-2022-06",
        "Policy to forward all parameters in viewer requests and all CloudFront headers released through June 2022",
        "allViewerAndWhitelistCloudFront",
        _CLOUDFRONT,
        cookies="all",
        query_strings="all",
    ),
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": _policy(
        "Managed-AllViewerExceptHostHeader",
        "Policy to forward all parameters in viewer requests except for the Host header",
        "allExcept",
        ("host",),
        cookies="all",
        query_strings="all",
    ),
    "59781a5b-3903-41f3-afcb-af62929ccde1": _policy(
        "Managed-CORS-CustomOrigin",
        "Policy for CustomOrigin with CORS",
        "whitelist",
        ("origin",),
        cookies="none",
        query_strings="none",
    ),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _policy(
        "Managed-CORS-S3Origin",
        "Policy for S3 origin with CORS",
        "whitelist",
        _CORS,
        cookies="none",
        query_strings="none",
    ),
    "775133bc-15f2-49f9-abea-afb2e0bf67d2": _policy(
        "Managed-Elemental-MediaTailor-PersonalizedManifests",
        "Policy for Elemental MediaTailor Origin",
        "whitelist",
        (*_CORS, "user-agent", "x-forwarded-for"),
        cookies="none",
        query_strings="all",
    ),
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": _policy(
        "Managed-HostHeaderOnly",
        "Policy to forward only the Host header",
        "whitelist",
        ("host",),
        cookies="none",
        query_strings="none",
    ),
    "acba4595-bd28-49b8-b9fe-13317c0390fa": _policy(
        "Managed-UserAgentRefererHeaders",
        "Policy to forward user-agent and referer headers to origin",
        "whitelist",
        ("user-agent", "referer"),
        cookies="none",
        query_strings="none",
    ),
}
