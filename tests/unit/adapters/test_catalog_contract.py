"""The contract that the core relies on, for both the adapter and its fake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from fakes.aws import TABLE, FakeAWS
from fakes.catalog import FakeCatalog
from fakes.values import NOON, failed, pending, ready
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.core.catalog.catalog import Catalog, IdTakenError, SupersededError
from thumbpipe.core.catalog.image import PROCESSING_FAILED, Failure, Image


@pytest.fixture(params=["fake", "dynamodb", "dynamodb with 3 shards"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    if request.param == "fake":
        return FakeCatalog()
    aws: FakeAWS = request.getfixturevalue("aws")
    return DynamoDBCatalog(aws.dynamodb, TABLE, shards=3 if "shards" in request.param else 1)


def test_an_unknown_image_is_none(catalog: Catalog) -> None:
    assert catalog.get("01JD0000000000000000000000") is None


def test_a_reservation_is_read_back(catalog: Catalog) -> None:
    catalog.reserve(pending())
    assert catalog.get(pending().id) == pending()


def test_an_id_is_reserved_once(catalog: Catalog) -> None:
    catalog.reserve(pending())
    with pytest.raises(IdTakenError):
        catalog.reserve(pending(filename="other.jpg"))
    assert catalog.get(pending().id) == pending()


@pytest.mark.parametrize("image", [ready(), failed()], ids=["ready", "failed"])
def test_a_result_without_a_reservation_is_read_back(catalog: Catalog, image: Image) -> None:
    assert catalog.record(image) is None
    assert catalog.get(image.id) == image


def test_a_result_keeps_name_and_time_of_its_reservation_and_ends_its_expiry(catalog: Catalog) -> None:
    catalog.reserve(pending())
    result = ready(filename="01JD.jpg", created_at=NOON + timedelta(days=40))
    assert catalog.record(result) == pending()
    assert catalog.get(result.id) == ready()
    assert catalog.page(before=None, limit=2, now=NOON) == [ready()]


def test_a_newer_result_replaces_every_detail_of_an_older(catalog: Catalog) -> None:
    catalog.record(ready(sequencer="01"))
    assert catalog.record(failed(sequencer="02")) == ready(sequencer="01")
    assert catalog.get(ready().id) == failed(sequencer="02")


@pytest.mark.parametrize("sequencer", ["01", "02"])
def test_a_result_that_is_not_newer_is_refused(catalog: Catalog, sequencer: str) -> None:
    catalog.record(ready(sequencer="02"))
    with pytest.raises(SupersededError):
        catalog.record(failed(sequencer=sequencer))
    assert catalog.get(ready().id) == ready(sequencer="02")


def test_sequencers_of_different_length_compare_as_if_zeros_followed(catalog: Catalog) -> None:
    catalog.record(ready(sequencer="0A"))
    with pytest.raises(SupersededError):
        catalog.record(ready(sequencer="0A00"))
    catalog.record(ready(sequencer="0A01"))


@pytest.mark.parametrize("sequencer", ["01", "02", "03"])
@pytest.mark.parametrize("entry", [pending(), ready(sequencer="02"), failed(sequencer="02")])
def test_another_photo_cannot_take_an_id_whether_its_event_is_newer_or_not(
    catalog: Catalog, entry: Image, sequencer: str
) -> None:
    if entry.sequencer is None:
        catalog.reserve(entry)
    else:
        catalog.record(entry)
    with pytest.raises(IdTakenError):
        catalog.record(ready(source_key=f"raw/{entry.id}.png", sequencer=sequencer))
    assert catalog.get(entry.id) == entry


def test_an_entry_is_removed(catalog: Catalog) -> None:
    catalog.reserve(pending(1))
    catalog.record(ready(2))
    catalog.remove(pending(1))
    catalog.remove(ready(2))
    catalog.remove(ready(3))
    assert catalog.page(before=None, limit=9, now=NOON) == []


def test_an_entry_that_has_changed_is_not_removed(catalog: Catalog) -> None:
    catalog.record(ready(sequencer="02"))
    assert not catalog.remove(pending())
    assert not catalog.remove(ready(sequencer="01"))
    assert catalog.get(ready().id) == ready(sequencer="02")


def test_pages_go_from_the_newest_to_the_oldest_over_months_without_gap_or_repeat(catalog: Catalog) -> None:
    images = [ready(number, created_at=NOON - timedelta(days=9 * number, microseconds=1)) for number in range(25)]
    for image in images:
        catalog.record(image)
    seen: list[Image] = []
    before = None
    while page := catalog.page(before=before, limit=4, now=NOON):
        assert len(page) <= 4
        seen += page
        assert len(seen) <= len(images), "each once"
        before = page[-1].sort_key
        # Entries that arrive in the meantime are newer, and do not shift the following pages.
        catalog.record(ready(100 + len(seen)))
    assert seen == images


def test_images_of_the_same_moment_are_all_listed(catalog: Catalog) -> None:
    images = [ready(number, created_at=NOON) for number in range(7)]
    for image in images:
        catalog.record(image)
    first = catalog.page(before=None, limit=3, now=NOON)
    rest = catalog.page(before=first[-1].sort_key, limit=9, now=NOON)
    assert {image.id for image in first + rest} == {image.id for image in images}
    assert len(first + rest) == 7


def test_images_of_years_apart_are_listed(catalog: Catalog) -> None:
    old = ready(1, created_at=datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    new = ready(2)
    catalog.record(old)
    catalog.record(new)
    assert catalog.page(before=None, limit=9, now=NOON) == [new, old]


def test_unused_reservations_that_expired_are_left_out_of_the_list(catalog: Catalog) -> None:
    for number in range(6):
        catalog.reserve(pending(number))
    kept = ready(0, sequencer="05")
    catalog.record(kept)
    late = NOON + timedelta(days=2)
    assert catalog.page(before=None, limit=2, now=late) == [replace(kept, created_at=pending(0).created_at)]
    assert len(catalog.page(before=None, limit=9, now=NOON)) == 6


def test_a_reservation_is_left_out_of_the_list_from_the_second_it_expires(catalog: Catalog) -> None:
    catalog.reserve(pending())
    end = NOON + timedelta(days=1)
    assert pending().expires_at == end.timestamp()
    assert catalog.page(before=None, limit=2, now=end - timedelta(seconds=1)) == [pending()]
    assert catalog.page(before=None, limit=2, now=end) == []


def test_a_deletion_is_remembered_beside_the_entry_and_after_it(catalog: Catalog) -> None:
    image = pending(upload_expires_at=7)
    catalog.reserve(image)
    assert catalog.deletion(image.id) is None
    catalog.remember_deletion(image)
    deletion = catalog.deletion(image.id)
    assert deletion is not None
    assert (deletion.image_id, deletion.source_key, deletion.form_ends_at) == (image.id, image.source_key, 7)
    assert catalog.find(image.id) == catalog.get(image.id) == image
    assert catalog.remove(image)
    assert catalog.get(image.id) is None
    assert catalog.find(image.id) == deletion
    assert catalog.page(before=None, limit=9, now=NOON) == []


def test_what_was_never_there_cannot_be_removed_and_is_not_remembered(catalog: Catalog) -> None:
    assert not catalog.remove(pending())
    assert not catalog.remove(ready())
    assert catalog.find(pending().id) is None


def test_each_deletion_is_another_one(catalog: Catalog) -> None:
    catalog.remember_deletion(ready(upload_expires_at=7))
    first = catalog.deletion(ready().id)
    assert first is not None
    catalog.remember_deletion(first)
    second = catalog.deletion(ready().id)
    assert second == replace(first, token=second.token if second else "")
    assert second != first


def test_a_result_after_a_deletion_is_an_entry_of_its_own(catalog: Catalog) -> None:
    old = ready(sequencer="02", filename="old.jpg")
    catalog.record(old)
    catalog.remember_deletion(old)
    catalog.remove(old)
    new = ready(sequencer="01", created_at=NOON + timedelta(days=70), preceding_deletion="a token")
    assert catalog.record(new) is None
    assert catalog.get(new.id) == catalog.find(new.id) == new
    assert catalog.page(before=None, limit=9, now=NOON) == [new]


def test_a_provisional_result_is_replaced_by_another_of_the_same_event(catalog: Catalog) -> None:
    provisional = failed(error=Failure(code=PROCESSING_FAILED, message="Too slow."))
    catalog.record(provisional)
    assert catalog.record(ready()) == provisional
    with pytest.raises(SupersededError):
        catalog.record(provisional)
    assert catalog.get(ready().id) == ready()


def test_a_provisional_result_replaces_no_newer_one(catalog: Catalog) -> None:
    catalog.record(failed(sequencer="02", error=Failure(code=PROCESSING_FAILED, message="Too slow.")))
    with pytest.raises(SupersededError):
        catalog.record(ready(sequencer="01"))


def test_an_entry_keeps_the_end_of_its_form(catalog: Catalog) -> None:
    catalog.reserve(pending(upload_expires_at=7))
    catalog.record(ready())
    entry = catalog.get(ready().id)
    assert entry == ready(upload_expires_at=7)


@pytest.mark.parametrize("lifetime", [timedelta(seconds=60), timedelta(days=1), timedelta(days=28)])
def test_reservations_of_any_lifetime_are_listed_until_they_expire(catalog: Catalog, lifetime: timedelta) -> None:
    at = NOON + timedelta(microseconds=999_999)
    end = (at + lifetime).replace(microsecond=0)
    other = pending(2, expires_at=int((NOON + timedelta(hours=5)).timestamp()))
    catalog.reserve(pending(1, created_at=at, expires_at=int(end.timestamp())))
    catalog.reserve(other)
    listed = [{image.id for image in catalog.page(before=None, limit=9, now=end - ago)} for ago in BEFORE_AND_AFTER]
    assert [pending(1).id in ids for ids in listed] == [True, True, False, False]
    assert pending(2).id in {image.id for image in catalog.page(before=None, limit=9, now=NOON + timedelta(hours=4))}


BEFORE_AND_AFTER: Final = (
    timedelta(seconds=1),
    timedelta(microseconds=1),
    timedelta(),
    timedelta(microseconds=-1),
)


def test_reservations_and_results_are_listed_in_one_order(catalog: Catalog) -> None:
    images = [(ready if number % 2 else pending)(number) for number in range(12)]
    for image in images:
        if image.expires_at is None:
            catalog.record(image)
        else:
            catalog.reserve(image)
    seen: list[Image] = []
    while page := catalog.page(before=seen[-1].sort_key if seen else None, limit=5, now=NOON):
        seen += page
    assert seen == list(reversed(images))
