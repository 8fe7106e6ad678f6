"""What belongs to distributions, by boto3: listings, tags, invalidations."""

from datetime import UTC, datetime, timedelta
from typing import Any

from support.distributions import (
    make_behavior,
    make_config,
    make_name,
    refused,
    remove_distribution,
    some,
)

Config = dict[str, Any]


# boto3 makes its clients at run time.
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
        remove_distribution(cloudfront, each["Id"])
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
    remove_distribution(cloudfront, created["Id"])


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
