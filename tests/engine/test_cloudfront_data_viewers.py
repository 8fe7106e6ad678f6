"""Viewers of a distribution: how they reach it, what they are refused, and which headers they get."""

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from support.cloudfront_edge import (
    Edge,
    OriginServer,
    Page,
    ask,
    before_origin,
    http_origin,
    make_distribution,
    running_origin,
)
from support.distributions import CACHING_DISABLED, Config, make_behavior, some
from support.plugin_engine import Engine, StartEngine
from support.raw_http import send_until_silent
from support.waiting import wait_until

SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"  # the policy of AWS
CORS: Final = "60669652-455b-4ae9-85a4-c4c02393f86c"


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        server.pages["/x"] = Page()
        yield server


@pytest.fixture(scope="module")
def edge(engine: Engine, origin: OriginServer) -> Edge:
    return before_origin(engine, origin)


@pytest.fixture(scope="module")
def literal_engine(start_engine: StartEngine) -> Engine:
    """An engine for which plain HTTP is plain HTTP."""
    return start_engine(CLOUDFRONT_VIEWER_SCHEME="actual")


def _listed(engine: Engine) -> dict[str, Config]:
    found = ask(engine.url, "/_aws/cloudfront/distributions")
    return {each["id"]: each for each in json.loads(found.body)}


def test_a_distribution_is_reached_by_name_alias_and_its_own_port(engine: Engine, origin: OriginServer) -> None:
    alias = f"{uuid.uuid4().hex}.example.com"
    arn = engine.client("acm").request_certificate(DomainName=alias)["CertificateArn"]
    certificate = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
    edge = before_origin(engine, origin, {"Aliases": some(alias), "ViewerCertificate": certificate})
    listed = _listed(engine)[edge.id]

    assert listed["aliases"] == [alias]
    assert listed["domain_name"] == f"{edge.id.lower()}.cloudfront.localhost"
    by_name, by_port = listed["urls"]
    assert by_name == f"http://{edge.host}"
    assert by_port.startswith("http://127.0.0.1:")
    assert edge.ask("/x").body == edge.ask("/x", host=alias).body == edge.ask("/x", host=alias.upper()).body == b"page"
    assert ask(by_port, "/x", headers={"Host": by_port.removeprefix("http://")}).body == b"page"
    assert edge.ask("/x", host="other.example.com").headers.get("X-Cache") is None


def test_a_deleted_distribution_is_no_longer_served(engine: Engine, origin: OriginServer) -> None:
    edge = before_origin(engine, origin)
    url = _listed(engine)[edge.id]["urls"][1]
    assert edge.ask("/x").status == 200
    client = engine.client("cloudfront")

    edge.update(lambda config: config.update(Enabled=False))
    disabled = edge.ask("/x")
    client.get_waiter("distribution_deployed").wait(Id=edge.id, WaiterConfig={"Delay": 1})
    client.delete_distribution(Id=edge.id, IfMatch=client.get_distribution(Id=edge.id)["ETag"])

    assert disabled.status == 403
    assert edge.ask("/x").headers.get("X-Cache") is None
    assert edge.id not in _listed(engine)
    with pytest.raises(ConnectionRefusedError):
        ask(url, "/x")


def test_the_first_matching_behaviour_is_used_and_a_change_is_effective_at_once(
    engine: Engine, origin: OriginServer
) -> None:
    with running_origin() as other:
        other.pages["/a/1"] = other.pages["/a/../b"] = Page(b"other")
        origin.pages["/a/2"] = origin.pages["/b"] = origin.pages["/A/1"] = Page(b"default")
        behaviours = some(make_behavior(PathPattern="/a/1*"), make_behavior(PathPattern="/a/*", TargetOriginId="other"))
        origins = some(http_origin(origin), http_origin(other, Id="other"))
        edge = make_distribution(engine, Origins=origins, CacheBehaviors=behaviours)
        origin.pages["/a/1"] = Page(b"first")

        assert edge.ask("/a/1").body == b"first"
        assert edge.ask("/A/1").body == b"default"
        assert edge.ask("/a/2").status == 404
        edge.update(lambda config: config["CacheBehaviors"]["Items"].reverse())
        edge.invalidate("/*")
        assert edge.ask("/a/1").body == b"other"


