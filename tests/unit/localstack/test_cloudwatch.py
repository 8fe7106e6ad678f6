"""How log events are split into calls."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from thumbpipe_localstack.cloudwatch import batches

# PutLogEvents' own bounds.
MOST_BYTES: Final = 1_048_576
MOST_EVENTS: Final = 10_000
OVERHEAD: Final = 26


@given(st.lists(st.sampled_from([0, 1, 1_000, 200_000, 262_118]), max_size=40))
def test_no_call_exceeds_cloudwatchs_limits_and_no_event_is_lost(sizes: list[int]) -> None:
    events = [(number, "x" * size) for number, size in enumerate(sizes)]

    parted = list(batches(events))

    assert [event for batch in parted for event in batch] == events
    assert all(batch for batch in parted)
    assert all(len(batch) <= MOST_EVENTS for batch in parted)
    assert all(sum(len(text) + OVERHEAD for _, text in batch) <= MOST_BYTES for batch in parted)


def test_many_short_events_are_parted_by_their_number() -> None:
    events = [(number, "") for number in range(25_000)]

    assert max(map(len, batches(events))) <= MOST_EVENTS
    assert sum(map(len, batches(events))) == len(events)
