"""Policies and origin access controls by boto3; AWS's managed policies with their real ids and contents."""

import uuid
from typing import Any, Final

import pytest

from support.distributions import CACHING_OPTIMIZED, make_config, make_name, make_origin, refused, some
from support.plugin_engine import Engine

Config = dict[str, Any]

NONE: Final[Config] = {
    "HeadersConfig": {"HeaderBehavior": "none"},
    "CookiesConfig": {"CookieBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}

# Ids and names from the CloudFront Developer Guide.
MANAGED: Final = {
    "cache": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": "Managed-CachingOptimized",
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": "Managed-CachingOptimizedForUncompressedObjects",
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "Managed-CachingDisabled",
        "08627262-05a9-4f76-9ded-b50ca2e3a84f": "Managed-Elemental-MediaPackage",
        "2e54312d-136d-493c-8eb9-b001f22f67d2": "Managed-Amplify",
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": "UseOriginCacheControlHeaders",
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": "UseOriginCacheControlHeaders-QueryStrings",
        "4d1d2f1d-3a71-49ad-9e08-7ea5d843a556": "Managed-Amplify-Default",
        "a6bad946-36c3-4c33-aa98-362c74a7fb13": "Managed-Amplify-DefaultNoCookies",
        "1c6db51a-a33f-469a-8245-dae26771f530": "Managed-Amplify-ImageOptimization",
        "7e5fad67-ee98-4ad0-b05a-394999eefc1a": "Managed-Amplify-StaticContent",
    },
    "origin_request": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": "Managed-AllViewer",
        "33f36d7e-f396-46d9-90e0-52428a34d9dc": "Managed-AllViewerAndCloudFrontHeaders-2022-06",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": "Managed-AllViewerExceptHostHeader",
        "59781a5b-3903-41f3-afcb-af62929ccde1": "Managed-CORS-CustomOrigin",
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": "Managed-CORS-S3Origin",
        "775133bc-15f2-49f9-abea-afb2e0bf67d2": "Managed-Elemental-MediaTailor-PersonalizedManifests",
        "bf0718e1-ba1e-49d1-88b1-f726733018ae": "Managed-HostHeaderOnly",
        "acba4595-bd28-49b8-b9fe-13317c0390fa": "Managed-UserAgentRefererHeaders",
    },
    "response_headers": {
        "60669652-455b-4ae9-85a4-c4c02393f86c": "Managed-SimpleCORS",
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd": "Managed-CORS-With-Preflight",
        "67f7725c-6f97-4210-82d7-5512b31e9d03": "Managed-SecurityHeadersPolicy",
        "e61eb60c-9c35-4d20-a928-2b84e02af89c": "Managed-CORS-and-SecurityHeadersPolicy",
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
    },
}
WORDS: Final = {
    "cache": "CachePolicy",
    "origin_request": "OriginRequestPolicy",
    "response_headers": "ResponseHeadersPolicy",
}


# boto3 makes its clients at run time.
def list_all(cloudfront: Any, kind: str, policy_type: str) -> dict[str, Config]:  # noqa: ANN401
    plural = {"cache": "cache_policies", "origin_request": "origin_request_policies"}.get(
        kind, "response_headers_policies"
    )
    listed = getattr(cloudfront, f"list_{plural}")(Type=policy_type)[f"{WORDS[kind]}List"]
    word = WORDS[kind]
    assert all(each["Type"] == policy_type for each in listed.get("Items", []))
    return {each[word]["Id"]: each[word][f"{word}Config"] for each in listed.get("Items", [])}


def make_cache_policy(**changes: Any) -> Config:  # noqa: ANN401
    parameters = {"EnableAcceptEncodingGzip": False, **NONE}
    return {"Name": make_name(), "MinTTL": 0, "ParametersInCacheKeyAndForwardedToOrigin": parameters} | changes


def with_parameters(**changes: Any) -> Config:  # noqa: ANN401
    parameters = {"EnableAcceptEncodingGzip": False, **NONE} | changes
    return make_cache_policy(ParametersInCacheKeyAndForwardedToOrigin=parameters)


@pytest.mark.parametrize("kind", MANAGED)
def test_managed_policies_have_the_ids_that_aws_gives_them(cloudfront: Any, kind: str) -> None:  # noqa: ANN401
    listed = list_all(cloudfront, kind, "managed")

    assert {policy_id: config["Name"] for policy_id, config in listed.items()} == MANAGED[kind]
    for policy_id, config in listed.items():
        shown = getattr(cloudfront, f"get_{kind}_policy_config")(Id=policy_id)
        assert shown[f"{WORDS[kind]}Config"] == config


