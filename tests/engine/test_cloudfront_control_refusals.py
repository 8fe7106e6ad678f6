"""Distributions that CloudFront refuses, with its error codes."""

import uuid
from typing import Any, Final

import pytest

from support.distributions import make_behavior, make_config, make_custom, make_origin, refused, some

Config = dict[str, Any]


REFUSALS: Final[dict[str, tuple[Config, str, int]]] = {
    "an origin that is not there": (
        {"DefaultCacheBehavior": make_behavior(TargetOriginId="other")},
        "NoSuchOrigin",
        404,
    ),
    "a cache policy that is not there": (
        {"DefaultCacheBehavior": make_behavior(CachePolicyId=str(uuid.uuid4()))},
        "NoSuchCachePolicy",
        404,
    ),
    "an origin-request policy that is not there": (
        {"DefaultCacheBehavior": make_behavior(OriginRequestPolicyId=str(uuid.uuid4()))},
        "NoSuchOriginRequestPolicy",
        404,
    ),
    "a response-headers policy that is not there": (
        {"DefaultCacheBehavior": make_behavior(ResponseHeadersPolicyId=str(uuid.uuid4()))},
        "NoSuchResponseHeadersPolicy",
        404,
    ),
    "a key group that is not there": (
        {"DefaultCacheBehavior": make_behavior(TrustedKeyGroups={"Enabled": True, **some("group")})},
        "TrustedKeyGroupDoesNotExist",
        400,
    ),
    "trust without a key group": (
        {"DefaultCacheBehavior": make_behavior(TrustedKeyGroups={"Enabled": True, "Quantity": 0})},
        "InvalidArgument",
        400,
    ),
    "a function that is not there": (
        {
            "DefaultCacheBehavior": make_behavior(
                FunctionAssociations=some(
                    {"FunctionARN": "arn:aws:cloudfront::000000000000:function/none", "EventType": "viewer-request"}
                )
            )
        },
        "InvalidFunctionAssociation",
        400,
    ),
    "a function for the origin's events": (
        {
            "DefaultCacheBehavior": make_behavior(
                FunctionAssociations=some(
                    {"FunctionARN": "arn:aws:cloudfront::000000000000:function/none", "EventType": "origin-request"}
                )
            )
        },
        "InvalidFunctionAssociation",
        400,
    ),
    "an access control that is not there": (
        {"Origins": some(make_origin(OriginAccessControlId="E123"))},
        "InvalidOriginAccessControl",
        400,
    ),
    "an origin of both kinds": (
        {"Origins": some(make_origin(CustomOriginConfig=make_custom()["CustomOriginConfig"]))},
        "InvalidArgument",
        400,
    ),
    "an origin of no kind": (
        {"Origins": some({"Id": "main", "DomainName": "example.com"})},
        "InvalidArgument",
        400,
    ),
    "an S3 origin that is no bucket": (
        {"Origins": some(make_origin(DomainName="example.com"))},
        "InvalidArgument",
        400,
    ),
    "an origin with an address for a name": (
        {"Origins": some(make_custom(DomainName="https://example.com/"))},
        "InvalidOrigin",
        400,
    ),
    "an origin path that ends with a slash": (
        {"Origins": some(make_custom(OriginPath="/live/"))},
        "InvalidArgument",
        400,
    ),
    "the Host header for an origin": (
        {"Origins": some(make_custom(CustomHeaders=some({"HeaderName": "Host", "HeaderValue": "x"})))},
        "InvalidArgument",
        400,
    ),
    "a timeout of an hour": (
        {
            "Origins": some(
                make_custom(CustomOriginConfig=make_custom()["CustomOriginConfig"] | {"OriginReadTimeout": 3600})
            )
        },
        "InvalidOriginReadTimeout",
        400,
    ),
    "the same origin twice": ({"Origins": some(make_origin(), make_origin())}, "InvalidArgument", 400),
    "a quantity that is not that of the items": (
        {"Aliases": {"Quantity": 2, "Items": ["a.example.com"]}},
        "InconsistentQuantities",
        400,
    ),
    "methods that do not go together": (
        {"DefaultCacheBehavior": make_behavior(AllowedMethods=some("GET", "HEAD", "POST"))},
        "InvalidArgument",
        400,
    ),
    "both a policy and forwarded values": (
        {
            "DefaultCacheBehavior": make_behavior(
                ForwardedValues={"QueryString": False, "Cookies": {"Forward": "none"}}, MinTTL=0
            )
        },
        "InvalidArgument",
        400,
    ),
    "cache keys of a query that is not forwarded": (
        {
            "DefaultCacheBehavior": {
                "TargetOriginId": "main",
                "ViewerProtocolPolicy": "allow-all",
                "MinTTL": 0,
                "ForwardedValues": {
                    "QueryString": False,
                    "QueryStringCacheKeys": some("size"),
                    "Cookies": {"Forward": "none"},
                },
            }
        },
        "InvalidArgument",
        400,
    ),
    "lifetimes in no order": (
        {
            "DefaultCacheBehavior": {
                "TargetOriginId": "main",
                "ViewerProtocolPolicy": "allow-all",
                "MinTTL": 10,
                "DefaultTTL": 5,
                "MaxTTL": 20,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            }
        },
        "InvalidTTLOrder",
        400,
    ),
    "the same path twice": (
        {"CacheBehaviors": some(make_behavior(PathPattern="/a/*"), make_behavior(PathPattern="a/*"))},
        "InvalidArgument",
        400,
    ),
    "a path with a brace": ({"CacheBehaviors": some(make_behavior(PathPattern="/{a}"))}, "InvalidArgument", 400),
    "76 behaviors": (
        {"CacheBehaviors": some(*(make_behavior(PathPattern=f"/{each}/*") for each in range(76)))},
        "TooManyCacheBehaviors",
        400,
    ),
    "an alias without a certificate": ({"Aliases": some("www.example.com")}, "InvalidViewerCertificate", 400),
    "an alias that is no name": ({"Aliases": some("no name")}, "InvalidArgument", 400),
    "a certificate that is not there": (
        {
            "ViewerCertificate": {
                "ACMCertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/none",
                "SSLSupportMethod": "sni-only",
            }
        },
        "InvalidViewerCertificate",
        400,
    ),
    "a certificate of another region": (
        {
            "ViewerCertificate": {
                "ACMCertificateArn": "arn:aws:acm:eu-west-1:000000000000:certificate/x",
                "SSLSupportMethod": "sni-only",
            }
        },
        "InvalidViewerCertificate",
        400,
    ),
    "a web ACL that is not there": (
        {"WebACLId": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/none/1"},
        "InvalidWebACLId",
        400,
    ),
    "a country in lower case": (
        {"Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", **some("de")}}},
        "InvalidLocationCode",
        400,
    ),
    "countries without a restriction": (
        {"Restrictions": {"GeoRestriction": {"RestrictionType": "none", **some("DE")}}},
        "InvalidGeoRestrictionParameter",
        400,
    ),
    "an error that is none": ({"CustomErrorResponses": some({"ErrorCode": 418})}, "InvalidErrorCode", 400),
    "an error page without a status": (
        {"CustomErrorResponses": some({"ErrorCode": 404, "ResponsePagePath": "/404.html"})},
        "InvalidArgument",
        400,
    ),
    "an error page with a strange status": (
        {"CustomErrorResponses": some({"ErrorCode": 404, "ResponsePagePath": "/404.html", "ResponseCode": "299"})},
        "InvalidResponseCode",
        400,
    ),
    "a root object with a slash": ({"DefaultRootObject": "/index.html"}, "InvalidDefaultRootObject", 400),
    "101 origins": (
        {"Origins": some(make_origin(), *(make_custom(Id=f"o{each}") for each in range(100)))},
        "TooManyOrigins",
        400,
    ),
    "31 headers for an origin": (
        {
            "Origins": some(
                make_custom(CustomHeaders=some(*({"HeaderName": f"x-{n}", "HeaderValue": "v"} for n in range(31))))
            )
        },
        "TooManyOriginCustomHeaders",
        400,
    ),
    "101 aliases": (
        {"Aliases": some(*(f"a{each}.example.com" for each in range(101)))},
        "TooManyDistributionCNAMEs",
        400,
    ),
    "five key groups for a behavior": (
        {"DefaultCacheBehavior": make_behavior(TrustedKeyGroups={"Enabled": True, **some(*"abcde")})},
        "TooManyKeyGroupsAssociatedToDistribution",
        400,
    ),
    "two functions for one event": (
        {
            "DefaultCacheBehavior": make_behavior(
                FunctionAssociations=some(
                    *(
                        {
                            "FunctionARN": f"arn:aws:cloudfront::000000000000:function/{name}",
                            "EventType": "viewer-request",
                        }
                        for name in "ab"
                    )
                )
            )
        },
        "TooManyFunctionAssociations",
        400,
    ),
    "a long comment": ({"Comment": "x" * 129}, "InvalidArgument", 400),
    "logs to no bucket": (
        {"Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "logs", "Prefix": ""}},
        "InvalidArgument",
        400,
    ),
    "Lambda@Edge": (
        {
            "DefaultCacheBehavior": make_behavior(
                LambdaFunctionAssociations=some(
                    {
                        "LambdaFunctionARN": "arn:aws:lambda:us-east-1:000000000000:function:f:1",
                        "EventType": "viewer-request",
                    }
                )
            )
        },
        "UnsupportedOperation",
        400,
    ),
    "field-level encryption": (
        {"DefaultCacheBehavior": make_behavior(FieldLevelEncryptionId="F1")},
        "UnsupportedOperation",
        400,
    ),
    "real-time logs": (
        {"DefaultCacheBehavior": make_behavior(RealtimeLogConfigArn="arn:aws:cloudfront::0:realtime-log-config/x")},
        "UnsupportedOperation",
        400,
    ),
    "key pairs of the root user": (
        {"DefaultCacheBehavior": make_behavior(TrustedSigners={"Enabled": True, **some("self")})},
        "UnsupportedOperation",
        400,
    ),
    "a VPC origin": (
        {"Origins": some({"Id": "main", "DomainName": "x.example.com", "VpcOriginConfig": {"VpcOriginId": "vo_1"}})},
        "UnsupportedOperation",
        400,
    ),
    "a staging distribution": ({"Staging": True}, "UnsupportedOperation", 400),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS.keys())
# boto3 makes its clients at run time.
def test_cloudfront_refuses(cloudfront: Any, case: tuple[Config, str, int]) -> None:  # noqa: ANN401
    changes, code, status = case

    assert refused(cloudfront.create_distribution, DistributionConfig=make_config(**changes)) == (code, status)
