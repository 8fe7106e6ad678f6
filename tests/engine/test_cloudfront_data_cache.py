"""What a distribution caches. `test_edge_times` tests for how long."""

import gzip
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from support.cloudfront_edge import (
    Edge,
    OriginServer,
    Page,
    before_origin,
    http_origin,
    make_cache_policy,
    make_distribution,
    running_origin,
)
from support.distributions import CACHING_DISABLED, make_behavior, some
from support.plugin_engine import Engine, StartEngine
from support.waiting import wait_until

SOON: Final = 5  # seconds, for what a second ends
TEXT: Final = b"the same words again and again. " * 100


@pytest.fixture(scope="module")
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        yield server


@pytest.fixture(scope="module")
def edge(engine: Engine, origin: OriginServer) -> Edge:
    """A distribution that keeps what the origin lets it keep, and by no policy longer."""
    return before_origin(engine, origin, CachePolicyId=make_cache_policy(engine))


@pytest.fixture
def path() -> str:
    return f"/{uuid.uuid4().hex}"


def test_the_second_answer_is_a_hit_with_its_age(edge: Edge, origin: OriginServer, path: str) -> None:
    origin.pages[path] = Page()
    first, second = edge.ask(path), edge.ask(path)

    assert (first.cache, second.cache) == ("Miss", "Hit")
    assert "Age" not in first.headers
    assert second.body == first.body == b"page"
    wait_until("an answer that is a second old", lambda: edge.ask(path).headers["Age"] == "1", within_s=SOON)
    assert origin.count(path) == 1


def test_concurrent_equal_requests_reach_the_origin_once(edge: Edge, origin: OriginServer, path: str) -> None:
    origin.pages[path] = Page(delay=0.5)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(edge.ask, [path] * 20))

    assert {answer.body for answer in answers} == {b"page"}
    assert sorted(answer.cache for answer in answers) == ["Hit"] * 19 + ["Miss"]
    assert origin.count(path) == 1


@pytest.mark.parametrize("cache_control", ["no-store", "private, max-age=60"])
def test_uncacheable_objects_are_fetched_for_each_viewer(
    edge: Edge, origin: OriginServer, path: str, cache_control: str
) -> None:
    origin.pages[path] = Page(headers={"Cache-Control": cache_control, "ETag": '"1"'}, delay=0.2)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(edge.ask, [path] * 5))

    assert {answer.cache for answer in answers} == {"Miss"}
    assert origin.count(path) == 5
    assert all("If-None-Match" not in asked.headers for asked in origin.asked if asked.target == path)


def test_no_cache_is_kept_but_confirmed_each_time(edge: Edge, origin: OriginServer, path: str) -> None:
    origin.pages[path] = Page(headers={"Cache-Control": "no-cache", "ETag": '"1"'})

    assert [edge.ask(path).cache for _ in range(3)] == ["Miss", "RefreshHit", "RefreshHit"]


def test_an_error_is_cached_for_the_distributions_minimum_ttl(engine: Engine, origin: OriginServer, path: str) -> None:
    errors = some({"ErrorCode": 404, "ErrorCachingMinTTL": 1}, {"ErrorCode": 500, "ErrorCachingMinTTL": 0})
    edge = before_origin(engine, origin, {"CustomErrorResponses": errors})
    missing = [edge.ask(path), edge.ask(path)]
    origin.pages[path] = Page()
    # Without the rule it would be ten seconds.
    wait_until("the end of the error", lambda: edge.ask(path).status == 200, within_s=SOON)
    broken = f"{path}/broken"
    origin.pages[broken] = Page(status=500)
    for _ in range(2):
        edge.ask(broken)

    assert [(answer.status, answer.cache) for answer in missing] == [(404, "Error")] * 2
    assert origin.count(path) == 2
    assert origin.count(broken) == 2


