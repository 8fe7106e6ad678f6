"""WAFv2's API by boto3."""

from collections.abc import Callable
from typing import Any, Final

import boto3
import pytest

from support.cloudfront_edge import make_distribution
from support.distributions import make_name, refused
from support.plugin_engine import Engine
from support.web_acls import (
    COUNT,
    PATH,
    counts,
    looks_for,
    make_acl,
    make_acl_config,
    make_managed_rule,
    make_rule,
    make_stage,
    steps,
    visible,
)

INVALID: Final = ("WAFInvalidParameterException", 400)
MISSING: Final = ("WAFNonexistentItemException", 400)
STALE: Final = ("WAFOptimisticLockException", 400)
IN_USE: Final = ("WAFAssociatedItemException", 400)
TAKEN: Final = ("WAFDuplicateItemException", 400)
UNSUPPORTED: Final = ("WAFInvalidOperationException", 400)
TOO_MUCH: Final = ("WAFLimitsExceededException", 400)
SCOPES: Final = ("REGIONAL", "CLOUDFRONT")

Config = dict[str, Any]


@pytest.fixture(scope="module")
def client(engine: Engine) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return engine.client("wafv2")


def make_ip_set(client: Any, scope: str = "REGIONAL") -> Config:  # noqa: ANN401
    made: Config = client.create_ip_set(
        Name=make_name("ips"), Scope=scope, IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"]
    )["Summary"]
    return made


def make_patterns(client: Any, scope: str = "REGIONAL", **changes: Any) -> Config:  # noqa: ANN401
    made: Config = client.create_regex_pattern_set(
        Name=make_name("re"), Scope=scope, RegularExpressionList=[{"RegexString": "^/a"}], **changes
    )["Summary"]
    return made


def make_group(client: Any, *rules: Config, scope: str = "REGIONAL", capacity: int = 50) -> Config:  # noqa: ANN401
    name = make_name("group")
    made: Config = client.create_rule_group(
        Name=name, Scope=scope, Capacity=capacity, Rules=list(rules), VisibilityConfig=visible(name)
    )["Summary"]
    return made


def named(summary: Config, scope: str) -> dict[str, str]:
    return {"Name": summary["Name"], "Id": summary["Id"], "Scope": scope}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_web_acl_is_kept_whole_and_an_update_replaces_all_of_it(engine: Engine, client: Any, scope: str) -> None:  # noqa: ANN401
    rules = (make_rule("path", looks_for("/a")), make_managed_rule("AWSManagedRulesCommonRuleSet"))
    bodies = {"b": {"ContentType": "TEXT_PLAIN", "Content": "b"}}
    acl = make_acl(engine, *rules, scope=scope, CustomResponseBodies=bodies, Description="first")

    kept = client.get_web_acl(**acl.named)
    acl.update()
    after = client.get_web_acl(**acl.named)

    assert kept["WebACL"]["Rules"] == list(rules)
    assert (kept["WebACL"]["Capacity"], kept["WebACL"]["CustomResponseBodies"]) == (702, bodies)
    assert kept["WebACL"]["LabelNamespace"] == f"awswaf:000000000000:webacl:{acl.name}:"
    assert (after["WebACL"]["Rules"], after["WebACL"].get("Description", ""), after["WebACL"]["Capacity"]) == (
        [],
        "",
        0,
    )
    assert "CustomResponseBodies" not in after["WebACL"]
    assert after["LockToken"] != kept["LockToken"]
    assert acl.arn in [each["ARN"] for each in client.list_web_acls(Scope=scope)["WebACLs"]]
    acl.delete()
    assert refused(client.get_web_acl, **acl.named) == MISSING


