"""Requests to stages of REST APIs behind a web ACL, and their logs, metrics and samples."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.distributions import make_name
from support.plugin_engine import Engine, StartEngine, read_log
from support.waiting import wait_until
from support.web_acls import (
    ALLOW,
    BLOCK,
    COUNT,
    Acl,
    Stage,
    counts,
    looks_for,
    make_acl,
    make_managed_rule,
    make_rule,
    make_stage,
    visible,
)


@pytest.fixture(scope="module")
def stage(engine: Engine) -> Stage:
    return make_stage(engine)


@pytest.fixture(scope="module")
def quick_engine(start_engine: StartEngine) -> Engine:
    """An engine that evaluates rates twice a second."""
    return start_engine(WAFV2_RATE_EVALUATION_SECONDS="0.5")


def protect(stage: Stage, *rules: dict[str, Any], **changes: Any) -> Acl:  # noqa: ANN401 - parts of a configuration
    acl = make_acl(stage.engine, *rules, **changes)
    stage.protect(acl)
    return acl


def find_samples(acl: Acl, metric: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    window = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    found: list[dict[str, Any]] = acl.engine.client("wafv2").get_sampled_requests(
        WebAclArn=acl.arn, RuleMetricName=metric, Scope=acl.scope, TimeWindow=window, MaxItems=100
    )["SampledRequests"]
    return found


def test_a_blocked_request_gets_api_gateways_response_and_others_pass(stage: Stage) -> None:
    protect(stage, make_rule("secret", looks_for("/test/secret")))

    blocked, passed = stage.ask("/secret/x"), stage.ask("/open")

    assert (blocked.status, json.loads(blocked.body)) == (403, {"message": "Forbidden"})
    assert blocked.headers["x-amzn-ErrorType"] == "ForbiddenException"
    assert passed.status == 200


def test_a_custom_response_has_its_status_headers_and_body(stage: Stage) -> None:
    answer = {
        "ResponseCode": 429,
        "CustomResponseBodyKey": "slow",
        "ResponseHeaders": [{"Name": "Retry-After", "Value": "60"}],
    }
    bodies = {"slow": {"ContentType": "APPLICATION_JSON", "Content": '{"title": "Slow down"}'}}
    blocks = {"Block": {"CustomResponse": answer}}
    protect(stage, make_rule("slow", looks_for("/test/slow"), blocks), CustomResponseBodies=bodies)

    blocked = stage.ask("/slow")

    assert (blocked.status, blocked.body) == (429, b'{"title": "Slow down"}')
    assert (blocked.headers["Retry-After"], blocked.headers["Content-Type"]) == ("60", "application/json")


def test_headers_are_inserted_into_what_is_counted(stage: Stage) -> None:
    inserts = {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "seen", "Value": "yes"}]}}}
    protect(stage, make_rule("seen", looks_for("/test/seen"), inserts))

    assert json.loads(stage.ask("/seen").body)["seen"] == "yes"
    assert json.loads(stage.ask("/other").body)["seen"] != "yes"


def test_a_change_counts_at_once_and_so_does_the_end_of_the_protection(stage: Stage) -> None:
    acl = protect(stage, make_rule("first", looks_for("/test/a")))
    assert stage.ask("/a").status == 403

    acl.update(make_rule("second", looks_for("/test/b")))
    assert [stage.ask("/a").status, stage.ask("/b").status] == [200, 403]

    stage.engine.client("wafv2").disassociate_web_acl(ResourceArn=stage.arn)
    assert stage.ask("/b").status == 200
    acl.delete()


def test_changes_of_resources_that_rules_refer_to_are_effective_at_once(stage: Stage) -> None:
    client = stage.engine.client("wafv2")
    name = make_name("set")
    made = client.create_ip_set(Name=name, Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["192.0.2.0/24"])
    summary = made["Summary"]
    protect(stage, make_rule("set", {"IPSetReferenceStatement": {"ARN": summary["ARN"]}}))
    assert stage.ask().status == 200

    client.update_ip_set(
        Name=name, Scope="REGIONAL", Id=summary["Id"], Addresses=["127.0.0.0/8"], LockToken=summary["LockToken"]
    )

    assert stage.ask().status == 403


def test_an_address_above_the_rate_limit_is_blocked_listed_and_allowed_again(quick_engine: Engine) -> None:
    stage = make_stage(quick_engine)
    limits = counts(20, ScopeDownStatement=looks_for("/test/limited"))
    acl = protect(stage, make_rule("rate", limits))

    wait_until("the address to be stopped", lambda: stage.ask("/limited").status == 403, within_s=30)
    blocked_at = time.monotonic()
    assert stage.ask("/other").status == 200
    named = {"WebACLName": acl.name, "WebACLId": acl.id, "Scope": acl.scope, "RuleName": "rate"}
    held = quick_engine.client("wafv2").get_rate_based_statement_managed_keys(**named)
    assert held["ManagedKeysIPV4"]["Addresses"] == ["127.0.0.1/32"]

    def is_released() -> bool:
        return stage.ask("/other").status == 200 and not _is_held(quick_engine, named)

    wait_until("the address to be released", is_released, within_s=90, every_s=0.5)

    assert time.monotonic() - blocked_at > 45, "the window is a minute"
    assert stage.ask("/limited").status == 200


def _is_held(engine: Engine, named: dict[str, str]) -> bool:
    found = engine.client("wafv2").get_rate_based_statement_managed_keys(**named)
    return bool(found["ManagedKeysIPV4"]["Addresses"])


def test_samples_cover_each_rule_that_enables_them(stage: Stage) -> None:
    quiet = make_rule("quiet", looks_for("/test/quiet"), VisibilityConfig=visible("quiet", samples=False))
    counting = make_rule("counting", looks_for("/test/c"), COUNT, RuleLabels=[{"Name": "seen"}])
    acl = protect(stage, counting, quiet, make_rule("loud", looks_for("/test/loud")))

    for path in ("/counted?x=1", "/quiet", "/loud"):
        stage.ask(path)
    wait_until("a sample", lambda: find_samples(acl, "loud"))

    (counted,) = find_samples(acl, "counting")
    assert (counted["Action"], counted["Request"]["URI"]) == ("COUNT", "/test/counted?x=1")
    assert counted["Labels"] == [{"Name": f"awswaf:000000000000:webacl:{acl.name}:seen"}]
    assert [each["Action"] for each in find_samples(acl, "loud")] == ["BLOCK"]
    assert find_samples(acl, "quiet") == []
    assert [each["Action"] for each in find_samples(acl, "Default_Action")] == ["ALLOW"]


def test_metrics_count_what_was_blocked_allowed_and_counted(stage: Stage) -> None:
    acl = protect(stage, make_rule("m-count", looks_for("/test/m"), COUNT), make_rule("m-block", looks_for("/test/mb")))
    for path in ("/ma", "/mb", "/mb", "/x"):
        stage.ask(path)
    metrics = stage.engine.client("cloudwatch")

    def total(name: str, rule: str) -> float:
        dimensions = {"WebACL": acl.name, "Rule": rule, "Region": "us-east-1"}
        found = metrics.get_metric_statistics(
            Namespace="AWS/WAFV2",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(minutes=2),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(float(each["Sum"]) for each in found)

    wait_until("the blocked to be counted", lambda: total("BlockedRequests", "m-block") == 2, within_s=40)
    assert total("BlockedRequests", "ALL") == 2
    assert total("CountedRequests", "m-count") == 3
    assert total("AllowedRequests", "Default_Action") == 2


def test_the_log_has_what_the_filter_keeps_and_hides_what_is_redacted(stage: Stage) -> None:
    acl = protect(
        stage,
        make_managed_rule(
            "AWSManagedRulesCommonRuleSet",
            RuleActionOverrides=[{"Name": "NoUserAgent_HEADER", "ActionToUse": COUNT}],
        ),
        make_rule("logged", looks_for("/test/logged")),
    )
    group = f"aws-waf-logs-{make_name()}"
    logs = stage.engine.client("logs")
    logs.create_log_group(logGroupName=group)
    only_blocked = {
        "DefaultBehavior": "DROP",
        "Filters": [
            {
                "Behavior": "KEEP",
                "Requirement": "MEETS_ANY",
                "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
            }
        ],
    }
    stage.engine.client("wafv2").put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": acl.arn,
            "LogDestinationConfigs": [f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"],
            "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}, {"QueryString": {}}],
            "LoggingFilter": only_blocked,
        }
    )

    stage.ask("/dropped")
    stage.ask("/logged?token=hidden", authorization="hidden", User_Agent="")
    read_log(stage.engine, group, "")

    (event,) = logs.filter_log_events(logGroupName=group)["events"]
    line = json.loads(event["message"])
    assert event["logStreamName"] == f"us-east-1_{acl.name}_0"
    assert "hidden" not in event["message"]
    assert (line["terminatingRuleId"], line["terminatingRuleType"], line["action"]) == ("logged", "REGULAR", "BLOCK")
    assert (line["webaclId"], line["formatVersion"], line["responseCodeSent"]) == (acl.arn, 1, None)
    assert (line["httpSourceName"], line["httpSourceId"]) == ("APIGW", f"000000000000:{stage.api}:test")
    (passage,) = line["ruleGroupList"]
    assert passage["ruleGroupId"] == "AWS#AWSManagedRulesCommonRuleSet"
    assert passage["nonTerminatingMatchingRules"] == [
        {"ruleId": "NoUserAgent_HEADER", "action": "COUNT", "ruleMatchDetails": None, "overriddenAction": "BLOCK"}
    ]
    request = line["httpRequest"]
    assert (request["uri"], request["args"], request["httpMethod"]) == ("/test/logged", "REDACTED", "GET")
    assert {"name": "authorization", "value": "REDACTED"} in [
        each | {"name": each["name"].lower()} for each in request["headers"]
    ]
    assert line["labels"] == [{"name": "awswaf:managed:aws:core-rule-set:NoUserAgent_Header"}]


def test_the_default_may_be_to_block(stage: Stage) -> None:
    protect(stage, make_rule("open", looks_for("/test/open"), ALLOW), DefaultAction=BLOCK)

    assert [stage.ask("/open").status, stage.ask("/closed").status] == [200, 403]
