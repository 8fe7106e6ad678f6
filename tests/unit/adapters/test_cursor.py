import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import CURSOR_KEY_PARAMETER, FakeAWS
from thumbpipe.adapters.cursor import CursorSealer, InvalidCursorError, key_from_ssm

SORT_KEY = "2026-11-25T12:00:00.000000Z#01JDHM4V9R8Q2Z6T3X5Y7W1K0N"


def test_a_cursor_comes_back_as_it_was_sealed() -> None:
    cursors = CursorSealer(lambda: b"secret")
    assert cursors.open(cursors.seal(SORT_KEY)) == SORT_KEY


def test_a_cursor_shows_nothing_but_url_safe_characters() -> None:
    cursor = CursorSealer(lambda: b"secret").seal(SORT_KEY)
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_cursor_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidCursorError):
        CursorSealer(lambda: b"other").open(CursorSealer(lambda: b"secret").seal(SORT_KEY))


@given(st.text())
def test_an_invented_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursorError):
        CursorSealer(lambda: b"secret").open(text)


def test_the_key_is_fetched_once_and_only_when_needed() -> None:
    fetched: list[bytes] = []

    def fetch() -> bytes:
        fetched.append(b"secret")
        return b"secret"

    cursors = CursorSealer(fetch)
    assert fetched == []
    cursors.seal(SORT_KEY)
    cursors.seal(SORT_KEY)
    assert len(fetched) == 1


def test_the_key_is_a_secret_parameter(aws: FakeAWS) -> None:
    assert key_from_ssm(aws.ssm, CURSOR_KEY_PARAMETER) == b"secret of the tests"
