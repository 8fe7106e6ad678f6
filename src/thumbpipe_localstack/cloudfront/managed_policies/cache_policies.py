"""AWS's managed cache policies."""

from typing import Any, Final

from thumbpipe_localstack.cloudfront.managed_policies.parts import DAY_SECONDS, YEAR_SECONDS, choose

_ORIGIN_CONTROLLED: Final = ("host", "origin", "x-http-method-override", "x-http-method", "x-method-override")
_AMPLIFY: Final = ("Accept", "Authorization", "CloudFront-Viewer-Country", "Host")


def _policy(  # noqa: PLR0913 - a policy has so many parts
    name: str,
    comment: str,
    ttls: tuple[int, int, int],
    *,
    gzip: bool = True,
    brotli: bool = True,
    headers: tuple[str, ...] = (),
    cookies: str = "none",
    query_strings: str = "none",
    query_names: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return a policy; `ttls` are minimum, default and maximum, in seconds."""
    lowest, default, highest = ttls
    return {
        "Name": name,
        "Comment": comment,
        "MinTTL": lowest,
        "DefaultTTL": default,
        "MaxTTL": highest,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": gzip,
            "EnableAcceptEncodingBrotli": brotli,
            "HeadersConfig": choose("whitelist" if headers else "none", headers, what="Header"),
            "CookiesConfig": choose(cookies, (), what="Cookie"),
            "QueryStringsConfig": choose(query_strings, query_names, what="QueryString"),
        },
    }


CACHE_POLICIES: Final[dict[str, dict[str, Any]]] = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": _policy(
        "Managed-CachingOptimized",
        "Policy with caching enabled. Supports Gzip and Brotli compression.",
        (1, DAY_SECONDS, YEAR_SECONDS),
    ),
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _policy(
        "Managed-CachingOptimizedForUncompressedObjects",
        "Default policy when compression is disabled",
        (1, DAY_SECONDS, YEAR_SECONDS),
        gzip=False,
        brotli=False,
    ),
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _policy(
        "Managed-CachingDisabled", "Policy with caching disabled", (0, 0, 0), gzip=False, brotli=False
    ),
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": _policy(
        "Managed-Elemental-MediaPackage",
        "Policy for Elemental MediaPackage Origin",
        (0, DAY_SECONDS, YEAR_SECONDS),
        brotli=False,
        headers=("origin",),
        query_strings="whitelist",
        query_names=("aws.manifestfilter", "start", "end", "m"),
    ),
    "2e54312d-136d-493c-8eb9-b001f22f67d2": _policy(
        "Managed-Amplify",
        "Policy for Amplify Origin",
        (2, 2, 600),
        headers=("Authorization", "CloudFront-Viewer-Country", "Host"),
        cookies="all",
        query_strings="all",
    ),
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _policy(
        "UseOriginCacheControlHeaders",
        "Policy for origins that return Cache-Control headers. Query strings are not included in the cache key.",
        (0, 0, YEAR_SECONDS),
        headers=_ORIGIN_CONTROLLED,
        cookies="all",
    ),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _policy(
        "UseOriginCacheControlHeaders-QueryStrings",
        "Policy for origins that return Cache-Control headers and serve different content based on values present"
        " in the query string.",
        (0, 0, YEAR_SECONDS),
        headers=_ORIGIN_CONTROLLED,
        cookies="all",
        query_strings="all",
    ),
    # Used by AWS Amplify, and listed in every account.
    "4d1d2f1d-3a71-49ad-9e08-7ea5d843a556": _policy(
        "Managed-Amplify-Default",
        "Default Amplify cache policy",
        (0, 0, YEAR_SECONDS),
        headers=_AMPLIFY,
        cookies="all",
        query_strings="all",
    ),
    "a6bad946-36c3-4c33-aa98-362c74a7fb13": _policy(
        "Managed-Amplify-DefaultNoCookies",
        "Default Amplify cache policy without cookies",
        (0, 0, YEAR_SECONDS),
        headers=_AMPLIFY,
        query_strings="all",
    ),
    "1c6db51a-a33f-469a-8245-dae26771f530": _policy(
        "Managed-Amplify-ImageOptimization",
        "Amplify cache policy for image optimization",
        (0, 0, YEAR_SECONDS),
        headers=("Accept", "Authorization", "Host"),
        query_strings="all",
    ),
    "7e5fad67-ee98-4ad0-b05a-394999eefc1a": _policy(
        "Managed-Amplify-StaticContent",
        "Amplify cache policy for static content",
        (0, 0, YEAR_SECONDS),
        headers=("Authorization", "Host"),
    ),
}