def test_the_rules_of_a_path_hold_however_it_is_written(engine: Engine, origin: OriginServer) -> None:
    closed = make_behavior(PathPattern="/closed/*", AllowedMethods=some("GET", "HEAD"), CachePolicyId=CACHING_DISABLED)
    methods = some("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
    edge = make_distribution(
        engine,
        Origins=some(http_origin(origin)),
        CacheBehaviors=some(closed),
        DefaultCacheBehavior=make_behavior(AllowedMethods=methods),
    )

    for path in (
        "/closed/x",
        "/open/../closed/x",
        "/open/%2e%2e/closed/x",
        "//closed//x",
        "/%63losed/x",
        "/./closed/x",
    ):
        assert edge.ask(path, "POST", b"").status == 403, path
    assert edge.ask("/open/x", "POST", b"").status == 404


def test_only_allowed_methods_pass(edge: Edge, origin: OriginServer) -> None:
    before = len(origin.asked)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE", "CONNECT", "get"):
        answer = edge.ask("/x", method)
        assert answer.status == 403, method
        assert b"HTTP request method" in answer.body
    assert len(origin.asked) == before


def test_a_reading_request_with_a_body_is_refused(edge: Edge) -> None:
    assert edge.ask("/x", "GET", b"body").status == 403


def test_plain_http_stands_for_https(engine: Engine, origin: OriginServer) -> None:
    for policy in ("allow-all", "redirect-to-https", "https-only"):
        assert before_origin(engine, origin, ViewerProtocolPolicy=policy).ask("/x").status == 200


def test_plain_http_is_sent_to_https_or_refused_where_the_scheme_counts(
    literal_engine: Engine, origin: OriginServer
) -> None:
    redirecting = before_origin(literal_engine, origin, ViewerProtocolPolicy="redirect-to-https")
    refusing = before_origin(literal_engine, origin, ViewerProtocolPolicy="https-only")

    redirected = redirecting.ask("/x?a=1")

    assert (redirected.status, redirected.cache) == (301, "Redirect")
    assert redirected.headers["Location"] == f"https://{redirecting.host}/x?a=1"
    assert refusing.ask("/x").status == 403
    assert before_origin(literal_engine, origin, ViewerProtocolPolicy="allow-all").ask("/x").status == 200


@pytest.mark.parametrize(
    ("kind", "countries", "allowed"), [("whitelist", ["NL", "BE"], "NL"), ("blacklist", ["US", "CA"], "NL")]
)
def test_countries_are_let_in_or_kept_out(
    engine: Engine, origin: OriginServer, kind: str, countries: list[str], allowed: str
) -> None:
    geo = {"RestrictionType": kind, **some(*countries)}
    edge = before_origin(engine, origin, {"Restrictions": {"GeoRestriction": geo}})

    assert edge.ask("/x", CloudFront_Viewer_Country=allowed).status == 200
    refused = edge.ask("/x", CloudFront_Viewer_Country="US")
    assert refused.status == 403
    assert b"configured to block access from your country" in refused.body


def test_requests_that_are_too_long_are_refused_by_the_edge(edge: Edge) -> None:
    fits = edge.ask("/" + "a" * 8000)
    long_url = edge.ask("/" + "a" * 8192)
    long_head = edge.ask("/x", X_Long="a" * 33_000)

    assert fits.status == 404
    assert (long_url.status, long_head.status) == (413, 413)
    assert long_head.cache == "LimitExceeded"


def _raw(edge: Edge, request: bytes) -> bytes:
    """Send bytes as they are; return all that comes back within a second of silence."""
    port = int(edge.engine.url.rpartition(":")[2])
    return send_until_silent(port, request.replace(b"HOST", edge.host.encode()), silence_s=1)


@pytest.mark.parametrize(
    "head",
    [
        b"Host: HOST\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        b"Host: HOST\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        b"Host: HOST\r\nContent-Length: 3\r\nContent-Length: 4\r\n",
        b"Host: HOST\r\nContent-Length: 3\r\nContent-Length: 3\r\n",
        b"Host: HOST\r\nContent-Length: +3\r\n",
        b"Host: HOST\r\nContent-Length: 3, 3\r\n",
        b"Host: HOST\r\nTransfer-Encoding: xchunked\r\n",
        b"Host: HOST\r\nTransfer-Encoding: identity, chunked\r\n",
        b"Host: HOST\r\nContent-Length : 3\r\n",
        b"Host: HOST\r\nHost: other.example.com\r\n",
        b"Host: HOST\r\nX Y: 1\r\n",
        b"Host: HOST\r\nX: \x00\r\n",
    ],
)
def test_a_request_that_two_servers_may_read_in_two_ways_is_refused(
    edge: Edge, origin: OriginServer, head: bytes
) -> None:
    asked = len(origin.asked)
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"

    got = _raw(edge, b"POST /x HTTP/1.1\r\n" + head + b"\r\n" + smuggled)

    assert got.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 403 ")) or not got
    assert all(each.target != "/smuggled" for each in origin.asked[asked:])


def test_a_request_with_a_whole_url_as_its_target_is_about_that_path(edge: Edge) -> None:
    got = _raw(edge, b"GET http://HOST/x HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 200 ")
    assert got.endswith(b"\r\n\r\npage")


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
def test_a_connection_is_never_upgraded_to_another_protocol(edge: Edge, upgrade: bytes) -> None:
    head = b"Host: HOST\r\nConnection: Upgrade, close\r\nUpgrade: " + upgrade
    key = b"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

    got = _raw(edge, b"GET /x HTTP/1.1\r\n" + head + key)

    assert got.startswith(b"HTTP/1.1 403 " if upgrade == b"websocket" else b"HTTP/1.1 200 ")


def test_security_headers_are_on_every_answer(engine: Engine, origin: OriginServer) -> None:
    edge = before_origin(engine, origin, ResponseHeadersPolicyId=SECURITY_HEADERS)
    missed, hit = edge.ask("/x"), edge.ask("/x")
    answers = [missed, hit, edge.ask("/missing"), edge.ask("/x", "POST"), edge.ask("/x", "HEAD")]

    for answer in answers:
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert [answer.status for answer in answers] == [200, 200, 404, 403, 200]


def _headers_policy(engine: Engine, **config: object) -> str:
    made = engine.client("cloudfront").create_response_headers_policy(
        ResponseHeadersPolicyConfig={"Name": f"p-{uuid.uuid4().hex}", **config}
    )
    return str(made["ResponseHeadersPolicy"]["Id"])


def test_headers_are_set_replaced_and_taken_away_by_policy(engine: Engine, origin: OriginServer) -> None:
    custom = some(
        {"Header": "X-New", "Value": "ours", "Override": False},
        {"Header": "X-Kept", "Value": "ours", "Override": False},
        {"Header": "X-Replaced", "Value": "ours", "Override": True},
    )
    policy = _headers_policy(
        engine,
        CustomHeadersConfig=custom,
        RemoveHeadersConfig=some({"Header": "X-Gone"}),
        ServerTimingHeadersConfig={"Enabled": True, "SamplingRate": 100.0},
    )
    edge = before_origin(engine, origin, ResponseHeadersPolicyId=policy)
    path = f"/{uuid.uuid4().hex}"
    origin.pages[path] = Page(headers=dict.fromkeys(("X-Kept", "X-Replaced", "X-Gone"), "origin's"))
    missed, hit = edge.ask(path).headers, edge.ask(path).headers

    for headers in (missed, hit):
        assert (headers["X-New"], headers["X-Kept"], headers["X-Replaced"]) == ("ours", "origin's", "ours")
        assert "X-Gone" not in headers
    assert missed["Server-Timing"].startswith("cdn-cache-miss")
    assert hit["Server-Timing"].startswith("cdn-cache-hit")


def test_cors_is_answered_by_policy(engine: Engine, origin: OriginServer) -> None:
    cors = {
        "AccessControlAllowOrigins": some("https://*.example.com"),
        "AccessControlAllowHeaders": some("x-own"),
        "AccessControlAllowMethods": some("GET", "PUT"),
        "AccessControlAllowCredentials": True,
        "AccessControlExposeHeaders": some("etag"),
        "AccessControlMaxAgeSec": 60,
        "OriginOverride": True,
    }
    edge = before_origin(
        engine,
        origin,
        ResponseHeadersPolicyId=_headers_policy(engine, CorsConfig=cors),
        AllowedMethods=some("GET", "HEAD", "OPTIONS"),
    )
    allowed = edge.ask("/x", Origin="https://a.example.com")
    preflight = edge.ask("/x", "OPTIONS", Origin="https://a.example.com", Access_Control_Request_Method="PUT")
    other = edge.ask("/x", Origin="https://example.org")

    assert allowed.headers["Access-Control-Allow-Origin"] == "https://a.example.com"
    assert allowed.headers["Access-Control-Allow-Credentials"] == "true"
    assert allowed.headers["Access-Control-Expose-Headers"] == "etag"
    assert "Origin" in allowed.headers["Vary"]
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert preflight.headers["Access-Control-Allow-Headers"] == "x-own"
    assert preflight.headers["Access-Control-Max-Age"] == "60"
    for answer in (other, edge.ask("/x")):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_any_origin_may_be_allowed(engine: Engine, origin: OriginServer) -> None:
    edge = before_origin(engine, origin, ResponseHeadersPolicyId=CORS)

    assert edge.ask("/x", Origin="https://example.org").headers["Access-Control-Allow-Origin"] == "*"


def test_an_error_is_replaced_by_the_distributions_own_page(engine: Engine, origin: OriginServer) -> None:
    origin.pages["/errors/404.html"] = Page(b"<p>nothing here", headers={"Content-Type": "text/html"})
    errors = some(
        {"ErrorCode": 404, "ResponsePagePath": "/errors/404.html", "ResponseCode": "200", "ErrorCachingMinTTL": 5},
        {"ErrorCode": 403, "ResponsePagePath": "/errors/gone.html", "ResponseCode": "403"},
    )
    edge = before_origin(engine, origin, {"CustomErrorResponses": errors}, ResponseHeadersPolicyId=SECURITY_HEADERS)
    replaced = edge.ask("/missing")

    assert (replaced.status, replaced.body, replaced.cache) == (200, b"<p>nothing here", "Error")
    assert replaced.headers["Content-Type"] == "text/html"
    assert replaced.headers["X-Content-Type-Options"] == "nosniff"
    assert edge.ask("/missing", "HEAD").status == 200
    unreplaced = edge.ask("/x", "POST")
    assert unreplaced.status == 403
    assert b"HTTP request method" in unreplaced.body


def test_an_answer_names_itself(edge: Edge) -> None:
    answers = [edge.ask("/x"), edge.ask("/x")]

    assert len({answer.headers["X-Amz-Cf-Id"] for answer in answers}) == 2
    for answer in answers:
        assert answer.headers["X-Amz-Cf-Pop"]
        assert answer.headers["Via"] == f"1.1 {edge.id.lower()}.cloudfront.localhost (CloudFront)"
        assert answer.headers["Date"]


def test_localstack_itself_is_still_there(engine: Engine) -> None:
    begin = time.monotonic()

    assert ask(engine.url, "/_localstack/health").status == 200
    assert time.monotonic() - begin < 5


def _key_group(engine: Engine) -> tuple[str, rsa.RSAPrivateKey, str]:
    """Return a public key's id, its private key, and a key group that has it."""
    client = engine.client("cloudfront")
    private = rsa.generate_private_key(65537, 2048)
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    name = f"k-{uuid.uuid4().hex}"
    key = {"CallerReference": name, "Name": name, "EncodedKey": pem.decode()}
    key_id = client.create_public_key(PublicKeyConfig=key)["PublicKey"]["Id"]
    group = client.create_key_group(KeyGroupConfig={"Name": name, "Items": [key_id]})
    return key_id, private, group["KeyGroup"]["Id"]


def test_a_behaviour_with_key_groups_serves_signed_requests_cached_or_not(engine: Engine, origin: OriginServer) -> None:
    key_id, private, group = _key_group(engine)
    signer = CloudFrontSigner(key_id, lambda message: private.sign(message, padding.PKCS1v15(), hashes.SHA1()))  # noqa: S303 - CloudFront's own
    groups = {"Enabled": True, **some(group)}
    edge = before_origin(engine, origin, TrustedKeyGroups=groups)
    url = signer.generate_presigned_url(f"https://{edge.host}/x", datetime.now(UTC) + timedelta(minutes=1))
    signed = url.partition(edge.host)[2]

    answers = [edge.ask("/x"), edge.ask(signed), edge.ask(signed), edge.ask("/x"), edge.ask(signed.replace("/x", "/y"))]

    assert [answer.status for answer in answers] == [403, 200, 200, 403, 403]
    assert [answer.cache for answer in answers] == ["Error", "Miss", "Hit", "Error", "Error"]
    assert b"<Code>MissingKey</Code>" in answers[0].body
    assert origin.asked[-1].target == "/x", "what signs a URL stays at the edge"


def _function(engine: Engine, code: str) -> str:
    client = engine.client("cloudfront")
    name = f"f-{uuid.uuid4().hex}"
    config = {"Comment": "", "Runtime": "cloudfront-js-2.0"}
    made = client.create_function(Name=name, FunctionConfig=config, FunctionCode=code.encode())
    client.publish_function(Name=name, IfMatch=made["ETag"])
    return str(made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])


