"""Which response a viewer gets: a cached one, one shared with another viewer, or its own."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Final

import pytest
from werkzeug.datastructures import Headers

from support.cloudfront_edge import OriginServer, Page, running_origin
from support.edge_parts import FakeTime, Viewers, make_behaviour, make_caching, make_edge, make_origin
from support.waiting import wait_until
from thumbpipe_localstack.cloudfront.edge.cache.cache_key import Key
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache, Flight
from thumbpipe_localstack.cloudfront.edge.model.caching import Choice, Inputs
from thumbpipe_localstack.cloudfront.edge.origins.headers import viewer_headers
from thumbpipe_localstack.cloudfront.messages import EdgeResponse

LIMIT: Final = 1_000_000
ALL_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"})
TAGGED: Final = {"ETag": '"1"'}


class WatchedCache(Cache):
    """A cache that counts the requests that wait for another's response."""

    waiting = 0

    def join(self, key: Key) -> tuple[Flight, bool]:
        flight, is_first = super().join(key)
        self.waiting += not is_first
        return flight, is_first


@pytest.fixture
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def cache(time: FakeTime) -> WatchedCache:
    return WatchedCache(LIMIT, time.clock)


@pytest.fixture
def viewers(origin: OriginServer, cache: WatchedCache) -> Viewers:
    return Viewers(cache=cache, edge=make_edge(make_behaviour(make_origin(origin))))


def _ask_together(viewers: Viewers, origin: OriginServer, first: Page, then: Page) -> list[EdgeResponse]:
    """Have three viewers wait for one answer of the origin's, `first`; whoever asks later gets `then`."""
    cache = viewers.cache
    assert isinstance(cache, WatchedCache)
    first.gate = Event()
    origin.pages["/x"] = first
    with ThreadPoolExecutor(3) as pool:
        asked: list[Future[EdgeResponse]] = [pool.submit(viewers.ask)]
        wait_until("the first to reach the origin", lambda: origin.count("/x") == 1)
        asked += [pool.submit(viewers.ask) for _ in range(2)]
        wait_until("the others to wait for the first", lambda: cache.waiting == 2)
        origin.pages["/x"] = then
        first.gate.set()
        return [each.result(timeout=30) for each in asked]


def test_waiting_requests_share_a_cacheable_response(viewers: Viewers, origin: OriginServer) -> None:
    answers = _ask_together(viewers, origin, Page(b"shared"), Page(b"later"))

    assert [answer.body for answer in answers] == [b"shared"] * 3
    assert sorted(answer.result for answer in answers) == ["Hit", "Hit", "Miss"]
    assert origin.count("/x") == 1


@pytest.mark.parametrize("directive", ["private, max-age=60", "no-store", "no-cache", "max-age=0"])
def test_waiting_requests_do_not_share_an_uncacheable_response(
    viewers: Viewers, origin: OriginServer, directive: str
) -> None:
    headers = {"Cache-Control": directive}

    answers = _ask_together(viewers, origin, Page(b"for one", headers=headers), Page(b"for another", headers=headers))

    assert [answer.body for answer in answers] == [b"for one", b"for another", b"for another"]
    assert origin.count("/x") == 3


def test_an_unshared_response_is_not_cached_for_others(viewers: Viewers, origin: OriginServer) -> None:
    alone = Page(b"for one", headers={"Cache-Control": "no-store"})
    _ask_together(viewers, origin, alone, Page(b"for another"))

    assert viewers.ask().result == "Miss"
    assert viewers.ask().result == "Hit"


def test_an_error_of_an_unshared_request_is_cached_for_all(viewers: Viewers, origin: OriginServer) -> None:
    alone = Page(b"for one", headers={"Cache-Control": "no-store"})
    answers = _ask_together(viewers, origin, alone, Page(b"missing", 404))
    count = origin.count("/x")

    assert [answer.status for answer in answers] == [200, 404, 404]
    assert viewers.ask().status == 404
    assert origin.count("/x") == count


def test_the_whole_object_is_fetched_for_a_range_request(viewers: Viewers, origin: OriginServer) -> None:
    origin.pages["/x"] = Page(headers=TAGGED)

    part = viewers.ask(Range="bytes=0-1", If_None_Match='"2"', If_Modified_Since="Tue, 14 Nov 2023 22:13:20 GMT")
    whole = viewers.ask()
    same = viewers.ask(If_None_Match='"1"')

    assert (part.status, part.body, part.result) == (206, b"pa", "Miss")
    assert (whole.status, whole.body, whole.result) == (200, b"page", "Hit")
    assert (same.status, same.body) == (304, b"")
    (asked,) = origin.asked
    assert not {"Range", "If-None-Match", "If-Modified-Since"} & set(asked.headers)


def test_without_caching_a_viewers_conditions_are_forwarded_to_the_origin(
    origin: OriginServer, cache: WatchedCache
) -> None:
    caching = make_caching(default_ttl=0.0, max_ttl=0.0)
    viewers = Viewers(cache=cache, edge=make_edge(make_behaviour(make_origin(origin), caching)))
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=60", **TAGGED})

    answers = [viewers.ask(Range="bytes=0-1"), viewers.ask(If_None_Match='"1"'), viewers.ask()]

    assert [(answer.result, answer.status) for answer in answers] == [("Miss", 200), ("Miss", 304), ("Miss", 200)]
    sent = [(asked.headers["Range"], asked.headers["If-None-Match"]) for asked in origin.asked]
    assert sent == [("bytes=0-1", None), (None, '"1"'), (None, None)]
    assert len(cache) == 0


