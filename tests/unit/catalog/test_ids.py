import re
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbpipe.core.catalog.ids import ENTROPY_BYTES, hashed_id, id_of, is_id, new_id
from thumbpipe.core.catalog.object_keys import raw_key

NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
ULID: Final = "01JDHM4V9R8Q2Z6T3X5Y7W1K0N"


def test_an_id_is_a_ulid() -> None:
    # The example of the ULID specification.
    at = datetime.fromtimestamp(1469918176.385, UTC)
    assert new_id(at, bytes(ENTROPY_BYTES)) == "01ARYZ6S410000000000000000"
    assert new_id(at, b"\xff" * ENTROPY_BYTES) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ"


@given(st.integers(0, 10**12), st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_time(milliseconds: int, first: bytes, second: bytes) -> None:
    early = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    late = early + timedelta(milliseconds=2)
    assert new_id(early, first) < new_id(late, second)


def test_an_id_takes_ten_random_bytes() -> None:
    with pytest.raises(ValueError, match="10 random bytes, not 9"):
        new_id(NOON, bytes(9))


def test_a_reserved_key_stands_for_its_own_id() -> None:
    image_id = new_id(NOON, b"0123456789")
    assert raw_key(image_id, "image/jpeg") == f"raw/{image_id}.jpg"
    assert id_of(raw_key(image_id, "image/heic")) == image_id


@pytest.mark.parametrize(
    "key",
    [
        "raw/cat.jpg",
        f"raw/{ULID}",
        f"raw/{ULID}.JPG",
        f"raw/{ULID.lower()}.jpg",
        f"raw/{ULID}.jpeg",
        f"raw/{ULID}.jpg\n",
        f"raw/{ULID}.jpg.jpg",
        f"raw/sub/{ULID}.jpg",
        f"raw/8{ULID[1:]}.jpg",
        f"raw/{ULID[:-1]}U.jpg",
        "raw/ b+c%20d ü 🐈/../x",
        "raw/" + "ü" * 510,
        "raw/",
    ],
)
def test_any_other_key_stands_for_its_hash(key: str) -> None:
    assert id_of(key) == hashed_id(key)
    assert re.fullmatch(r"[A-Z2-7]{26}", hashed_id(key))
    assert is_id(hashed_id(key))


def test_a_hashed_id_never_changes() -> None:
    assert hashed_id("raw/cat.jpg") == "HC4426NIAHBMEKMCXD6T7FP7HL"


def test_similar_keys_have_different_ids() -> None:
    keys = ["raw/a b", "raw/a+b", "raw/a%20b", "raw/A b", "raw/a  b", "raw/./a b", "raw/é", "raw/e\u0301"]
    assert len({id_of(key) for key in keys}) == len(keys)


@pytest.mark.parametrize("text", ["", "months", ULID.lower(), ULID[:-1], f"{ULID}0", f"{ULID}\n", f"../{ULID[3:]}"])
def test_a_malformed_id_is_not_an_id(text: str) -> None:
    assert not is_id(text)