def test_managed_cache_policies_have_the_contents_of_aws(cloudfront: Any) -> None:  # noqa: ANN401
    listed = list_all(cloudfront, "cache", "managed")
    ttls = {
        config["Name"]: tuple(config[ttl] for ttl in ("MinTTL", "DefaultTTL", "MaxTTL"))
        for config in listed.values()
        if not config["Name"].startswith("Managed-Amplify-")
    }
    package = listed["08627262-05a9-4f76-9ded-b50ca2e3a84f"]["ParametersInCacheKeyAndForwardedToOrigin"]
    disabled = listed["4135ea2d-6df8-44a3-9df3-4b5a84be39ad"]["ParametersInCacheKeyAndForwardedToOrigin"]

    assert ttls == {
        "Managed-CachingOptimized": (1, 86400, 31536000),
        "Managed-CachingOptimizedForUncompressedObjects": (1, 86400, 31536000),
        "Managed-CachingDisabled": (0, 0, 0),
        "Managed-Elemental-MediaPackage": (0, 86400, 31536000),
        "Managed-Amplify": (2, 2, 600),
        "UseOriginCacheControlHeaders": (0, 0, 31536000),
        "UseOriginCacheControlHeaders-QueryStrings": (0, 0, 31536000),
    }
    assert package["QueryStringsConfig"]["QueryStrings"]["Items"] == ["aws.manifestfilter", "start", "end", "m"]
    assert disabled == {"EnableAcceptEncodingGzip": False, "EnableAcceptEncodingBrotli": False, **NONE}


def test_the_managed_security_headers_are_those_of_aws(cloudfront: Any) -> None:  # noqa: ANN401
    config = list_all(cloudfront, "response_headers", "managed")["67f7725c-6f97-4210-82d7-5512b31e9d03"]

    assert config["SecurityHeadersConfig"] == {
        "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
        "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
        "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
        "ContentTypeOptions": {"Override": True},
        "StrictTransportSecurity": {
            "Override": False,
            "IncludeSubdomains": False,
            "Preload": False,
            "AccessControlMaxAgeSec": 31536000,
        },
    }


def test_managed_policies_are_neither_changed_nor_deleted_nor_imitated(cloudfront: Any) -> None:  # noqa: ANN401
    current = cloudfront.get_cache_policy(Id=CACHING_OPTIMIZED)
    config, version = current["CachePolicy"]["CachePolicyConfig"], {"Id": CACHING_OPTIMIZED, "IfMatch": current["ETag"]}

    assert refused(cloudfront.update_cache_policy, CachePolicyConfig=config, **version) == ("IllegalUpdate", 400)
    assert refused(cloudfront.delete_cache_policy, **version) == ("IllegalDelete", 400)
    assert refused(cloudfront.create_cache_policy, CachePolicyConfig=config) == ("CachePolicyAlreadyExists", 409)


def test_a_cache_policy_lives_its_life(cloudfront: Any) -> None:  # noqa: ANN401
    created = cloudfront.create_cache_policy(CachePolicyConfig=make_cache_policy())
    policy_id, config = created["CachePolicy"]["Id"], created["CachePolicy"]["CachePolicyConfig"]
    changed = config | {"MinTTL": 5, "Comment": "slower"}

    updated = cloudfront.update_cache_policy(Id=policy_id, IfMatch=created["ETag"], CachePolicyConfig=changed)

    assert str(uuid.UUID(policy_id)) == policy_id
    assert (config["DefaultTTL"], config["MaxTTL"], config["Comment"]) == (86400, 31536000, "")
    assert cloudfront.get_cache_policy_config(Id=policy_id)["CachePolicyConfig"] == changed
    assert policy_id in list_all(cloudfront, "cache", "custom")
    stale = {"Id": policy_id, "IfMatch": created["ETag"]}
    assert refused(cloudfront.delete_cache_policy, **stale) == ("PreconditionFailed", 412)
    cloudfront.delete_cache_policy(Id=policy_id, IfMatch=updated["ETag"])
    assert refused(cloudfront.get_cache_policy, Id=policy_id) == ("NoSuchCachePolicy", 404)