@pytest.mark.parametrize("scope", SCOPES)
def test_a_web_acl_and_a_rule_group_are_found_by_their_arn(engine: Engine, client: Any, scope: str) -> None:  # noqa: ANN401
    acl = make_acl(engine, make_rule("path", looks_for("/a")), scope=scope)
    group = make_group(client, make_rule("path", looks_for("/a")), scope=scope)
    by_name = client.get_web_acl(**acl.named)

    by_arn = client.get_web_acl(ARN=acl.arn)

    assert (by_arn["WebACL"], by_arn["LockToken"]) == (by_name["WebACL"], by_name["LockToken"])
    assert client.get_rule_group(ARN=group["ARN"])["RuleGroup"]["Name"] == group["Name"]
    for arn in (acl.arn[:-1], acl.arn.replace("000000000000", "111111111111"), "arn:aws:s3:::photos-and-more-of-them"):
        assert refused(client.get_web_acl, ARN=arn) == MISSING
    assert refused(client.get_rule_group, ARN=group["ARN"][:-1]) == MISSING


def test_nothing_is_changed_with_a_lock_token_that_is_not_the_last(engine: Engine, client: Any) -> None:  # noqa: ANN401
    acl = make_acl(engine)
    old = client.get_web_acl(**acl.named)["LockToken"]
    acl.update()
    ips, patterns, group = make_ip_set(client), make_patterns(client), make_group(client)
    client.update_ip_set(**named(ips, "REGIONAL"), Addresses=[], LockToken=ips["LockToken"])

    update = make_acl_config(acl.name, ()) | acl.named
    assert refused(client.update_web_acl, **update, LockToken=old) == STALE
    assert refused(client.delete_web_acl, **acl.named, LockToken=old) == STALE
    assert refused(client.delete_ip_set, **named(ips, "REGIONAL"), LockToken=ips["LockToken"]) == STALE
    assert refused(client.delete_regex_pattern_set, **named(patterns, "REGIONAL"), LockToken="x" * 8) == STALE
    assert refused(client.delete_rule_group, **named(group, "REGIONAL"), LockToken="x" * 8) == STALE


@pytest.mark.parametrize("scope", SCOPES)
def test_resources_that_rules_refer_to_cannot_be_deleted(engine: Engine, client: Any, scope: str) -> None:  # noqa: ANN401
    ips, patterns = make_ip_set(client, scope), make_patterns(client, scope)
    looks = {"ARN": patterns["ARN"], "FieldToMatch": PATH, "TextTransformations": steps()}
    group = make_group(client, make_rule("re", {"RegexPatternSetReferenceStatement": looks}), scope=scope, capacity=25)
    acl = make_acl(
        engine,
        make_rule("ips", {"NotStatement": {"Statement": {"IPSetReferenceStatement": {"ARN": ips["ARN"]}}}}),
        make_rule("group", {"RuleGroupReferenceStatement": {"ARN": group["ARN"]}}, OverrideAction={"None": {}}),
        scope=scope,
    )
    parts = (
        (client.delete_rule_group, group),
        (client.delete_ip_set, ips),
        (client.delete_regex_pattern_set, patterns),
    )

    for delete, summary in parts:
        token = summary["LockToken"]
        assert refused(delete, **named(summary, scope), LockToken=token) == IN_USE

    acl.delete()
    for delete, summary in parts:
        delete(**named(summary, scope), LockToken=summary["LockToken"])


def test_a_web_acl_that_protects_something_is_not_deleted(engine: Engine, client: Any) -> None:  # noqa: ANN401
    stage = make_stage(engine)
    acl, other = make_acl(engine), make_acl(engine)
    stage.protect(acl)

    assert client.get_web_acl_for_resource(ResourceArn=stage.arn)["WebACL"]["ARN"] == acl.arn
    listed = client.list_resources_for_web_acl(WebACLArn=acl.arn, ResourceType="API_GATEWAY")
    assert listed["ResourceArns"] == [stage.arn]
    assert refused(acl.delete) == IN_USE

    stage.protect(other)
    acl.delete()
    client.disassociate_web_acl(ResourceArn=stage.arn)
    assert "WebACL" not in client.get_web_acl_for_resource(ResourceArn=stage.arn)
    other.delete()


