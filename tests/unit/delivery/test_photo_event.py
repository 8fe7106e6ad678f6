import pytest

from thumbpipe.core.delivery.photo_event import comparable_sequencer


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6"),
        ("0055AED6DCD90281E5", "0055AED6DCD90281E501"),
        ("0055aed6dcd90281e5", "0055AED6DCD90281E6"),
        ("0A", "0B00"),
    ],
)
def test_sequencers_compare_by_their_digits_from_the_left(older: str, newer: str) -> None:
    assert comparable_sequencer(older) < comparable_sequencer(newer)
    assert comparable_sequencer(older) == comparable_sequencer(older.lower() + "00")