def test_an_error_is_cached_even_if_nothing_else_is(engine: Engine, origin: OriginServer, path: str) -> None:
    edge = before_origin(engine, origin, CachePolicyId=CACHING_DISABLED)
    kept = f"{path}/missing"
    fresh = f"{path}/no-store"
    origin.pages[fresh] = Page(status=404, headers={"Cache-Control": "no-store"})
    for _ in range(2):
        edge.ask(kept)
        edge.ask(fresh)

    assert origin.count(kept) == 1
    assert origin.count(fresh) == 2


def test_nothing_is_cached_if_caching_is_disabled(engine: Engine, origin: OriginServer, path: str) -> None:
    edge = before_origin(engine, origin, CachePolicyId=CACHING_DISABLED)
    origin.pages[path] = Page(headers={"Cache-Control": "max-age=60"})

    assert [edge.ask(path).cache for _ in range(2)] == ["Miss", "Miss"]
    assert origin.count(path) == 2


def test_the_key_has_what_the_policy_names(engine: Engine, origin: OriginServer, path: str) -> None:
    policy = make_cache_policy(engine, headers=["X-Lang"], cookies=["plan"], queries=["v"])
    edge = before_origin(engine, origin, CachePolicyId=policy)
    origin.pages[path] = Page()

    def cached(query: str = "v=1", **headers: str) -> str:
        sent = {"X_Lang": "en", "Cookie": "plan=a; other=1"} | headers
        return edge.ask(f"{path}?{query}", "GET", None, "", **sent).cache

    assert cached() == "Miss"
    assert cached(query="w=1&v=1", Cookie="other=2; plan=a", X_Other="1") == "Hit"
    assert cached(query="v=2") == "Miss"
    assert cached(X_Lang="nl") == "Miss"
    assert cached(Cookie="plan=b") == "Miss"
    assert origin.asked[-1].headers["Cookie"] == "plan=b"
    assert origin.asked[-1].headers["X-Lang"] == "en"
    assert origin.asked[-1].target == f"{path}?v=1"


def test_times_of_the_policy_limit_those_of_the_origin(engine: Engine, origin: OriginServer, path: str) -> None:
    policy = make_cache_policy(engine, MinTTL=0, DefaultTTL=1, MaxTTL=1)
    edge = before_origin(engine, origin, CachePolicyId=policy)
    origin.pages[path] = Page(headers={"Cache-Control": "max-age=3600"})
    edge.ask(path)

    assert edge.ask(path).cache == "Hit"
    wait_until("the end of the policy's second", lambda: edge.ask(path).cache == "Miss", within_s=SOON)


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br", "br"), ("deflate", None)]
)
def test_text_is_compressed_as_the_viewer_takes_it(
    engine: Engine, origin: OriginServer, path: str, accepted: str, encoding: str | None
) -> None:
    compressing = before_origin(engine, origin, Compress=True)
    edge = before_origin(engine, origin)
    origin.pages[path] = Page(TEXT, headers={"Content-Type": "text/css; charset=utf-8", "ETag": '"1"'})
    answers = [compressing.ask(path, Accept_Encoding=accepted) for _ in range(2)]
    plain = edge.ask(path, Accept_Encoding=accepted)

    assert [answer.cache for answer in answers] == ["Miss", "Hit"]
    assert {answer.headers.get("Content-Encoding") for answer in answers} == {encoding}
    assert "Content-Encoding" not in plain.headers
    assert plain.body == TEXT
    if encoding:
        assert len(answers[1].body) < 200
        assert answers[1].headers["ETag"] == 'W/"1"'
        assert answers[1].headers["Vary"] == "Accept-Encoding"
    if encoding == "gzip":
        assert gzip.decompress(answers[1].body) == TEXT


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "image/jpeg"}, TEXT),
        ({"Content-Type": "text/css"}, TEXT[:999]),
        ({"Content-Type": "text/css", "Content-Encoding": "deflate"}, TEXT),
    ],
    ids=["of another type", "small", "encoded already"],
)
def test_types_that_cloudfront_does_not_compress_stay_unchanged(
    engine: Engine, origin: OriginServer, path: str, headers: dict[str, str], body: bytes
) -> None:
    edge = before_origin(engine, origin, Compress=True)
    origin.pages[path] = Page(body, headers=headers)

    assert edge.ask(path, Accept_Encoding="gzip, br").body == body


