"""Parts of CloudFront's data plane that need no engine."""

import threading
import time
from typing import Final

import pytest
from werkzeug.datastructures import Headers

from support.edge_parts import NOW, make_caching, make_request
from thumbpipe_localstack.cloudfront.edge.cache.cache_key import accepted_encoding, cache_key
from thumbpipe_localstack.cloudfront.edge.cache.conditions import apply_conditions
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache, Entry
from thumbpipe_localstack.cloudfront.edge.cache.freshness import lifetime_of
from thumbpipe_localstack.cloudfront.edge.model.caching import Choice, Inputs, choose_cookies, choose_query
from thumbpipe_localstack.cloudfront.edge.model.distribution import ErrorRule
from thumbpipe_localstack.cloudfront.edge.model.path_patterns import compile_path_pattern, normalise
from thumbpipe_localstack.cloudfront.messages import EdgeResponse, ViewerRequest

LATER: Final = "Tue, 14 Nov 2023 22:14:20 GMT"  # a minute after NOW
EARLIER: Final = "Tue, 14 Nov 2023 22:12:20 GMT"


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/thumbs/*", "/thumbs/a.jpg", True),
        ("thumbs/*", "/thumbs/a/b.jpg", True),
        ("/thumbs/*", "/thumbs", False),
        ("/thumbs/*", "/Thumbs/a.jpg", False),
        ("*.jpg", "/a/b.jpg", True),
        ("*.jpg", "/a/b.jpeg", False),
        ("/a?.png", "/ab.png", True),
        ("/a?.png", "/a.png", False),
        ("/a.b", "/axb", False),
        ("/a[b]", "/ab", False),
        ("/*", "/", True),
    ],
)
def test_a_path_pattern_has_wildcards_and_minds_case(pattern: str, path: str, *, fits: bool) -> None:
    assert bool(compile_path_pattern(pattern).fullmatch(path)) is fits


@pytest.mark.parametrize(
    ("path", "compared"),
    [
        ("/a/b", "/a/b"),
        ("/thumbs/../raw/x", "/raw/x"),
        ("/thumbs/%2e%2e/raw/x", "/raw/x"),
        ("/thumbs/.%2E/raw/x", "/raw/x"),
        ("/thumbs/./x", "/thumbs/x"),
        ("//raw//x", "/raw/x"),
        ("/../../x", "/x"),
        ("/a/..", "/"),
        ("/%72aw/x", "/raw/x"),
        ("/thumbs%2fx", "/thumbs%2Fx"),
        ("/%252e%252e/x", "/%252e%252e/x"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a/...", "/a/..."),
    ],
)
def test_behaviours_are_chosen_by_a_normalised_path(path: str, compared: str) -> None:
    assert normalise(path) == compared


@pytest.mark.parametrize(
    ("cache_control", "times", "seconds"),
    [
        ("", {}, 86_400),
        ("max-age=60", {}, 60),
        ("max-age=60, s-maxage=90", {}, 90),
        ("max-age=60", {"min_ttl": 300.0}, 300),
        ("max-age=600", {"max_ttl": 300.0}, 300),
        ("", {"min_ttl": 90_000.0}, 90_000),
        ("no-store", {}, 0),
        ("private, max-age=60", {}, 0),
        ("no-cache", {"min_ttl": 5.0}, 5),
        ("max-age=soon", {}, 0),
        ('max-age="60"', {}, 60),
        ("MAX-AGE=60", {}, 60),
        ("max-age=60, max-age=90", {}, 60),
    ],
)
def test_an_objects_lifetime_is_between_minimum_and_maximum_ttl(
    cache_control: str, times: dict[str, float], seconds: float
) -> None:
    headers = Headers([("Cache-Control", cache_control)] if cache_control else [])

    assert lifetime_of({}, make_caching(**times), 200, headers, NOW).fresh == seconds


@pytest.mark.parametrize(("expires", "seconds"), [(LATER, 60), (EARLIER, 0), ("0", 0)])
def test_expires_counts_without_max_age(expires: str, seconds: float) -> None:
    headers = Headers([("Expires", expires)])

    assert lifetime_of({}, make_caching(), 200, headers, NOW).fresh == seconds
    headers.add("Cache-Control", "max-age=7")
    assert lifetime_of({}, make_caching(), 200, headers, NOW).fresh == 7


@pytest.mark.parametrize(
    ("status", "cache_control", "seconds"),
    [
        (404, "", 10),
        (500, "", 10),
        (503, "no-store", 10),
        (404, "no-store", 0),
        (404, "max-age=60", 60),
        (404, "max-age=1", 10),
        (403, "", 0),
        (403, "max-age=60", 60),
        (400, "no-store", 0),
        (401, "max-age=60", 0),
        (416, "", 0),
        (206, "max-age=60", 0),
    ],
)
def test_errors_have_their_own_caching_rules(status: int, cache_control: str, seconds: float) -> None:
    headers = Headers([("Cache-Control", cache_control)] if cache_control else [])

    assert lifetime_of({}, make_caching(max_ttl=100.0), status, headers, NOW).fresh == seconds


def test_a_distribution_sets_the_least_time_of_an_error() -> None:
    rules = {404: ErrorRule(page="", status=404, min_ttl=3)}

    assert lifetime_of(rules, make_caching(max_ttl=0.0), 404, Headers(), NOW).fresh == 3


def test_stale_responses_are_served_for_as_long_as_the_origin_says() -> None:
    headers = Headers([("Cache-Control", "max-age=1, stale-while-revalidate=20, stale-if-error=30")])

    lifetime = lifetime_of({}, make_caching(), 200, headers, NOW)

    assert (lifetime.stale_while_revalidate, lifetime.stale_if_error) == (20, 30)
    assert lifetime_of({}, make_caching(), 200, Headers(), NOW).stale_if_error is None


@pytest.mark.parametrize(
    ("behaviour", "names", "kept"),
    [
        ("none", (), ""),
        ("all", (), "b=2&a=1&a=3&c"),
        ("whitelist", ("a",), "a=1&a=3"),
        ("allExcept", ("a",), "b=2&c"),
        ("whitelist", ("A",), ""),
    ],
)
def test_query_parameters_are_chosen_by_policy(behaviour: str, names: tuple[str, ...], kept: str) -> None:
    choice = Choice(behaviour=behaviour, names=frozenset(names))

    assert choose_query("b=2&a=1&a=3&c", (choice,)) == kept


def test_cookies_are_chosen_by_name_or_wildcard() -> None:
    headers = Headers([("Cookie", "session=1; theme=dark"), ("Cookie", "session-b=2; x=y=z")])

    assert choose_cookies(headers, [Choice(behaviour="whitelist", names=frozenset({"session*"}))]) == (
        "session=1; session-b=2"
    )
    assert choose_cookies(headers, [Choice(behaviour="allExcept", names=frozenset({"session*"}))]) == (
        "theme=dark; x=y=z"
    )


@pytest.mark.parametrize(
    ("sent", "normalised"),
    [
        ("gzip, deflate, br", "br,gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("deflate", ""),
        ("gzip;q=0.5", "gzip"),
        ("*", ""),
    ],
)
def test_accept_encoding_is_normalised(sent: str, normalised: str) -> None:
    assert accepted_encoding(make_caching(gzip=True, brotli=True), Headers([("Accept-Encoding", sent)])) == normalised
    assert accepted_encoding(make_caching(), Headers([("Accept-Encoding", sent)])) == ""


def test_the_cache_key_contains_only_what_the_policy_selects() -> None:
    caching = make_caching(
        key=Inputs(
            headers=Choice(behaviour="whitelist", names=frozenset({"x-lang"})),
            query=Choice(behaviour="whitelist", names=frozenset({"v"})),
        )
    )

    def key(request: ViewerRequest) -> tuple[str, ...]:
        return cache_key("D", caching, request, "")

    base = key(make_request("/x", "v=1", X_Lang="en", Cookie="a=1"))
    assert base == key(make_request("/x", "w=2&v=1", X_Lang="en", User_Agent="other"))
    others = [make_request("/x", "v=2", X_Lang="en"), make_request("/x", "v=1"), make_request("/X")]
    assert len({base, *map(key, others)}) == 4


def _entry(path: str, size: int = 10, query: str = "", distribution: str = "D") -> Entry:
    now = time.monotonic()
    return Entry(
        key=(distribution, "GET", path, query, "", ""),
        asked_path=path,
        status=200,
        headers=(),
        body=b"x" * size,
        stored_at=now,
        fresh_until=now + 60,
        stale_until=now + 60,
        error_until=None,
    )


def _store(cache: Cache, entry: Entry) -> None:
    flight, is_first = cache.join(entry.key)
    assert is_first
    cache.finish(flight, entry)


def test_the_least_recently_used_is_thrown_out_at_the_limit() -> None:
    cache = Cache(10 * (1000 + 1024))
    entries = [_entry(f"/{number}", 1000) for number in range(11)]
    for entry in entries[:10]:
        _store(cache, entry)
    assert cache.get(entries[0].key) is entries[0]

    _store(cache, entries[10])

    assert cache.get(entries[0].key) is entries[0]
    assert cache.get(entries[1].key) is None
    assert cache.get(entries[10].key) is entries[10]
    assert cache.size == 10 * (1000 + 1024)


def test_an_object_as_large_as_the_cache_is_not_cached() -> None:
    cache = Cache(100_000)
    _store(cache, _entry("/small"))
    _store(cache, _entry("/large", 90_000))

    assert len(cache) == 1


@pytest.mark.parametrize(
    ("invalidated", "gone"),
    [
        ("/a/1.jpg", {"/a/1.jpg"}),
        ("a/1.jpg", {"/a/1.jpg"}),
        ("/a/*", {"/a/1.jpg", "/a/1.jpg?v=1", "/a/2%20b.jpg"}),
        ("/a/1.jpg*", {"/a/1.jpg", "/a/1.jpg?v=1"}),
        ("/a/1.jpg?v=1", {"/a/1.jpg?v=1"}),
        ("/a/2 b.jpg", {"/a/2%20b.jpg"}),
        ("/A/*", set()),
        ("/*", {"/a/1.jpg", "/a/1.jpg?v=1", "/a/2%20b.jpg", "/b"}),
    ],
)
def test_an_invalidation_removes_only_its_paths(invalidated: str, gone: set[str]) -> None:
    cache = Cache(1_000_000)
    paths = ("/a/1.jpg", "/a/1.jpg?v=1", "/a/2%20b.jpg", "/b")
    entries = {path: _entry(path.partition("?")[0], query=path.partition("?")[2]) for path in paths}
    other = _entry("/a/1.jpg", distribution="E")
    for entry in (*entries.values(), other):
        _store(cache, entry)

    cache.invalidate("D", [invalidated])

    assert {path for path, entry in entries.items() if cache.get(entry.key) is None} == gone
    assert cache.get(other.key) is other


def test_a_fetch_in_progress_during_an_invalidation_is_neither_cached_nor_joined() -> None:
    cache = Cache(1_000_000)
    entry = _entry("/a")
    flight, _ = cache.join(entry.key)

    cache.invalidate("D", ["/a"])
    later, is_first = cache.join(entry.key)
    cache.finish(flight, entry)

    assert is_first
    assert later is not flight
    assert cache.get(entry.key) is None


def test_a_fetch_in_progress_survives_an_invalidation_of_another_distribution() -> None:
    cache = Cache(1_000_000)
    entry = _entry("/a", distribution="E")
    flight, _ = cache.join(entry.key)

    cache.invalidate("D", ["/*"])

    assert cache.join(entry.key) == (flight, False)
    cache.finish(flight, entry)
    assert cache.get(entry.key) is entry


def test_those_who_wait_get_the_answer_of_the_first() -> None:
    cache = Cache(1_000_000)
    entry = _entry("/a")
    flight, _ = cache.join(entry.key)
    joined, is_first = cache.join(entry.key)
    threading.Timer(0.05, cache.finish, (flight, entry)).start()

    assert not is_first
    assert joined.wait() is entry


def _whole(**headers: str) -> EdgeResponse:
    known = {"ETag": '"tag"', "Last-Modified": EARLIER}
    return EdgeResponse(status=200, headers=Headers([*known.items(), *headers.items()]), body=b"0123456789")


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({"Range": "bytes=0-3"}, 206, b"0123"),
        ({"Range": "bytes=8-"}, 206, b"89"),
        ({"Range": "bytes=-3"}, 206, b"789"),
        ({"Range": "bytes=5-100"}, 206, b"56789"),
        ({"Range": "bytes=10-"}, 416, b""),
        ({"Range": "bytes=-0"}, 416, b""),
        ({"Range": "bytes=3-1"}, 200, b"0123456789"),
        ({"Range": "bytes=-"}, 200, b"0123456789"),
        ({"Range": "bytes=0-1,3-4"}, 200, b"0123456789"),
        ({"Range": "lines=0-1"}, 200, b"0123456789"),
        ({"Range": "bytes=0-1", "If-Range": '"tag"'}, 206, b"01"),
        ({"Range": "bytes=0-1", "If-Range": '"other"'}, 200, b"0123456789"),
        ({"Range": "bytes=0-1", "If-Range": EARLIER}, 206, b"01"),
        ({"If-None-Match": '"tag"'}, 304, b""),
        ({"If-None-Match": 'W/"tag"'}, 304, b""),
        ({"If-None-Match": '"other", "tag"'}, 304, b""),
        ({"If-None-Match": "*"}, 304, b""),
        ({"If-None-Match": '"other"', "If-Modified-Since": LATER}, 200, b"0123456789"),
        ({"If-Modified-Since": LATER}, 304, b""),
        ({"If-Modified-Since": "yesterday"}, 200, b"0123456789"),
        ({"If-Match": '"other"'}, 412, b""),
        ({"If-Match": '"tag"'}, 200, b"0123456789"),
        ({"If-Unmodified-Since": "Tue, 14 Nov 2023 22:00:00 GMT"}, 412, b""),
    ],
)
def test_conditions_and_ranges_are_answered_from_a_whole_object(
    headers: dict[str, str], status: int, body: bytes
) -> None:
    response = _whole()
    request = make_request()
    request.headers.extend(headers)

    apply_conditions(request, response)

    assert (response.status, response.body) == (status, body)


def test_a_part_says_which_it_is() -> None:
    response = _whole()
    request = make_request(Range="bytes=2-4")

    apply_conditions(request, response)

    assert response.headers["Content-Range"] == "bytes 2-4/10"


def test_cache_entries_of_a_deleted_distribution_are_removed() -> None:
    cache = Cache(1_000_000)
    kept, gone = _entry("/a"), _entry("/a", distribution="E")
    for entry in (kept, gone):
        _store(cache, entry)
    late = _entry("/late", distribution="E")
    flight, _ = cache.join(late.key)

    cache.keep_only(["D"])
    cache.finish(flight, late)

    assert cache.get(kept.key) is kept
    assert len(cache) == 1
    assert cache.size == kept.size


def test_an_uncacheable_response_evicts_the_cached_one() -> None:
    cache = Cache(1_000_000)
    older, newer = _entry("/a"), _entry("/a")
    _store(cache, older)
    newer.may_keep = False
    _store(cache, newer)

    assert cache.get(older.key) is None
    assert cache.size == 0