def test_functions_change_requests_before_the_cache_and_answers_after_it(engine: Engine, origin: OriginServer) -> None:
    before = """function handler(event) {
        if (event.request.uri === '/answered') return {statusCode: 418, statusDescription: 'Teapot'};
        if (event.request.uri === '/thrown') throw new Error('x');
        event.request.uri = event.request.uri.replace('/old/', '/');
        return event.request;
    }"""
    after = """function handler(event) {
        event.response.headers['x-after'] = {value: 'set'};
        return event.response;
    }"""
    functions = some(
        {"FunctionARN": _function(engine, before), "EventType": "viewer-request"},
        {"FunctionARN": _function(engine, after), "EventType": "viewer-response"},
    )
    edge = before_origin(engine, origin, FunctionAssociations=functions)
    path = uuid.uuid4().hex
    origin.pages[f"/{path}"] = Page(b"moved")
    first, second, direct = edge.ask(f"/old/{path}"), edge.ask(f"/old/{path}"), edge.ask(f"/{path}")
    answered, thrown, missing = edge.ask("/answered"), edge.ask("/thrown"), edge.ask("/missing")

    assert [each.body for each in (first, second, direct)] == [b"moved"] * 3
    assert [each.cache for each in (first, second, direct)] == ["Miss", "Hit", "Hit"]
    assert second.headers["x-after"] == "set"
    assert (answered.status, answered.cache) == (418, "FunctionGeneratedResponse")
    assert (thrown.status, thrown.cache) == (503, "FunctionExecutionError")
    for answer in (answered, thrown, missing):
        assert "x-after" not in answer.headers