def test_a_web_acl_of_a_distribution_is_not_deleted(engine: Engine) -> None:
    acl = make_acl(engine, scope="CLOUDFRONT")
    edge = make_distribution(engine, WebACLId=acl.arn)

    assert refused(acl.delete) == IN_USE

    edge.update(lambda config: config.update(WebACLId=""))
    acl.delete()


def test_only_existing_supported_resources_can_be_protected(engine: Engine, client: Any) -> None:  # noqa: ANN401
    regional, global_ = make_acl(engine), make_acl(engine, scope="CLOUDFRONT")
    stage = make_stage(engine)
    missing = stage.arn.replace("/test", "/other")
    balancer = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/x/1"

    def associate(acl: str, resource: str) -> tuple[str, int]:
        return refused(client.associate_web_acl, WebACLArn=acl, ResourceArn=resource)

    assert associate(regional.arn, missing) == MISSING
    assert associate(regional.arn[:-1] + "_", stage.arn) == MISSING
    assert associate(regional.arn, balancer) == UNSUPPORTED
    assert associate(global_.arn, stage.arn) == UNSUPPORTED


@pytest.mark.parametrize("scope", SCOPES)
def test_each_resource_has_tags(engine: Engine, client: Any, scope: str) -> None:  # noqa: ANN401
    tags = [{"Key": "team", "Value": "a"}]
    arns = [make_patterns(client, scope, Tags=tags)["ARN"], make_acl(engine, scope=scope, Tags=tags).arn]

    for arn in arns:
        assert client.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]["TagList"] == tags
        client.tag_resource(ResourceARN=arn, Tags=[{"Key": "more", "Value": "b"}])
        client.untag_resource(ResourceARN=arn, TagKeys=["team"])
        left = client.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]["TagList"]
        assert left == [{"Key": "more", "Value": "b"}]


def test_a_name_is_given_once(engine: Engine, client: Any) -> None:  # noqa: ANN401
    acl, ips = make_acl(engine), make_ip_set(client)
    set_ = {"Name": ips["Name"], "Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": list[str]()}

    assert refused(client.create_web_acl, Scope="REGIONAL", **make_acl_config(acl.name, ())) == TAKEN
    assert refused(client.create_ip_set, **set_) == TAKEN


