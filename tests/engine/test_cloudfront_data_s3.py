"""Buckets behind a distribution."""

from typing import Final

import pytest

from support.cloudfront_edge import (
    Edge,
    admit,
    ask,
    before_bucket,
    bucket_origin,
    make_access_control,
    make_bucket,
    make_cache_policy,
    make_distribution,
)
from support.distributions import CACHING_DISABLED, make_behavior, some
from support.plugin_engine import Engine

PICTURE: Final = b"\xff\xd8" + bytes(range(256)) * 80


@pytest.fixture(scope="module")
def bucket(engine: Engine) -> str:
    objects = {
        "thumbs/a.jpg": PICTURE,
        "raw/secret.jpg": b"secret",
        "index.html": b"<p>home",
        "a b+c/é//d.": b"exact",
        "trailing/": b"slash",
    }
    return make_bucket(engine, objects, ContentType="image/jpeg", Metadata={"colour": "red"}, CacheControl="max-age=60")


@pytest.fixture(scope="module")
def edge(engine: Engine, bucket: str) -> Edge:
    made = before_bucket(engine, bucket, {"DefaultRootObject": "index.html"})
    admit(made, bucket, "s3:GetObject", "s3:ListBucket")
    return made


def test_a_bucket_answers_only_the_distribution_that_its_policy_admits(engine: Engine) -> None:
    bucket = make_bucket(engine, {"x": b"x"})
    edge = before_bucket(engine, bucket, CachePolicyId=CACHING_DISABLED)
    closed = edge.ask("/x")
    admit(edge, bucket, arn=edge.arn[:-1] + "z")
    to_another = edge.ask("/x")
    admit(edge, bucket)

    assert (closed.status, to_another.status, edge.ask("/x").status) == (403, 403, 200)
    assert b"<Code>AccessDenied</Code>" in closed.body
    assert closed.headers["Content-Type"] == "application/xml"
    assert closed.cache == "Error"


def test_without_an_access_control_a_distribution_is_anonymous(engine: Engine) -> None:
    bucket = make_bucket(engine, {"x": b"x"})
    edge = make_distribution(engine, Origins=some(bucket_origin(bucket)))
    admit(edge, bucket)

    assert edge.ask("/x").status == 403


def test_a_missing_key_is_reported_only_to_callers_who_may_list(engine: Engine, edge: Edge) -> None:
    bucket = make_bucket(engine, {})
    other = before_bucket(engine, bucket)
    admit(other, bucket, "s3:GetObject")

    assert other.ask("/missing").status == 403
    missing = edge.ask("/missing")
    assert missing.status == 404
    assert b"<Code>NoSuchKey</Code>" in missing.body


def test_a_missing_bucket_is_reported(engine: Engine) -> None:
    edge = before_bucket(engine, "no-such-bucket-anywhere")

    answer = edge.ask("/x")

    assert answer.status == 404
    assert b"<Code>NoSuchBucket</Code>" in answer.body


def test_an_object_is_served_with_its_headers(edge: Edge) -> None:
    answer = edge.ask("/thumbs/a.jpg")

    assert answer.status == 200
    assert answer.body == PICTURE
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(PICTURE))
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert answer.headers["x-amz-meta-colour"] == "red"
    assert answer.headers["Server"] == "AmazonS3"
    assert {"ETag", "Last-Modified", "X-Amz-Cf-Id", "X-Amz-Cf-Pop", "Via", "Date"} <= set(answer.headers)
    assert not {"x-amz-request-id", "x-amz-id-2"} & {name.lower() for name in answer.headers}


def test_head_has_the_headers_of_the_object_but_no_body(engine: Engine) -> None:
    bucket = make_bucket(engine, {"x": PICTURE})
    edge = before_bucket(engine, bucket)
    admit(edge, bucket)
    uncached = edge.ask("/x", "HEAD")
    edge.ask("/x")
    cached = edge.ask("/x", "HEAD")

    assert [answer.headers["Content-Length"] for answer in (uncached, cached)] == [str(len(PICTURE))] * 2
    assert uncached.body == cached.body == b""
    assert (uncached.cache, cached.cache) == ("Miss", "Hit")


@pytest.mark.parametrize("times", [1, 2], ids=["missed", "cached"])
def test_ranges_and_conditions_hold_for_an_object_whether_it_is_cached(engine: Engine, times: int) -> None:
    bucket = make_bucket(engine, {"x": b"0123456789"})
    edge = before_bucket(engine, bucket)
    admit(edge, bucket)
    tag = edge.ask("/x").headers["ETag"]
    if times == 1:
        edge.invalidate("/*")

    part = edge.ask("/x", Range="bytes=2-4")
    unchanged = edge.ask("/x", If_None_Match=tag)
    changed = edge.ask("/x", If_None_Match='"other"')

    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", tag)
    assert (changed.status, changed.body) == (200, b"0123456789")
    assert edge.ask("/x", Range="bytes=20-").status == 416
    assert edge.ask("/x", If_Match='"other"').status == 412


