"""How long responses are cached, with a fake clock and an origin in this process."""

import threading
from collections.abc import Iterator
from email.utils import formatdate
from typing import Final

import pytest

from support.cloudfront_edge import OriginServer, Page, running_origin
from support.edge_parts import NOW, FakeTime, Viewers, make_behaviour, make_caching, make_edge, make_origin
from support.waiting import wait_until
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache
from thumbpipe_localstack.cloudfront.edge.model.distribution import ErrorRule

TAGGED: Final = {"ETag": '"1"'}
MOMENT: Final = 0.001


@pytest.fixture
def origin() -> Iterator[OriginServer]:
    with running_origin() as server:
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def viewers(origin: OriginServer, time: FakeTime) -> Viewers:
    """Viewers of a distribution that keeps what the origin lets it keep."""
    cache = Cache(1_000_000, time.clock)
    return Viewers(cache=cache, edge=make_edge(make_behaviour(make_origin(origin))))


def test_a_cached_response_has_its_age_in_whole_seconds(viewers: Viewers, origin: OriginServer, time: FakeTime) -> None:
    origin.pages["/x"] = Page()
    first = viewers.ask()
    assert (first.result, first.headers.get("Age")) == ("Miss", None)

    ages = []
    for _ in range(3):
        ages.append(viewers.ask().headers["Age"])
        time.passes(0.6)

    assert ages == ["0", "0", "1"]
    assert origin.count("/x") == 1


def test_a_stale_object_is_revalidated_by_its_etag(viewers: Viewers, origin: OriginServer, time: FakeTime) -> None:
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=10", **TAGGED})
    results = [viewers.ask().result]
    for seconds in (10 - MOMENT, MOMENT, 10 - MOMENT, MOMENT):
        time.passes(seconds)
        results.append(viewers.ask().result)
    origin.pages["/x"] = Page(b"new", headers={"Cache-Control": "max-age=10", "ETag": '"2"'})
    time.passes(10)
    changed = viewers.ask()

    assert results == ["Miss", "Hit", "RefreshHit", "Hit", "RefreshHit"]
    assert (changed.result, changed.body) == ("Miss", b"new")
    assert [each.headers.get("If-None-Match") for each in origin.asked] == [None, '"1"', '"1"', '"1"']


def test_a_confirmed_answer_is_as_young_as_its_confirmation(
    viewers: Viewers, origin: OriginServer, time: FakeTime
) -> None:
    origin.pages["/x"] = Page(headers={"Cache-Control": "max-age=10", **TAGGED})
    viewers.ask()
    time.passes(10)

    assert viewers.ask().headers["Age"] == "0"


def test_a_response_is_cached_until_the_origins_expiry_date(
    viewers: Viewers, origin: OriginServer, time: FakeTime
) -> None:
    origin.pages["/x"] = Page(headers={"Expires": formatdate(NOW + 60, usegmt=True)})
    viewers.ask()
    time.passes(60 - MOMENT)
    before = viewers.ask().result
    time.passes(MOMENT)

    assert (before, viewers.ask().result) == ("Hit", "Miss")


def test_stale_answers_go_out_while_a_new_one_is_fetched(
    viewers: Viewers, origin: OriginServer, time: FakeTime
) -> None:
    headers = {"Cache-Control": "max-age=1, stale-while-revalidate=60"}
    origin.pages["/x"] = Page(b"old", headers=headers)
    viewers.ask()
    time.passes(60)
    may_answer = threading.Event()
    origin.pages["/x"] = Page(b"new", headers=headers, gate=may_answer)

    stale = [viewers.ask() for _ in range(3)]
    wait_until("the origin to be asked", lambda: origin.count("/x") == 2)
    may_answer.set()

    assert [(answer.body, answer.result) for answer in stale] == [(b"old", "Hit")] * 3
    wait_until("the new answer", lambda: viewers.ask().body == b"new")
    assert origin.count("/x") == 2, "one of the three has it fetched"


def test_stale_responses_are_only_served_for_as_long_as_the_origin_allows(
    viewers: Viewers, origin: OriginServer, time: FakeTime
) -> None:
    headers = {"Cache-Control": "max-age=1, stale-while-revalidate=60"}
    origin.pages["/x"] = Page(b"old", headers=headers)
    viewers.ask()
    time.passes(61)
    origin.pages["/x"] = Page(b"new", headers=headers)

    assert viewers.ask().body == b"new"


@pytest.mark.parametrize(
    ("directive", "seconds", "outcome"),
    [
        ("", 10, (200, b"old")),
        ("", 86_400, (200, b"old")),
        (", stale-if-error=60", 70 - MOMENT, (200, b"old")),
        (", stale-if-error=60", 70, (503, b"broken")),
        (", stale-if-error=0", 10, (503, b"broken")),
    ],
)
def test_stale_responses_are_served_if_the_origin_fails_unless_it_forbids_that(  # noqa: PLR0913 - three are fixtures
    viewers: Viewers,
    origin: OriginServer,
    time: FakeTime,
    *,
    directive: str,
    seconds: float,
    outcome: tuple[int, bytes],
) -> None:
    origin.pages["/x"] = Page(b"old", headers={"Cache-Control": f"max-age=10{directive}"})
    viewers.ask()
    time.passes(seconds)
    origin.pages["/x"] = Page(b"broken", 503)
    answers = [viewers.ask(), viewers.ask()]

    assert [(answer.status, answer.body) for answer in answers] == [outcome] * 2
    assert origin.count("/x") == 2, "the origin is left alone for a while after it failed"
    time.passes(10)  # by default an error is kept for ten seconds
    viewers.ask()
    assert origin.count("/x") == 3


def test_an_error_is_not_served_as_stale_for_the_next_error(
    viewers: Viewers, origin: OriginServer, time: FakeTime
) -> None:
    first = viewers.ask()
    time.passes(10)
    origin.pages["/x"] = Page(b"broken", 503)

    assert (first.status, viewers.ask().status) == (404, 503)


def test_an_error_is_cached_for_the_distributions_minimum_ttl(origin: OriginServer, time: FakeTime) -> None:
    errors = {404: ErrorRule(page="", status=404, min_ttl=3)}
    edge = make_edge(make_behaviour(make_origin(origin)), errors=errors)
    viewers = Viewers(cache=Cache(1_000_000, time.clock), edge=edge)
    statuses = [viewers.ask().status]
    origin.pages["/x"] = Page()
    for seconds in (3 - MOMENT, MOMENT):
        time.passes(seconds)
        statuses.append(viewers.ask().status)

    assert statuses == [404, 404, 200]


def test_times_of_the_policy_limit_those_of_the_origin(origin: OriginServer, time: FakeTime) -> None:
    caching = make_caching(min_ttl=5.0, default_ttl=7.0, max_ttl=10.0)
    edge = make_edge(make_behaviour(make_origin(origin), caching))
    viewers = Viewers(cache=Cache(1_000_000, time.clock), edge=edge)
    for path, directive in (("/short", "max-age=1"), ("/long", "max-age=3600"), ("/silent", "")):
        origin.pages[path] = Page(headers={"Cache-Control": directive} if directive else {})

    kept = {}
    for path in origin.pages:
        viewers.ask(path)
        kept[path] = 0
        while viewers.ask(path).result == "Hit":
            time.passes(1)
            kept[path] += 1

    assert kept == {"/short": 5, "/long": 10, "/silent": 7}