def test_each_request_is_counted(engine: Engine, origin: OriginServer) -> None:
    edge = before_origin(engine, origin)
    for path in ("/x", "/x", "/missing"):
        edge.ask(path)
    dimensions = [{"Name": "DistributionId", "Value": edge.id}, {"Name": "Region", "Value": "Global"}]
    now = datetime.now(UTC)

    def count() -> float:
        found = engine.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/CloudFront",
            MetricName="Requests",
            Dimensions=dimensions,
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=600,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in found["Datapoints"]))

    wait_until("three requests to be counted", lambda: count() == 3)


def test_a_web_acl_is_evaluated_before_the_cache(engine: Engine, origin: OriginServer) -> None:
    client = engine.client("wafv2")
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": False, "MetricName": "m"}

    def rule(name: str, priority: int, search: str, block: Config) -> Config:
        match = {
            "SearchString": search.encode(),
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            "PositionalConstraint": "STARTS_WITH",
        }
        return {
            "Name": name,
            "Priority": priority,
            "Statement": {"ByteMatchStatement": match},
            "Action": {"Block": block},
            "VisibilityConfig": visibility | {"MetricName": name},
        }

    acl = client.create_web_acl(
        Name=f"a-{uuid.uuid4().hex}",
        Scope="CLOUDFRONT",
        DefaultAction={"Allow": {}},
        Rules=[
            rule("plain", 0, "/x", {}),
            rule("custom", 1, "/y", {"CustomResponse": {"ResponseCode": 429, "CustomResponseBodyKey": "busy"}}),
        ],
        CustomResponseBodies={"busy": {"ContentType": "APPLICATION_JSON", "Content": '{"busy": true}'}},
        VisibilityConfig=visibility,
    )["Summary"]
    edge = before_origin(engine, origin)
    assert edge.ask("/x").status == 200
    edge.update(lambda config: config.update(WebACLId=acl["ARN"]))
    asked = len(origin.asked)

    plain, custom, allowed = edge.ask("/x"), edge.ask("/y"), edge.ask("/missing")

    assert (plain.status, plain.cache) == (403, "Error")
    assert b"Request blocked." in plain.body
    assert (custom.status, custom.body, custom.headers["Content-Type"]) == (429, b'{"busy": true}', "application/json")
    assert allowed.status == 404
    assert len(origin.asked) == asked + 1