CACHE_REFUSALS: Final[dict[str, tuple[Config, str]]] = {
    "lifetimes in no order": (make_cache_policy(MinTTL=10, DefaultTTL=5, MaxTTL=20), "InvalidArgument"),
    "a name with a space": (make_cache_policy(Name="a b"), "InvalidArgument"),
    "names for none": (
        with_parameters(CookiesConfig={"CookieBehavior": "none", "Cookies": some("a")}),
        "InvalidArgument",
    ),
    "a white list of nothing": (
        with_parameters(HeadersConfig={"HeaderBehavior": "whitelist"}),
        "InvalidArgument",
    ),
    "eleven headers": (
        with_parameters(
            HeadersConfig={"HeaderBehavior": "whitelist", "Headers": some(*(f"x-{each}" for each in range(11)))}
        ),
        "TooManyHeadersInCachePolicy",
    ),
    "the encoding twice over": (
        with_parameters(
            EnableAcceptEncodingGzip=True,
            HeadersConfig={"HeaderBehavior": "whitelist", "Headers": some("Accept-Encoding")},
        ),
        "InvalidArgument",
    ),
    "a cache key where nothing is cached": (
        with_parameters(QueryStringsConfig={"QueryStringBehavior": "all"}) | {"DefaultTTL": 0, "MaxTTL": 0},
        "InvalidArgument",
    ),
}


@pytest.mark.parametrize("case", CACHE_REFUSALS.values(), ids=CACHE_REFUSALS.keys())
def test_cache_policies_are_refused(cloudfront: Any, case: tuple[Config, str]) -> None:  # noqa: ANN401
    config, code = case

    assert refused(cloudfront.create_cache_policy, CachePolicyConfig=config) == (code, 400)


def test_an_account_has_twenty_cache_policies_at_most(engine: Engine) -> None:
    # It is no secret.
    other = engine.client("cloudfront", aws_access_key_id="222222222222", aws_secret_access_key="test")  # noqa: S106

    for _ in range(20):
        other.create_cache_policy(CachePolicyConfig=make_cache_policy())

    assert refused(other.create_cache_policy, CachePolicyConfig=make_cache_policy()) == ("TooManyCachePolicies", 400)


def test_an_origin_request_policy_lives_its_life(cloudfront: Any) -> None:  # noqa: ANN401
    config = {"Name": make_name(), "Comment": "", **NONE}
    created = cloudfront.create_origin_request_policy(OriginRequestPolicyConfig=config)
    policy_id = created["OriginRequestPolicy"]["Id"]
    changed = config | {"CookiesConfig": {"CookieBehavior": "allExcept", "Cookies": some("session")}}

    cloudfront.update_origin_request_policy(Id=policy_id, IfMatch=created["ETag"], OriginRequestPolicyConfig=changed)
    current = cloudfront.get_origin_request_policy(Id=policy_id)

    assert current["OriginRequestPolicy"]["OriginRequestPolicyConfig"] == changed
    again = {"OriginRequestPolicyConfig": changed}
    assert refused(cloudfront.create_origin_request_policy, **again) == ("OriginRequestPolicyAlreadyExists", 409)
    cloudfront.delete_origin_request_policy(Id=policy_id, IfMatch=current["ETag"])
    assert refused(cloudfront.get_origin_request_policy, Id=policy_id) == ("NoSuchOriginRequestPolicy", 404)


CORS: Final[Config] = {
    "AccessControlAllowOrigins": some("https://example.com"),
    "AccessControlAllowHeaders": some("*"),
    "AccessControlAllowMethods": some("GET"),
    "AccessControlAllowCredentials": False,
    "OriginOverride": True,
}
CUSTOM: Final[Config] = {"Header": "X-A", "Value": "b", "Override": True}


def test_a_response_headers_policy_lives_its_life(cloudfront: Any) -> None:  # noqa: ANN401
    config = {"Name": make_name(), "CorsConfig": CORS, "CustomHeadersConfig": some(CUSTOM)}
    created = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    policy = created["ResponseHeadersPolicy"]
    timing = {"ServerTimingHeadersConfig": {"Enabled": True, "SamplingRate": 12.5}}
    changed = policy["ResponseHeadersPolicyConfig"] | timing

    cloudfront.update_response_headers_policy(
        Id=policy["Id"], IfMatch=created["ETag"], ResponseHeadersPolicyConfig=changed
    )
    current = cloudfront.get_response_headers_policy_config(Id=policy["Id"])

    assert policy["ResponseHeadersPolicyConfig"]["CorsConfig"] == CORS
    assert current["ResponseHeadersPolicyConfig"] == changed
    cloudfront.delete_response_headers_policy(Id=policy["Id"], IfMatch=current["ETag"])
    missing = {"Id": policy["Id"]}
    assert refused(cloudfront.get_response_headers_policy, **missing) == ("NoSuchResponseHeadersPolicy", 404)


