from dataclasses import fields

import pytest

from fakes.aws import TABLE, FakeAWS
from fakes.values import failed, image_id, pending, ready
from thumbpipe.adapters.catalog_item import ATTRIBUTES, from_item, to_item
from thumbpipe.adapters.dynamodb_catalog import DELETIONS_KEPT_SECONDS, DynamoDBCatalog
from thumbpipe.core.catalog.ids import is_id
from thumbpipe.core.catalog.image import Image


def test_every_field_of_an_image_is_an_attribute() -> None:
    assert {field.name for field in fields(Image)} == {"id", *ATTRIBUTES} - {"bucket_month", "sort_key"}


@pytest.mark.parametrize("image", [pending(), ready(), failed()], ids=["pending", "ready", "failed"])
def test_an_image_survives_the_way_to_an_item_and_back(image: Image) -> None:
    assert from_item(to_item(image, shards=7)) == image


def test_an_item_matches_the_contract() -> None:
    item = to_item(ready(), shards=1)
    assert item["id"] == {"S": image_id(1)}
    assert item["bucket_month"] == {"S": "2026-11#0"}
    assert item["sort_key"] == {"S": f"2026-11-25T12:00:01.000000Z#{image_id(1)}"}
    assert item["renditions"]["L"][0]["M"] == {
        "width": {"N": "160"},
        "height": {"N": "120"},
        "format": {"S": "webp"},
        "key": {"S": ready().renditions[0].key},
        "bytes": {"N": "2000"},
    }
    assert "expires_at" not in item


def test_images_are_spread_over_the_shards() -> None:
    used = {to_item(ready(number), shards=4)["bucket_month"]["S"] for number in range(60)}
    assert used == {f"2026-11#{shard}" for shard in range(4)}


def test_a_separate_item_lists_the_months_that_have_images(aws: FakeAWS) -> None:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE)
    catalog.record(ready())
    catalog.record(ready(2, created_at=pending().created_at.replace(month=3)))
    item = aws.dynamodb.get_item(TableName=TABLE, Key={"id": {"S": "months"}})["Item"]
    assert set(item["months"]["SS"]) == {"2026-03", "2026-11"}


def test_a_deletion_is_an_item_that_is_no_images_and_is_forgotten(aws: FakeAWS) -> None:
    now = 1_800_000_000
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE, clock=lambda: now + 0.5)
    catalog.remember_deletion(ready(upload_expires_at=now + 300))
    item = aws.dynamodb.get_item(TableName=TABLE, Key={"id": {"S": f"deleted/{image_id(1)}"}})["Item"]
    assert item["expires_at"] == {"N": str(now + 300 + DELETIONS_KEPT_SECONDS)}
    assert not is_id(item["id"]["S"])
    assert "bucket_month" not in item
