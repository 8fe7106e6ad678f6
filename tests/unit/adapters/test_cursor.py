import string
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.aws import CURSOR_KEY_PARAMETER, FakeAWS
from thumbpipe.adapters.cursor import CursorSealer, InvalidCursorError, key_from_ssm

SORT_KEY: Final = "2026-11-25T12:00:00.000000Z#01JDHM4V9R8Q2Z6T3X5Y7W1K0N"


def test_a_cursor_is_opened_as_it_was_sealed() -> None:
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


def _sealed_in(alphabet: str) -> str:
    """A cursor that has one of these characters in it."""
    cursors = CursorSealer(lambda: b"secret")
    return next(cursor for number in range(1000) if set(alphabet) & set(cursor := cursors.seal(f"{SORT_KEY}-{number}")))


@pytest.mark.parametrize(
    "extra",
    ["=", "==", "===", "====", " ", "\n", "\r\n", "\t", "\0", "!", "\N{NO-BREAK SPACE}", "é", "\ud800", "A", "AAAA"],
)
@pytest.mark.parametrize("length", range(6))
def test_a_cursor_with_anything_before_behind_or_within_it_is_refused(extra: str, length: int) -> None:
    """Sort keys of all lengths: bytes fill a character's bits in three ways."""
    cursors = CursorSealer(lambda: b"secret")
    cursor = cursors.seal("x" * length)
    for other in (cursor + extra, extra + cursor, cursor[:9] + extra + cursor[9:]):
        with pytest.raises(InvalidCursorError):
            cursors.open(other)


@pytest.mark.parametrize("length", range(6))
def test_a_cursor_with_any_one_character_changed_is_refused(length: int) -> None:
    """The last character's unused bits stand for nothing, and are zero all the same."""
    cursors = CursorSealer(lambda: b"secret")
    cursor = cursors.seal("x" * length)
    for place, own in enumerate(cursor):
        for other in set(string.ascii_letters + string.digits + "-_+/=") - {own}:
            with pytest.raises(InvalidCursorError):
                cursors.open(cursor[:place] + other + cursor[place + 1 :])


@pytest.mark.parametrize(("own", "other"), [("-", "+"), ("_", "/")])
def test_a_cursor_in_the_other_alphabet_is_refused(own: str, other: str) -> None:
    cursor = _sealed_in(own)
    with pytest.raises(InvalidCursorError):
        CursorSealer(lambda: b"secret").open(cursor.replace(own, other))


def test_an_empty_cursor_is_refused() -> None:
    with pytest.raises(InvalidCursorError):
        CursorSealer(lambda: b"secret").open("")


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
