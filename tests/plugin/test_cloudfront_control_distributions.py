"""Distributions by boto3: made, changed, removed, and refused as CloudFront refuses them."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.distributions import (
    CACHING_OPTIMIZED,
    make_behavior,
    make_config,
    make_custom,
    make_name,
    make_origin,
    refused,
    some,
)
from support.plugin_engine import Engine, StartEngine, wait_until

Config = dict[str, Any]


@pytest.fixture(scope="module")
def cloudfront(engine: Engine) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return engine.client("cloudfront")


@pytest.fixture
def distribution(cloudfront: Any) -> Iterator[Config]:  # noqa: ANN401
    created: Config = cloudfront.create_distribution(DistributionConfig=make_config())
    yield created
    remove(cloudfront, created["Distribution"]["Id"])


def remove(cloudfront: Any, distribution_id: str) -> None:  # noqa: ANN401
    """Disable and delete a distribution, if it is still there."""
    if distribution_id not in list_ids(cloudfront):
        return
    current = cloudfront.get_distribution_config(Id=distribution_id)
    config = current["DistributionConfig"] | {"Enabled": False}
    updated = cloudfront.update_distribution(Id=distribution_id, IfMatch=current["ETag"], DistributionConfig=config)
    wait_until(lambda: cloudfront.get_distribution(Id=distribution_id)["Distribution"]["Status"] == "Deployed")
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=updated["ETag"])


def list_ids(cloudfront: Any) -> list[str]:  # noqa: ANN401
    pages = cloudfront.get_paginator("list_distributions").paginate()
    return [item["Id"] for page in pages for item in page["DistributionList"].get("Items", [])]


def test_a_new_distribution_shows_everything_that_cloudfront_fills_in(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    shown = cloudfront.get_distribution(Id=distribution["Distribution"]["Id"])["Distribution"]
    config = shown["DistributionConfig"]

    assert shown["ARN"] == f"arn:aws:cloudfront::000000000000:distribution/{shown['Id']}"
    assert shown["DomainName"] == f"{shown['Id'].lower()}.cloudfront.localhost"
    assert config["PriceClass"] == "PriceClass_All"
    assert config["HttpVersion"] == "http2"
    assert config["Restrictions"]["GeoRestriction"] == {"RestrictionType": "none", "Quantity": 0}
    assert config["ViewerCertificate"] == {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    assert config["Origins"]["Items"][0]["ConnectionAttempts"] == 3
    assert config["Origins"]["Items"][0]["OriginShield"] == {"Enabled": False}
    assert config["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"] == some("HEAD", "GET")
    assert config["CacheBehaviors"] == config["CustomErrorResponses"] == config["Aliases"] == {"Quantity": 0}


def test_what_is_read_can_be_written_back_and_changes_the_etag(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    distribution_id = distribution["Distribution"]["Id"]
    current = cloudfront.get_distribution_config(Id=distribution_id)

    changed = current["DistributionConfig"] | {"Comment": "änders & <so>", "PriceClass": "PriceClass_100"}
    updated = cloudfront.update_distribution(Id=distribution_id, IfMatch=current["ETag"], DistributionConfig=changed)

    assert updated["ETag"] != current["ETag"]
    assert cloudfront.get_distribution_config(Id=distribution_id)["DistributionConfig"] == changed


def test_who_has_not_seen_the_current_version_changes_nothing(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    distribution_id, config = distribution["Distribution"]["Id"], distribution["Distribution"]["DistributionConfig"]

    def update(**arguments: str) -> tuple[str, int]:
        return refused(cloudfront.update_distribution, Id=distribution_id, DistributionConfig=config, **arguments)

    assert update(IfMatch="E1ABCDEFGHIJKL") == ("PreconditionFailed", 412)
    assert update(IfMatch="not an etag") == ("InvalidIfMatchVersion", 400)
    assert update() == ("InvalidIfMatchVersion", 400)
    assert refused(cloudfront.delete_distribution, Id=distribution_id) == ("InvalidIfMatchVersion", 400)
    assert cloudfront.get_distribution(Id=distribution_id)["ETag"] == distribution["ETag"]


def test_only_a_disabled_distribution_is_deleted(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    distribution_id = distribution["Distribution"]["Id"]

    refusal = refused(cloudfront.delete_distribution, Id=distribution_id, IfMatch=distribution["ETag"])
    remove(cloudfront, distribution_id)

    assert refusal == ("DistributionNotDisabled", 409)
    assert refused(cloudfront.get_distribution, Id=distribution_id) == ("NoSuchDistribution", 404)


def test_a_change_is_in_progress_until_it_is_deployed(start_engine: StartEngine) -> None:
    cloudfront = start_engine(CLOUDFRONT_DEPLOY_SECONDS="3").client("cloudfront")
    created = cloudfront.create_distribution(DistributionConfig=make_config(Enabled=False))
    distribution_id = created["Distribution"]["Id"]

    refusal = refused(cloudfront.delete_distribution, Id=distribution_id, IfMatch=created["ETag"])

    assert created["Distribution"]["Status"] == "InProgress"
    assert refusal == ("DistributionNotDisabled", 409)
    wait_until(lambda: cloudfront.get_distribution(Id=distribution_id)["Distribution"]["Status"] == "Deployed")
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=created["ETag"])
    assert list_ids(cloudfront) == []


def test_a_caller_reference_makes_one_distribution_and_stays(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    config = distribution["Distribution"]["DistributionConfig"]
    again = make_config(CallerReference=config["CallerReference"])

    assert refused(cloudfront.create_distribution, DistributionConfig=again) == ("DistributionAlreadyExists", 409)
    assert refused(
        cloudfront.update_distribution,
        Id=distribution["Distribution"]["Id"],
        IfMatch=distribution["ETag"],
        DistributionConfig=config | {"CallerReference": "another"},
    ) == ("IllegalUpdate", 400)


REFUSALS: dict[str, tuple[Config, str, int]] = {
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
def test_cloudfront_refuses(cloudfront: Any, case: tuple[Config, str, int]) -> None:  # noqa: ANN401
    changes, code, status = case

    assert refused(cloudfront.create_distribution, DistributionConfig=make_config(**changes)) == (code, status)


def test_a_refused_update_leaves_the_distribution_as_it_was(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    distribution_id, before = distribution["Distribution"]["Id"], distribution["Distribution"]["DistributionConfig"]
    bad = before | {"DefaultRootObject": "/index.html"}

    refused(cloudfront.update_distribution, Id=distribution_id, IfMatch=distribution["ETag"], DistributionConfig=bad)

    assert cloudfront.get_distribution_config(Id=distribution_id)["DistributionConfig"] == before


def test_an_alias_needs_a_certificate_that_covers_it_and_belongs_to_one_distribution(engine: Engine) -> None:
    cloudfront, acm = engine.client("cloudfront"), engine.client("acm")
    domain = f"{make_name('d')}.example.com"
    arn = acm.request_certificate(DomainName=f"*.{domain}", SubjectAlternativeNames=[domain])["CertificateArn"]
    certificate = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}

    def create(*aliases: str) -> Config:
        config = make_config(Aliases=some(*aliases), ViewerCertificate=certificate)
        created: Config = cloudfront.create_distribution(DistributionConfig=config)
        return created

    created = create(f"www.{domain}", domain)
    shown = created["Distribution"]

    assert shown["DistributionConfig"]["ViewerCertificate"]["CertificateSource"] == "acm"
    assert [each["CNAME"] for each in shown["AliasICPRecordals"]] == [f"www.{domain}", domain]
    assert refused(lambda: create(f"WWW.{domain}")) == ("CNAMEAlreadyExists", 409)
    assert refused(lambda: create("www.example.org")) == ("InvalidViewerCertificate", 400)
    remove(cloudfront, shown["Id"])
    remove(cloudfront, create(f"www.{domain}")["Distribution"]["Id"])


def test_origin_groups_name_two_origins_and_are_for_reading(cloudfront: Any) -> None:  # noqa: ANN401
    def make(*members: str, **behavior: Any) -> Config:  # noqa: ANN401
        group = {
            "Id": "group",
            "FailoverCriteria": {"StatusCodes": some(500, 503)},
            "Members": some(*({"OriginId": member} for member in members)),
        }
        return make_config(
            Origins=some(make_origin(), make_custom(Id="other")),
            OriginGroups=some(group),
            DefaultCacheBehavior=make_behavior(TargetOriginId="group", **behavior),
        )

    writes = some("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
    create = cloudfront.create_distribution

    remove(cloudfront, create(DistributionConfig=make("main", "other"))["Distribution"]["Id"])
    assert refused(create, DistributionConfig=make("main", "none")) == ("NoSuchOrigin", 404)
    assert refused(create, DistributionConfig=make("main", "main")) == ("InvalidArgument", 400)
    assert refused(create, DistributionConfig=make("main", "other", AllowedMethods=writes)) == ("InvalidArgument", 400)


def test_listings_are_paged_and_say_which_distributions_use_what(cloudfront: Any) -> None:  # noqa: ANN401
    name = make_name()
    policy = {
        "Name": name,
        "MinTTL": 0,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        },
    }
    created_policy = cloudfront.create_cache_policy(CachePolicyConfig=policy)
    policy_id = created_policy["CachePolicy"]["Id"]
    behaviors = [make_behavior(CachePolicyId=policy_id), make_behavior(), make_behavior(CachePolicyId=policy_id)]
    created = [
        cloudfront.create_distribution(DistributionConfig=make_config(DefaultCacheBehavior=behavior))["Distribution"]
        for behavior in behaviors
    ]
    pages = cloudfront.get_paginator("list_distributions").paginate(PaginationConfig={"PageSize": 1})
    listed = [item for page in pages for item in page["DistributionList"]["Items"]]
    using = cloudfront.list_distributions_by_cache_policy_id(CachePolicyId=policy_id)["DistributionIdList"]

    assert {each["Id"] for each in created} <= {each["Id"] for each in listed}
    assert len({each["Id"] for each in listed}) == len(listed)
    assert using["Items"] == [created[0]["Id"], created[2]["Id"]]
    deletion = {"Id": policy_id, "IfMatch": created_policy["ETag"]}
    assert refused(cloudfront.delete_cache_policy, **deletion) == ("CachePolicyInUse", 409)
    for each in created:
        remove(cloudfront, each["Id"])
    cloudfront.delete_cache_policy(**deletion)


def test_bad_pages_are_refused(cloudfront: Any) -> None:  # noqa: ANN401
    assert refused(cloudfront.list_distributions, MaxItems="none") == ("InvalidArgument", 400)
    assert refused(cloudfront.list_distributions, Marker="none") == ("InvalidArgument", 400)


def test_tags_come_with_a_distribution_change_and_go(cloudfront: Any) -> None:  # noqa: ANN401
    created = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": make_config(),
            "Tags": {"Items": [{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}]},
        }
    )["Distribution"]
    arn = created["ARN"]

    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "team", "Value": "b"}, {"Key": "new", "Value": "c"}]})
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["empty", "never there"]})
    tags = cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"]

    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "b", "new": "c"}
    reserved, many = [{"Key": "aws:x", "Value": ""}], [{"Key": f"k{each}", "Value": ""} for each in range(51)]
    assert refused(cloudfront.tag_resource, Resource=arn, Tags={"Items": reserved}) == ("InvalidTagging", 400)
    assert refused(cloudfront.tag_resource, Resource=arn, Tags={"Items": many}) == ("InvalidTagging", 400)
    assert refused(cloudfront.list_tags_for_resource, Resource=f"{arn}X") == ("NoSuchResource", 404)
    remove(cloudfront, created["Id"])


def test_invalidations_are_completed_listed_and_made_once(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    distribution_id = distribution["Distribution"]["Id"]

    def invalidate(*paths: str, reference: str) -> Config:
        batch = {"Paths": some(*paths), "CallerReference": reference}
        created: Config = cloudfront.create_invalidation(DistributionId=distribution_id, InvalidationBatch=batch)
        return created["Invalidation"]  # type: ignore[no-any-return]

    first, again = invalidate("/a/*", "/b", reference="1"), invalidate("/a/*", "/b", reference="1")
    second = invalidate("/*", reference="2")
    listed = cloudfront.list_invalidations(DistributionId=distribution_id)["InvalidationList"]["Items"]
    shown = cloudfront.get_invalidation(DistributionId=distribution_id, Id=first["Id"])["Invalidation"]

    assert first["Status"] == "Completed"
    assert again["Id"] == first["Id"]
    assert [each["Id"] for each in listed] == [second["Id"], first["Id"]]
    assert shown["InvalidationBatch"]["Paths"]["Items"] == ["/a/*", "/b"]
    assert shown["CreateTime"] - datetime.now(UTC) < timedelta(seconds=60)
    assert refused(lambda: invalidate("/c", reference="1")) == ("InvalidArgument", 400)
    assert refused(lambda: invalidate("/a*b", reference="3")) == ("InvalidArgument", 400)
    assert refused(lambda: invalidate(*("/x",) * 3001, reference="4")) == ("BatchTooLarge", 413)
    missing = {"DistributionId": distribution_id, "Id": "I0"}
    assert refused(cloudfront.get_invalidation, **missing) == ("NoSuchInvalidation", 404)


def test_accounts_do_not_see_each_other(engine: Engine, distribution: Config) -> None:
    other = engine.client("cloudfront", aws_access_key_id="111111111111", aws_secret_access_key="test")  # noqa: S106

    assert refused(other.get_distribution, Id=distribution["Distribution"]["Id"]) == ("NoSuchDistribution", 404)


def test_a_web_acl_is_associated_and_taken_off(engine: Engine, distribution: Config) -> None:
    cloudfront, waf, distribution_id = (
        engine.client("cloudfront"),
        engine.client("wafv2"),
        distribution["Distribution"]["Id"],
    )
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    acl = waf.create_web_acl(
        Name=make_name("acl"), Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
    )["Summary"]["ARN"]

    cloudfront.associate_distribution_web_acl(Id=distribution_id, WebACLArn=acl)
    by_acl = cloudfront.list_distributions_by_web_acl_id(WebACLId=acl)["DistributionList"]
    cloudfront.disassociate_distribution_web_acl(Id=distribution_id)

    assert [each["Id"] for each in by_acl["Items"]] == [distribution_id]
    assert cloudfront.list_distributions_by_web_acl_id(WebACLId=acl)["DistributionList"]["Quantity"] == 0


def test_an_operation_that_is_not_supported_says_so(cloudfront: Any) -> None:  # noqa: ANN401
    with pytest.raises(Exception, match="CreateKeyValueStore") as raised:
        cloudfront.create_key_value_store(Name="kvs")

    response = getattr(raised.value, "response", {})
    assert response["Error"]["Code"] == "NotImplemented"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_managed_caching_policy_is_what_the_default_behavior_has(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
    using = cloudfront.list_distributions_by_cache_policy_id(CachePolicyId=CACHING_OPTIMIZED)["DistributionIdList"]

    assert distribution["Distribution"]["Id"] in using["Items"]
