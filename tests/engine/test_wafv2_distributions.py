"""Distributions behind a web ACL."""

import json
from collections.abc import Iterator
from typing import Final

import pytest

from support.cloudfront_edge import Edge, OriginServer, Page, before_origin, running_origin
from support.distributions import make_name
from support.plugin_engine import Engine, read_log
from support.web_acls import COUNT, Acl, looks_for, make_acl, make_managed_rule, make_rule

BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64)"


@pytest.fixture
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        server.pages["/page"] = Page(b"page", headers={"Cache-Control": "max-age=60"})
        yield server


def protect(engine: Engine, origin: OriginServer, acl: Acl) -> Edge:
    return before_origin(engine, origin, {"WebACLId": acl.arn})


def test_a_blocked_request_gets_cloudfronts_error_page_cached_or_not(engine: Engine, origin: OriginServer) -> None:
    acl = make_acl(engine, make_managed_rule("AWSManagedRulesCommonRuleSet"), scope="CLOUDFRONT")
    edge = protect(engine, origin, acl)
    first, second = edge.ask("/page", User_Agent=BROWSER), edge.ask("/page", User_Agent=BROWSER)

    blocked = edge.ask("/page")

    assert [each.status for each in (first, second)] == [200, 200]
    assert second.cache == "Hit"
    assert (blocked.status, blocked.cache) == (403, "Error")
    assert b"Request blocked." in blocked.body
    assert origin.count("/page") == 1


def test_a_custom_answer_reaches_the_viewer_and_a_change_counts_at_once(engine: Engine, origin: OriginServer) -> None:
    answer = {"ResponseCode": 429, "CustomResponseBodyKey": "slow"}
    bodies = {"slow": {"ContentType": "APPLICATION_JSON", "Content": '{"status": 429}'}}
    rule = make_rule("slow", looks_for("/page"), {"Block": {"CustomResponse": answer}})
    acl = make_acl(engine, rule, scope="CLOUDFRONT", CustomResponseBodies=bodies)
    edge = protect(engine, origin, acl)

    blocked = edge.ask("/page")
    acl.update()

    assert (blocked.status, json.loads(blocked.body)) == (429, {"status": 429})
    assert blocked.headers["Content-Type"] == "application/json"
    assert edge.ask("/page").status == 200


def test_inserted_headers_reach_the_origin_and_the_country_is_the_viewers(engine: Engine, origin: OriginServer) -> None:
    inserts = {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "area", "Value": "cold"}]}}}
    cold = make_rule("cold", {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}, inserts)
    acl = make_acl(engine, cold, scope="CLOUDFRONT")
    managed = {"CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"}  # CachingDisabled
    forwarded = {"OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3"}  # AllViewer
    edge = before_origin(engine, origin, {"WebACLId": acl.arn}, **managed, **forwarded)

    edge.ask("/page", CloudFront_Viewer_Country="AQ")
    edge.ask("/page", CloudFront_Viewer_Country="AT")

    assert [each.headers.get("x-amzn-waf-area") for each in origin.asked] == ["cold", None]


def test_the_log_names_the_distribution(engine: Engine, origin: OriginServer) -> None:
    acl = make_acl(engine, make_rule("all", looks_for("/"), COUNT), scope="CLOUDFRONT")
    edge = protect(engine, origin, acl)
    group = f"aws-waf-logs-{make_name()}"
    logs = engine.client("logs")
    logs.create_log_group(logGroupName=group)
    destination = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    engine.client("wafv2").put_logging_configuration(
        LoggingConfiguration={"ResourceArn": acl.arn, "LogDestinationConfigs": [destination]}
    )

    edge.ask("/page?size=1")
    read_log(engine, group, "")

    (event,) = logs.filter_log_events(logGroupName=group)["events"]
    line = json.loads(event["message"])
    assert event["logStreamName"] == f"cloudfront_{acl.name}_0"
    assert (line["httpSourceName"], line["httpSourceId"], line["action"]) == ("CF", edge.id, "ALLOW")
    assert (line["httpRequest"]["uri"], line["httpRequest"]["args"]) == ("/page", "size=1")
    assert [each["ruleId"] for each in line["nonTerminatingMatchingRules"]] == ["all"]