def test_unsafe_methods_always_reach_the_origin_and_are_not_cached(origin: OriginServer, cache: WatchedCache) -> None:
    behaviour = make_behaviour(make_origin(origin), methods=ALL_METHODS)
    viewers = Viewers(cache=cache, edge=make_edge(behaviour))
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=60"})

    results = [viewers.ask(method=method).result for method in ("POST", "POST", "PUT", "DELETE", "OPTIONS", "OPTIONS")]

    assert results == ["Miss"] * 6
    assert len(origin.asked) == 6
    assert len(cache) == 0


def test_options_responses_are_cached_if_the_behaviour_says_so(origin: OriginServer, cache: WatchedCache) -> None:
    behaviour = make_behaviour(
        make_origin(origin), methods=ALL_METHODS, cached_methods=frozenset({"GET", "HEAD", "OPTIONS"})
    )
    viewers = Viewers(cache=cache, edge=make_edge(behaviour))
    origin.pages["/x"] = Page()

    assert [viewers.ask(method="OPTIONS").result for _ in range(2)] == ["Miss", "Hit"]


def test_a_head_is_answered_by_a_whole_object_only_while_that_is_fresh(
    viewers: Viewers, origin: OriginServer, time: FakeTime
) -> None:
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=10, stale-while-revalidate=60", **TAGGED})
    viewers.ask()
    fresh = viewers.ask(method="HEAD")
    time.passes(10)
    later = viewers.ask(method="HEAD")

    assert (fresh.result, later.result) == ("Hit", "Miss")
    assert [(asked.method, asked.headers["If-None-Match"]) for asked in origin.asked] == [("GET", None), ("HEAD", None)]


def test_no_cache_responses_are_stored_for_revalidation_by_etag(
    viewers: Viewers, origin: OriginServer, cache: WatchedCache
) -> None:
    origin.pages["/x"] = Page(headers={"Cache-Control": "no-cache", **TAGGED})

    results = [viewers.ask().result for _ in range(3)]

    assert results == ["Miss", "RefreshHit", "RefreshHit"]
    assert len(cache) == 1


def test_a_revalidation_sets_a_new_lifetime(viewers: Viewers, origin: OriginServer, time: FakeTime) -> None:
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=10", **TAGGED})
    viewers.ask()
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=100", **TAGGED})
    results = []
    for seconds in (10, 99, 1):
        time.passes(seconds)
        results.append(viewers.ask().result)

    assert results == ["RefreshHit", "Hit", "RefreshHit"]


def test_an_invalidation_of_the_root_invalidates_the_default_root_object(
    viewers: Viewers, origin: OriginServer, cache: WatchedCache
) -> None:
    origin.pages["/index.html"] = Page()
    for invalidated in ("/", "/index.html", "/*"):
        for _ in range(2):
            answer = viewers.ask("/index.html", asked_path="/")
        assert answer.result == "Hit"
        cache.invalidate("D", [invalidated])
        assert len(cache) == 0, invalidated


def test_cookies_are_set_only_where_cookies_are_part_of_a_request() -> None:
    answer = Headers([("Set-Cookie", "session=1"), ("X-Own", "1")])
    taken = Inputs(cookies=Choice(behaviour="all"))

    assert "Set-Cookie" not in viewer_headers(make_caching(), answer)
    assert "Set-Cookie" in viewer_headers(make_caching(key=taken), answer)
    assert "Set-Cookie" in viewer_headers(make_caching(forwarded=taken), answer)


def test_headers_about_one_connection_reach_no_viewer() -> None:
    answer = Headers(
        [("Connection", "X-Hop, close"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("Age", "7"), ("X-Own", "1")]
    )

    assert list(viewer_headers(make_caching(), answer)) == [("X-Own", "1")]


def test_an_error_is_cached_even_if_nothing_else_is_and_after_an_invalidation(
    origin: OriginServer, cache: WatchedCache
) -> None:
    caching = make_caching(default_ttl=0.0, max_ttl=0.0)
    viewers = Viewers(cache=cache, edge=make_edge(make_behaviour(make_origin(origin), caching)))
    for times in (1, 2):
        assert [viewers.ask().status for _ in range(2)] == [404, 404]
        assert origin.count("/x") == times
        cache.invalidate("D", ["/*"])


def test_a_request_that_ends_without_a_response_leaves_no_other_waiting(viewers: Viewers, origin: OriginServer) -> None:
    # As when something of our own fails: those who waited ask for themselves.
    cache = viewers.cache
    key = ("D", "GET", "/x", "", "", "")
    flight, _ = cache.join(key)
    origin.pages["/x"] = Page()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(viewers.ask)
        assert isinstance(cache, WatchedCache)
        wait_until("the other to wait", lambda: cache.waiting == 1)
        cache.finish(flight, None)

        assert waiting.result(timeout=30).body == b"page"
