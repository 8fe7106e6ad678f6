"""Requests of DynamoDB's adapter that moto, which is always consistent, cannot distinguish."""

from collections.abc import Callable

import pytest
from botocore.stub import Stubber

from fakes.aws import TABLE, FakeAWS
from fakes.values import NOON, image_id
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog


@pytest.mark.parametrize(
    ("item", "ask"),
    [
        (image_id(1), lambda catalog: catalog.get(image_id(1))),
        ("months", lambda catalog: catalog.page(before=None, limit=1, now=NOON)),
    ],
    ids=["an entry", "the months of a list"],
)
def test_an_item_is_read_as_it_is_at_this_moment(
    aws: FakeAWS, item: str, ask: Callable[[DynamoDBCatalog], object]
) -> None:
    with Stubber(aws.dynamodb) as stub:
        stub.add_response("get_item", {}, {"TableName": TABLE, "Key": {"id": {"S": item}}, "ConsistentRead": True})
        ask(DynamoDBCatalog(aws.dynamodb, TABLE))
        stub.assert_no_pending_responses()
