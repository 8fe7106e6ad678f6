import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbpipe.core.catalog.ids import ENTROPY_BYTES, hashed_id, id_of, is_id, new_id
from thumbpipe.core.catalog.object_keys import filename_of, raw_key, rendition_key, version_in, version_of
from thumbpipe.core.delivery.photo_event import comparable_sequencer

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ULID = "01JDHM4V9R8Q2Z6T3X5Y7W1K0N"


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


def test_a_promised_key_stands_for_its_own_id() -> None:
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


def test_keys_that_look_alike_have_ids_of_their_own() -> None:
    keys = ["raw/a b", "raw/a+b", "raw/a%20b", "raw/A b", "raw/a  b", "raw/./a b", "raw/é", "raw/e\u0301"]
    assert len({id_of(key) for key in keys}) == len(keys)


@pytest.mark.parametrize("text", ["", "months", ULID.lower(), ULID[:-1], f"{ULID}0", f"{ULID}\n", f"../{ULID[3:]}"])
def test_what_has_not_the_form_of_an_id_is_none(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("raw/cat.jpg", "cat.jpg"),
        ("raw/a/b/cat 1+1.JPG", "cat 1+1.JPG"),
        ("raw/no-extension", "no-extension"),
        ("raw/folder/", "folder"),
        ("raw/../x", "x"),
        ("raw/" + "a" * 1016 + ".jpg", "a" * 251 + ".jpg"),
    ],
)
def test_a_photo_nobody_promised_is_named_by_its_key(key: str, name: str) -> None:
    assert filename_of(key) == name


def test_a_rendition_is_named_by_image_version_width_and_format() -> None:
    version = version_of('"9b2cf535f27731c974343645a3985328-12"')
    key = rendition_key(ULID, version, 320, "webp")
    assert key == f"thumbs/{ULID}/9b2cf535/320.webp"
    assert version_in(key) == version


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