TWICE: Final = looks_for("/a")
SORRY: Final = {"Block": {"CustomResponse": {"ResponseCode": 403, "CustomResponseBodyKey": "sorry"}}}
GROUP: Final = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        ([make_rule("a", TWICE), make_rule("a", TWICE)], INVALID),
        ([make_rule("a", TWICE, Priority=1), make_rule("b", TWICE, Priority=1)], INVALID),
        ([make_rule("a b", TWICE)], INVALID),
        ([make_rule("a", TWICE | counts(10))], INVALID),
        ([make_rule("a", {"AndStatement": {"Statements": [TWICE]}})], INVALID),
        ([make_rule("a", {"NotStatement": {"Statement": counts(10)}})], INVALID),
        ([make_rule("a", counts(2_000_000_001))], INVALID),
        ([make_rule("a", counts(10, EvaluationWindowSec=90))], INVALID),
        ([make_rule("a", counts(10, "CONSTANT"))], INVALID),
        ([make_rule("a", counts(10, "CUSTOM_KEYS"))], INVALID),
        ([make_rule("a", counts(10, "FORWARDED_IP"))], INVALID),
        ([make_rule("a", counts(10, "CUSTOM_KEYS", CustomKeys=[{"ASN": {}}]))], UNSUPPORTED),
        ([make_rule("a", TWICE, SORRY)], INVALID),
        ([make_rule("a", TWICE, {"Captcha": {}})], UNSUPPORTED),
        ([make_rule("a", TWICE, {"Challenge": {}})], UNSUPPORTED),
        ([make_rule("a", TWICE, OverrideAction={"None": {}})], INVALID),
        ([make_rule("a", {"ManagedRuleGroupStatement": GROUP}, COUNT)], INVALID),
        ([make_managed_rule("AWSManagedRulesBotControlRuleSet")], UNSUPPORTED),
        ([make_managed_rule(GROUP["Name"], ExcludedRules=[{"Name": "Unknown"}])], INVALID),
        ([make_rule("a", {"AsnMatchStatement": {"AsnList": [1]}})], UNSUPPORTED),
        (
            [
                make_rule(
                    "a",
                    {
                        "RegexMatchStatement": {
                            "RegexString": "(?=a)",
                            "FieldToMatch": PATH,
                            "TextTransformations": steps(),
                        }
                    },
                )
            ],
            INVALID,
        ),
        (
            [
                make_rule(
                    "a",
                    {
                        "IPSetReferenceStatement": {
                            "ARN": "arn:aws:wafv2:us-east-1:000000000000:regional/ipset/none/"
                            "11111111-1111-1111-1111-111111111111"
                        }
                    },
                )
            ],
            MISSING,
        ),
        (
            [
                make_rule(
                    f"a{index}",
                    {
                        "RegexMatchStatement": {
                            "RegexString": "a",
                            "FieldToMatch": PATH,
                            "TextTransformations": steps("LOWERCASE", "URL_DECODE", "CMD_LINE", "JS_DECODE"),
                        }
                    },
                )
                for index in range(120)
            ],
            TOO_MUCH,
        ),
    ],
)
def test_rules_that_waf_or_this_plugin_does_not_support_are_refused(
    client: Any,  # noqa: ANN401
    rules: list[Config],
    error: tuple[str, int],
) -> None:
    config = make_acl_config(make_name("acl"), tuple(rules)) | {"Scope": "REGIONAL"}

    assert refused(client.create_web_acl, **config) == error


@pytest.mark.parametrize(
    ("version", "address"),
    [
        ("IPV4", "192.0.2.1"),
        ("IPV4", "2001:db8::/32"),
        ("IPV6", "192.0.2.0/24"),
        ("IPV4", "x/8"),
        ("IPV4", "0.0.0.0/0"),
    ],
)
def test_addresses_that_waf_does_not_accept_are_refused(client: Any, version: str, address: str) -> None:  # noqa: ANN401
    set_ = {"Name": make_name(), "Scope": "REGIONAL", "IPAddressVersion": version, "Addresses": [address]}

    assert refused(client.create_ip_set, **set_) == INVALID


def test_an_invalid_pattern_is_refused(client: Any) -> None:  # noqa: ANN401
    patterns = {"Name": make_name(), "Scope": "REGIONAL", "RegularExpressionList": [{"RegexString": "("}]}

    assert refused(client.create_regex_pattern_set, **patterns) == INVALID


def test_a_rule_group_keeps_to_its_capacity(client: Any) -> None:  # noqa: ANN401
    contains = looks_for("a", PATH, "CONTAINS", "LOWERCASE", "URL_DECODE")
    group = make_group(client, make_rule("a", contains), capacity=30)

    more = {"Rules": [make_rule("a", contains), make_rule("b", TWICE)], "VisibilityConfig": visible("g")}
    token = group["LockToken"]
    assert refused(client.update_rule_group, **named(group, "REGIONAL"), LockToken=token, **more) == TOO_MUCH


def test_capacity_is_reckoned_as_aws_prices_it(client: Any) -> None:  # noqa: ANN401
    rules = [
        make_rule("exactly", TWICE),
        make_rule("contains", looks_for("a", {"AllQueryArguments": {}}, "CONTAINS", "LOWERCASE")),
        make_rule("rate", counts(10, ScopeDownStatement=TWICE)),
        make_rule(
            "keys",
            counts(10, "CUSTOM_KEYS", CustomKeys=[{"IP": {}}, {"HTTPMethod": {}}]),
        ),
        make_managed_rule("AWSManagedRulesKnownBadInputsRuleSet"),
    ]

    assert client.check_capacity(Scope="REGIONAL", Rules=rules)["Capacity"] == 2 + 30 + 4 + 62 + 200


