"""Dates that a viewer or an origin sends, beyond the calendar and on its edges, in every header that holds one."""

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from support.cloudfront_edge import Page, running_origin
from support.edge_parts import FakeTime, Viewers, make_behaviour, make_edge, make_origin, make_request
from thumbpipe_localstack.cloudfront.edge.cache.conditions import apply_conditions
from thumbpipe_localstack.cloudfront.edge.cache.entries import Cache
from thumbpipe_localstack.cloudfront.edge.cache.freshness import read_directives
from thumbpipe_localstack.cloudfront.edge.clock import parse_date
from thumbpipe_localstack.cloudfront.messages import EdgeResponse

BEYOND: Final = [
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 10000 00:00:00 GMT",
    "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT",
    "Mon, 01 Jan 2024 99999999999999999999:00:00 GMT",
    "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
    "Fri, 31 Dec 9999 23:59:59 -0100",
    "Mon, 01 Jan 2024",
    " ",
    "tomorrow",
]
MODIFIED: Final = "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize("date", BEYOND)
def test_a_date_beyond_the_calendar_is_none(date: str) -> None:
    assert parse_date(date) is None


@given(
    st.text()
    | st.from_regex(
        r"[A-Z][a-z]{2}, [0-9]{1,25} [A-Z][a-z]{2} [0-9]{1,25} [0-9:]{1,12} [-+]?[0-9A-Z]{1,25}", fullmatch=True
    )
)
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)

    assert found is None or found.tzinfo is UTC


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert parse_date("Tue, 14 Nov 2023 22:13:20 -0000") == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert parse_date("Tue, 14 Nov 2023 23:13:20 +0100") == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("date", BEYOND)
@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Unmodified-Since", "If-Range"])
def test_a_viewers_condition_beyond_the_calendar_is_ignored(header: str, date: str) -> None:
    response = EdgeResponse(status=200, headers=Headers({"Last-Modified": MODIFIED}), body=b"photo")
    request = make_request(**{header.replace("-", "_"): date, "Range": "bytes=0-1"})

    apply_conditions(request, response)

    assert (response.status, response.body) == ((200, b"photo") if header == "If-Range" else (206, b"ph"))


@pytest.mark.parametrize("date", BEYOND)
@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Unmodified-Since", "If-Range"])
def test_an_origins_last_modified_beyond_the_calendar_meets_no_condition(header: str, date: str) -> None:
    response = EdgeResponse(status=200, headers=Headers({"Last-Modified": date}), body=b"photo")

    apply_conditions(make_request(**{header.replace("-", "_"): MODIFIED}), response)

    assert (response.status, response.body) == (200, b"photo")


@pytest.mark.parametrize("date", BEYOND)
def test_an_origins_expires_beyond_the_calendar_is_in_the_past(date: str) -> None:
    assert read_directives(Headers({"Expires": date}), 0.0).lifetime == 0


@pytest.mark.parametrize("header", ["Expires", "Last-Modified", "Date", "Age", "Set-Cookie", "Retry-After"])
def test_an_answer_with_such_a_date_reaches_the_viewer(header: str) -> None:
    with running_origin() as origin:
        value = f"a=1; Expires={BEYOND[0]}" if header == "Set-Cookie" else BEYOND[0]
        origin.pages["/x"] = Page(headers={header: value, "ETag": '"1"'})
        viewers = Viewers(cache=Cache(1_000_000, FakeTime().clock), edge=make_edge(make_behaviour(make_origin(origin))))

        answers = [viewers.ask(), viewers.ask()]

    assert [answer.status for answer in answers] == [200, 200]


@pytest.mark.parametrize("directive", ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"])
def test_a_lifetime_of_any_length_is_one(directive: str) -> None:
    with running_origin() as origin:
        time = FakeTime()
        origin.pages["/x"] = Page(headers={"Cache-Control": f"{directive}={'9' * 5000}"})
        viewers = Viewers(cache=Cache(1_000_000, time.clock), edge=make_edge(make_behaviour(make_origin(origin))))
        first = viewers.ask().status
        time.passes(10**8)

        assert (first, viewers.ask().status) == (200, 200)