def test_ranges_and_conditions_reach_the_bucket_where_nothing_is_cached(engine: Engine) -> None:
    bucket = make_bucket(engine, {"x": b"0123456789"})
    edge = before_bucket(engine, bucket, CachePolicyId=CACHING_DISABLED)
    admit(edge, bucket)
    first = edge.ask("/x")

    assert edge.ask("/x", Range="bytes=-3").body == b"789"
    unchanged = edge.ask("/x", If_None_Match=first.headers["ETag"])
    assert (unchanged.status, unchanged.headers["ETag"]) == (304, first.headers["ETag"])
    assert edge.ask("/x", If_Modified_Since=first.headers["Last-Modified"]).status == 304
    assert edge.ask("/x", If_Match='"other"').status == 412


def test_the_default_root_object_replaces_only_the_root(edge: Edge) -> None:
    assert edge.ask("/").body == b"<p>home"
    assert edge.ask("/thumbs/").status == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [("/a%20b+c/%C3%A9//d.", b"exact"), ("/a%20b%2Bc%2f%c3%a9%2F/d.", b"exact"), ("/trailing/", b"slash")],
)
def test_a_key_is_the_decoded_path_to_the_byte(edge: Edge, path: str, body: bytes) -> None:
    assert edge.ask(path).body == body


def test_a_path_that_is_not_utf8_is_not_a_key(edge: Edge) -> None:
    assert edge.ask("/%ff%fe").status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/thumbs/../raw/secret.jpg",
        "/thumbs/%2e%2e/raw/secret.jpg",
        "/thumbs/.%2E/raw/secret.jpg",
        "/thumbs/..%2fraw/secret.jpg",
        "/thumbs/%2e%2e%2fraw%2fsecret.jpg",
        "/thumbs/..%5craw%5csecret.jpg",
        "/thumbs/..\\raw\\secret.jpg",
        "/thumbs/%252e%252e/raw/secret.jpg",
        "/thumbs/..;/raw/secret.jpg",
        "/thumbs//../raw/secret.jpg",
        "/thumbs/%c0%ae%c0%ae/raw/secret.jpg",
        "/./raw/secret.jpg",
        "//raw/secret.jpg",
        "/raw%00/secret.jpg",
    ],
)
def test_no_way_round_a_path_reaches_another_object(edge: Edge, path: str) -> None:
    answer = edge.ask(path)

    assert answer.status in (400, 403, 404)
    assert b"secret.jpg</Key>" in answer.body or b"<Key>" not in answer.body
    assert answer.body != b"secret"


def test_an_origin_path_is_put_before_each_path(engine: Engine) -> None:
    bucket = make_bucket(engine, {"thumbs/a.jpg": PICTURE, "raw/secret.jpg": b"secret"})
    origin = bucket_origin(bucket, make_access_control(engine), OriginPath="/thumbs")
    edge = make_distribution(engine, Origins=some(origin))
    admit(edge, bucket)

    assert edge.ask("/a.jpg").body == PICTURE
    assert edge.ask("/../raw/secret.jpg").status == 403


def test_a_forwarded_query_overrides_headers_and_others_do_not(engine: Engine) -> None:
    bucket = make_bucket(engine, {"x": b"x"})
    name = "response-content-disposition"
    behaviours = some(
        make_behavior(PathPattern="/x", CachePolicyId=make_cache_policy(engine, queries=[name])),
    )
    edge = before_bucket(engine, bucket, {"CacheBehaviors": behaviours})
    admit(edge, bucket)
    engine.client("s3").put_object(Bucket=bucket, Key="y", Body=b"y")

    assert edge.ask(f"/x?{name}=attachment").headers["Content-Disposition"] == "attachment"
    assert "Content-Disposition" not in edge.ask(f"/y?{name}=attachment").headers


def test_what_is_written_through_a_distribution_needs_the_policy(engine: Engine) -> None:
    bucket = make_bucket(engine, {})
    methods = some("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
    edge = before_bucket(engine, bucket, AllowedMethods=methods, CachePolicyId=CACHING_DISABLED)
    admit(edge, bucket, "s3:GetObject")
    refused = edge.ask("/new", "PUT", b"content")
    admit(edge, bucket, "s3:GetObject", "s3:PutObject")

    assert refused.status == 403
    assert edge.ask("/new", "PUT", b"content").status == 200
    assert edge.ask("/new").body == b"content"
    assert edge.ask("/new", "DELETE").status == 403


def test_listing_a_bucket_needs_the_policy(engine: Engine) -> None:
    bucket = make_bucket(engine, {"x": b"x"})
    edge = before_bucket(engine, bucket, CachePolicyId=CACHING_DISABLED)
    admit(edge, bucket, "s3:GetObject")

    assert edge.ask("/").status == 403


def test_the_bucket_itself_is_requested_as_before(engine: Engine, bucket: str) -> None:
    assert ask(engine.url, f"/{bucket}/index.html").body == b"<p>home"