RESPONSE_REFUSALS: Final[dict[str, tuple[Config, str]]] = {
    "nothing in it": ({}, "InvalidArgument"),
    "a policy of security in a custom header": (
        {"CustomHeadersConfig": some(CUSTOM | {"Header": "Content-Security-Policy"})},
        "InvalidArgument",
    ),
    "a custom header twice": ({"CustomHeadersConfig": some(CUSTOM, CUSTOM | {"Header": "x-a"})}, "InvalidArgument"),
    "eleven custom headers": (
        {"CustomHeadersConfig": some(*(CUSTOM | {"Header": f"X-{each}"} for each in range(11)))},
        "TooManyCustomHeadersInResponseHeadersPolicy",
    ),
    "eleven headers to remove": (
        {"RemoveHeadersConfig": some(*({"Header": f"X-{each}"} for each in range(11)))},
        "TooManyRemoveHeadersInResponseHeadersPolicy",
    ),
    "a long content security policy": (
        {"SecurityHeadersConfig": {"ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": "a" * 2000}}},
        "TooLongCSPInResponseHeadersPolicy",
    ),
    "the length to remove": ({"RemoveHeadersConfig": some({"Header": "Content-Length"})}, "InvalidArgument"),
    "credentials for every header": (
        {"CorsConfig": CORS | {"AccessControlAllowCredentials": True}},
        "InvalidArgument",
    ),
}


@pytest.mark.parametrize("case", RESPONSE_REFUSALS.values(), ids=RESPONSE_REFUSALS.keys())
def test_response_headers_policies_are_refused(cloudfront: Any, case: tuple[Config, str]) -> None:  # noqa: ANN401
    parts, code = case
    config = {"Name": make_name(), **parts}

    assert refused(cloudfront.create_response_headers_policy, ResponseHeadersPolicyConfig=config) == (code, 400)


def make_access_control(**changes: str) -> Config:
    config = {
        "Name": make_name("oac"),
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    return config | changes


def test_an_access_control_is_kept_while_a_distribution_uses_it(cloudfront: Any) -> None:  # noqa: ANN401
    created = cloudfront.create_origin_access_control(OriginAccessControlConfig=make_access_control())
    control_id, config = (
        created["OriginAccessControl"]["Id"],
        created["OriginAccessControl"]["OriginAccessControlConfig"],
    )
    origins = some(make_origin(OriginAccessControlId=control_id))
    made = cloudfront.create_distribution(DistributionConfig=make_config(Origins=origins, Enabled=False))
    updated = cloudfront.update_origin_access_control(
        Id=control_id, IfMatch=created["ETag"], OriginAccessControlConfig=config | {"Description": "for photos"}
    )
    listed = cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Items"]
    version = {"Id": control_id, "IfMatch": updated["ETag"]}

    assert [each["Description"] for each in listed if each["Id"] == control_id] == ["for photos"]
    assert refused(cloudfront.delete_origin_access_control, **version) == ("OriginAccessControlInUse", 409)
    again = {"OriginAccessControlConfig": config}
    assert refused(cloudfront.create_origin_access_control, **again) == ("OriginAccessControlAlreadyExists", 409)
    cloudfront.get_waiter("distribution_deployed").wait(Id=made["Distribution"]["Id"], WaiterConfig={"Delay": 1})
    cloudfront.delete_distribution(Id=made["Distribution"]["Id"], IfMatch=made["ETag"])
    cloudfront.delete_origin_access_control(**version)
    assert refused(cloudfront.get_origin_access_control, Id=control_id) == ("NoSuchOriginAccessControl", 404)


def test_an_access_control_is_for_buckets(cloudfront: Any) -> None:  # noqa: ANN401
    created = cloudfront.create_origin_access_control(OriginAccessControlConfig=make_access_control())
    control_id = created["OriginAccessControl"]["Id"]
    website = {
        "Id": "main",
        "DomainName": "photos.s3-website-us-east-1.amazonaws.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
        "OriginAccessControlId": control_id,
    }

    refusal = refused(cloudfront.create_distribution, DistributionConfig=make_config(Origins=some(website)))

    assert refusal == ("InvalidDomainNameForOriginAccessControl", 400)
    function_url = make_access_control(OriginAccessControlOriginType="lambda")
    unsupported = refused(cloudfront.create_origin_access_control, OriginAccessControlConfig=function_url)
    assert unsupported == ("UnsupportedOperation", 400)