def test_a_compressed_object_is_still_revalidated_by_the_origins_etag(
    engine: Engine, origin: OriginServer, path: str
) -> None:
    policy = make_cache_policy(engine, gzip=True)
    edge = before_origin(engine, origin, CachePolicyId=policy, Compress=True)
    origin.pages[path] = Page(TEXT, headers={"Content-Type": "text/css", "ETag": '"1"', "Cache-Control": "max-age=0"})
    first = edge.ask(path, Accept_Encoding="gzip")
    second = edge.ask(path, Accept_Encoding="gzip")
    third = edge.ask(path, Accept_Encoding="gzip", If_None_Match=first.headers["ETag"])

    assert second.cache == "RefreshHit"
    assert second.body == first.body
    assert origin.asked[-1].headers["If-None-Match"] == '"1"'
    assert third.status == 304


def test_an_invalidation_counts_at_once(edge: Edge, origin: OriginServer, path: str) -> None:
    kept, gone, deep = f"{path}-kept", f"{path}/gone", f"{path}/a/b"
    for each in (kept, gone, deep):
        origin.pages[each] = Page()
        edge.ask(each)
    edge.invalidate(f"{path}/*")

    assert [edge.ask(each).cache for each in (kept, gone, deep)] == ["Hit", "Miss", "Miss"]
    edge.invalidate(gone)
    assert [edge.ask(each).cache for each in (gone, deep)] == ["Miss", "Hit"]


def test_a_response_in_transit_during_an_invalidation_is_not_cached(
    edge: Edge, origin: OriginServer, path: str
) -> None:
    may_answer = threading.Event()
    origin.pages[path] = Page(b"old", gate=may_answer)
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(edge.ask, path)
        wait_until("the origin to be asked", lambda: origin.count(path) == 1)
        edge.invalidate(path)
        origin.pages[path] = Page(b"new")
        after = edge.ask(path)
        may_answer.set()
        before = early.result()

    assert (before.body, after.body) == (b"old", b"new")
    assert edge.ask(path).body == b"new"


def test_two_distributions_have_separate_cache_entries(engine: Engine, origin: OriginServer, path: str) -> None:
    one, two = (make_distribution(engine, Origins=some(http_origin(origin))) for _ in range(2))
    origin.pages[path] = Page()
    one.ask(path)
    one.invalidate("/*")
    two.ask(path)

    assert (one.ask(path).cache, two.ask(path).cache) == ("Miss", "Hit")


def test_methods_that_change_something_are_never_answered_from_the_cache(
    engine: Engine, origin: OriginServer, path: str
) -> None:
    methods = some("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")
    edge = make_distribution(
        engine, Origins=some(http_origin(origin)), DefaultCacheBehavior=make_behavior(AllowedMethods=methods)
    )
    origin.pages[path] = Page()
    edge.ask(path)
    for _ in range(2):
        assert edge.ask(path, "POST", b"x").cache == "Miss"

    assert [each.method for each in origin.asked if each.target == path] == ["GET", "POST", "POST"]
    assert edge.ask(path).cache == "Hit"


def test_the_cache_stays_within_its_size(start_engine: StartEngine, origin: OriginServer, path: str) -> None:
    engine = start_engine(CLOUDFRONT_CACHE_MB="1")
    edge = before_origin(engine, origin)
    large, small = f"{path}/large", f"{path}/small"
    origin.pages[large] = Page(b"x" * 300_000)
    origin.pages[small] = Page(b"x" * 200_000)

    assert [edge.ask(large).cache for _ in range(2)] == ["Miss", "Miss"], "one object takes a quarter at most"
    assert [edge.ask(small).cache for _ in range(2)] == ["Miss", "Hit"]
    for number in range(5):
        origin.pages[f"{path}/{number}"] = Page(b"x" * 200_000)
        edge.ask(f"{path}/{number}")
    assert edge.ask(small).cache == "Miss"