def test_managed_groups_are_listed_and_described(client: Any) -> None:  # noqa: ANN401
    listed = client.list_available_managed_rule_groups(Scope="CLOUDFRONT")["ManagedRuleGroups"]
    assert {each["Name"] for each in listed} == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }

    described = client.describe_managed_rule_group(Scope="CLOUDFRONT", **GROUP)
    versions = client.list_available_managed_rule_group_versions(Scope="CLOUDFRONT", **GROUP)

    assert {"Name": "NoUserAgent_HEADER", "Action": {"Block": {}}} in described["Rules"]
    assert (described["Capacity"], described["LabelNamespace"]) == (700, "awswaf:managed:aws:core-rule-set:")
    assert versions["CurrentDefaultVersion"] in [each["Name"] for each in versions["Versions"]]
    unknown = {"VendorName": "AWS", "Name": "AWSManagedRulesUnknown", "Scope": "CLOUDFRONT"}
    assert refused(client.describe_managed_rule_group, **unknown) == MISSING


@pytest.mark.parametrize("scope", SCOPES)
def test_a_log_is_kept_until_it_or_its_web_acl_is_deleted(engine: Engine, client: Any, scope: str) -> None:  # noqa: ANN401
    acl = make_acl(engine, scope=scope)
    config = {
        "ResourceArn": acl.arn,
        "LogDestinationConfigs": ["arn:aws:logs:us-east-1:000000000000:log-group:aws-waf-logs-x"],
        "RedactedFields": [{"SingleHeader": {"Name": "cookie"}}],
    }

    client.put_logging_configuration(LoggingConfiguration=config)
    kept = client.get_logging_configuration(ResourceArn=acl.arn)["LoggingConfiguration"]
    assert {key: kept[key] for key in config} == config
    client.delete_logging_configuration(ResourceArn=acl.arn)
    assert refused(client.get_logging_configuration, ResourceArn=acl.arn) == MISSING

    client.put_logging_configuration(LoggingConfiguration=config)
    acl.delete()
    listed = client.list_logging_configurations(Scope=scope)["LoggingConfigurations"]
    assert acl.arn not in [each["ResourceArn"] for each in listed]


@pytest.mark.parametrize(
    ("destination", "error"),
    [
        ("arn:aws:logs:us-east-1:000000000000:log-group:other-name", INVALID),
        ("arn:aws:s3:::aws-waf-logs-bucket", UNSUPPORTED),
        ("arn:aws:firehose:us-east-1:000000000000:deliverystream/aws-waf-logs-x", UNSUPPORTED),
    ],
)
def test_logs_are_only_written_to_log_groups_for_waf(
    engine: Engine,
    client: Any,  # noqa: ANN401
    destination: str,
    error: tuple[str, int],
) -> None:
    config = {"ResourceArn": make_acl(engine).arn, "LogDestinationConfigs": [destination]}

    assert refused(client.put_logging_configuration, LoggingConfiguration=config) == error


def test_operations_that_are_not_supported_say_so(client: Any) -> None:  # noqa: ANN401
    code, status = refused(client.list_api_keys, Scope="REGIONAL")

    assert (code, status) == ("NotImplementedException", 501)


def test_web_acls_of_distributions_are_made_in_one_region_only(engine: Engine) -> None:
    create: Callable[..., Any] = boto3.client
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    elsewhere = create("wafv2", endpoint_url=engine.url, region_name="eu-west-1", **keys)

    config = make_acl_config(make_name("acl"), ()) | {"Scope": "CLOUDFRONT"}
    assert refused(elsewhere.create_web_acl, **config) == INVALID
