"""Distributions by boto3: made, changed, removed, and refused as CloudFront refuses them."""

from typing import Any

import pytest

from support.distributions import (
    CACHING_OPTIMIZED,
    list_distributions,
    make_behavior,
    make_config,
    make_custom,
    make_name,
    make_origin,
    refused,
    remove_distribution,
    some,
    wait_until_deployed,
)
from support.plugin_engine import Engine, StartEngine

Config = dict[str, Any]


# boto3 makes its clients at run time.
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


def test_a_configuration_can_be_written_back_which_changes_the_etag(cloudfront: Any, distribution: Config) -> None:  # noqa: ANN401
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
    remove_distribution(cloudfront, distribution_id)

    assert refusal == ("DistributionNotDisabled", 409)
    assert refused(cloudfront.get_distribution, Id=distribution_id) == ("NoSuchDistribution", 404)


def test_a_change_is_in_progress_until_it_is_deployed(start_engine: StartEngine) -> None:
    cloudfront = start_engine(CLOUDFRONT_DEPLOY_SECONDS="5").client("cloudfront")
    created = cloudfront.create_distribution(DistributionConfig=make_config(Enabled=False))
    distribution_id = created["Distribution"]["Id"]

    refusal = refused(cloudfront.delete_distribution, Id=distribution_id, IfMatch=created["ETag"])

    assert created["Distribution"]["Status"] == "InProgress"
    assert refusal == ("DistributionNotDisabled", 409)
    wait_until_deployed(cloudfront, distribution_id)
    cloudfront.delete_distribution(Id=distribution_id, IfMatch=created["ETag"])
    assert list_distributions(cloudfront) == []


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
    remove_distribution(cloudfront, shown["Id"])
    remove_distribution(cloudfront, create(f"www.{domain}")["Distribution"]["Id"])


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

    remove_distribution(cloudfront, create(DistributionConfig=make("main", "other"))["Distribution"]["Id"])
    assert refused(create, DistributionConfig=make("main", "none")) == ("NoSuchOrigin", 404)
    assert refused(create, DistributionConfig=make("main", "main")) == ("InvalidArgument", 400)
    assert refused(create, DistributionConfig=make("main", "other", AllowedMethods=writes)) == ("InvalidArgument", 400)


def test_accounts_do_not_see_each_other(engine: Engine, distribution: Config) -> None:
    # It is no secret.
    other = engine.client("cloudfront", aws_access_key_id="111111111111", aws_secret_access_key="test")  # noqa: S106

    assert refused(other.get_distribution, Id=distribution["Distribution"]["Id"]) == ("NoSuchDistribution", 404)


def test_a_web_acl_is_associated_and_disassociated(engine: Engine, distribution: Config) -> None:
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
