"""What a page of the list costs, counted in queries, however much has expired or was deleted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from fakes.aws import TABLE, FakeAWS
from fakes.values import NOON, image_id, pending, ready
from thumbpipe.adapters.catalog_item import from_item, to_item
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.core.catalog.image import Image

MUCH_LATER: Final = datetime(2028, 1, 1, tzinfo=UTC)
MINUTE: Final = 60


class Counter:
    """Counts the queries of a client."""

    def __init__(self) -> None:
        self.partitions: list[str] = []
        self._lock = Lock()

    @property
    def queries(self) -> int:
        """How many there were."""
        return len(self.partitions)

    def __call__(self, **request: Any) -> None:  # noqa: ANN401 - a hook of botocore's
        with self._lock:
            self.partitions.append(request["params"]["ExpressionAttributeValues"][":partition"]["S"])


@pytest.fixture
def counter(aws: FakeAWS) -> Iterator[Counter]:
    counted = Counter()
    events = aws.dynamodb.meta.events
    events.register("provide-client-params.dynamodb.Query", counted)
    yield counted
    events.unregister("provide-client-params.dynamodb.Query", counted)


def reservation(number: int, *, lifetime: int = MINUTE) -> Image:
    created_at = NOON + timedelta(seconds=number)
    return pending(number, created_at=created_at, expires_at=int(created_at.timestamp()) + lifetime)


def months_of(catalog: DynamoDBCatalog) -> list[Image]:
    """Have one image in each month of a year."""
    images = [ready(month, created_at=datetime(2026, month, 5, tzinfo=UTC)) for month in range(1, 13)]
    for image in images:
        catalog.record(image)
    return images


@pytest.mark.parametrize("shards", [1, 4])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_expired_reservations_cost_nothing(aws: FakeAWS, counter: Counter, shards: int, limit: int) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, shards=shards)
    kept = ready(1000, created_at=NOON - timedelta(days=1))
    catalog.record(kept)
    for number in range(300):
        catalog.reserve(reservation(number))
    assert catalog.page(before=None, limit=limit, now=NOON + timedelta(days=1)) == [kept]
    assert counter.queries <= 2 * shards


def test_a_reservation_behind_expired_ones_of_a_shorter_life_is_listed(aws: FakeAWS, counter: Counter) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE)
    kept = reservation(0, lifetime=7 * 86400)
    catalog.reserve(kept)
    for number in range(1, 60):
        catalog.reserve(reservation(number))
    assert catalog.page(before=None, limit=2, now=NOON + timedelta(days=1)) == [kept]
    assert counter.queries == 2


@pytest.mark.parametrize("shards", [1, 64])
def test_months_in_which_nothing_was_uploaded_to_reservations_cost_nothing(
    aws: FakeAWS, counter: Counter, shards: int
) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, shards=shards)
    for month in range(1, 13):
        at = datetime(2026, month, 5, tzinfo=UTC)
        image = pending(month, created_at=at, expires_at=int(at.timestamp()) + MINUTE)
        catalog.reserve(image)
        catalog.remove(image)
    assert catalog.page(before=None, limit=50, now=MUCH_LATER) == []
    assert counter.queries <= shards + 2


def test_months_whose_images_were_all_deleted_are_looked_at_once(aws: FakeAWS, counter: Counter) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, shards=4)
    for image in months_of(catalog):
        catalog.remove(image)
    assert catalog.page(before=None, limit=50, now=MUCH_LATER) == []
    counter.partitions.clear()
    assert catalog.page(before=None, limit=50, now=MUCH_LATER) == []
    assert counter.queries == 0


def test_a_page_does_not_fail_because_emptied_months_stay_in_the_list(aws: FakeAWS) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE)
    for image in months_of(catalog):
        catalog.remove(image)
    throttled = ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")
    with patch.object(aws.dynamodb, "update_item", side_effect=throttled):
        assert catalog.page(before=None, limit=50, now=MUCH_LATER) == []


def test_a_page_takes_three_rounds_of_queries_at_most(aws: FakeAWS) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, shards=2)
    images = months_of(catalog)
    catalog.reserve(reservation(0))
    for image in images[1:]:
        catalog.remove(image)
    with patch("thumbpipe.adapters.catalog_pages.CatalogPages._query_all", return_value=[]) as query_all:
        catalog.page(before=None, limit=50, now=NOON)
    assert [len(call.args[0]) for call in query_all.call_args_list] == [2 + 2, 3 * 2, 8 * 2]


def test_an_image_that_the_index_still_lists_as_a_reservation_is_listed_once(aws: FakeAWS) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE)
    catalog.reserve(pending(1))
    stale = {**to_item(pending(1), shards=1), "id": {"S": "stale"}}
    catalog.record(ready(1))
    aws.dynamodb.put_item(TableName=TABLE, Item=stale)
    # An index has no two states of one item here; the other item stands for the older one.
    same_id = "thumbpipe.adapters.catalog_pages.from_item"
    with patch(same_id, lambda item: replace(from_item(item), id=pending(1).id)):
        assert catalog.page(before=None, limit=5, now=NOON) == [ready(1)]


def test_a_month_that_still_has_an_image_stays_in_the_list(aws: FakeAWS) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, shards=4)
    kept, *others = months_of(catalog)
    for image in others:
        catalog.remove(image)
    for _ in range(2):
        assert catalog.page(before=None, limit=50, now=MUCH_LATER) == [kept]


@pytest.mark.parametrize("cut", ["in the month", "before the month"])
def test_a_month_of_which_a_page_saw_a_part_is_not_taken_for_empty(aws: FakeAWS, cut: str) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE)
    image = ready(1, created_at=datetime(2026, 3, 5, tzinfo=UTC))
    catalog.record(image)
    before = {"in the month": "2026-03-01", "before the month": "2026-02-11"}[cut]
    assert catalog.page(before=f"{before}T00:00:00.000000Z#{image_id(9)}", limit=5, now=MUCH_LATER) == []
    assert catalog.page(before=None, limit=5, now=MUCH_LATER) == [image]


def test_a_recent_month_that_is_empty_is_looked_at_again(aws: FakeAWS) -> None:
    writer, reader = (DynamoDBCatalog(aws.dynamodb, TABLE) for _ in range(2))
    writer.record(ready(1))
    writer.remove(ready(1))
    assert reader.page(before=None, limit=5, now=NOON + timedelta(days=60)) == []
    # This process has registered the month already, and does not do it again.
    writer.record(ready(2))
    assert reader.page(before=None, limit=5, now=NOON + timedelta(days=60)) == [ready(2)]


def test_the_newest_page_of_a_full_gallery_reads_the_newest_month_alone(aws: FakeAWS, counter: Counter) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, shards=4)
    images = months_of(catalog)
    assert catalog.page(before=None, limit=1, now=MUCH_LATER) == [images[-1]]
    assert sorted(counter.partitions) == [f"2026-12#{shard}" for shard in range(4)]
