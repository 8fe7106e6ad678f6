"""The catalog in DynamoDB."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, cast

from thumbpipe.adapters.catalog_item import ATTRIBUTES, bucket_month, from_item, to_item
from thumbpipe.core.catalog.catalog import IdTakenError, SupersededError
from thumbpipe.core.catalog.image import Image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, DeleteItemInputTypeDef, QueryInputTypeDef

_INDEX: Final = "by_month"
_MONTHS_ID: Final = "months"
"""The item that lists the months which have images, so that a listing knows where to look and where to end."""

_KEPT: Final = frozenset({"bucket_month", "sort_key", "created_at", "filename"})
_NO_NEWER_RESULT: Final = (
    "attribute_not_exists(id) OR "
    "(source_key = :source_key AND (attribute_not_exists(sequencer) OR sequencer < :sequencer))"
)
_AFTER_ALL: Final = "~"


class DynamoDBCatalog:
    """A table with the index `by_month`.

    Args:
        client: A DynamoDB client.
        table: The table's name.
        shards: The number of the index's partitions that a month's images are spread over.
    """

    def __init__(self, client: "DynamoDBClient", table: str, *, shards: int = 1) -> None:
        self._client = client
        self._table = table
        self._shards = shards
        self._registered: set[str] = set()

    def get(self, image_id: str) -> Image | None:
        """Read an entry, consistently."""
        item = self._read(image_id)
        return from_item(item) if item else None

    def reserve(self, image: Image) -> None:
        """Write the pending entry of an upload.

        Raises:
            IdTakenError: The id already has an entry.
        """
        item = to_item(image, shards=self._shards)
        self._register(image.month)
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise IdTakenError(f"The id {image.id} already has an entry.") from error

    def record(self, image: Image) -> Image | None:
        """Write the result of processing a photo, unless a newer result is there.

        Returns:
            The entry that was replaced.

        Raises:
            IdTakenError: The entry belongs to another photo.
            SupersededError: The entry is as new or newer.
        """
        item = to_item(image, shards=self._shards)
        self._register(image.month)
        values = {f":{name}": value for name, value in item.items() if name != "id"}
        sets = [
            f"#{name} = if_not_exists(#{name}, :{name})" if name in _KEPT else f"#{name} = :{name}"
            for name in ATTRIBUTES
            if name in item
        ]
        removes = [f"#{name}" for name in ATTRIBUTES if name not in item]
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key={"id": item["id"]},
                UpdateExpression=f"SET {', '.join(sets)} REMOVE {', '.join(removes)}",
                ConditionExpression=_NO_NEWER_RESULT,
                ExpressionAttributeNames={f"#{name}": name for name in ATTRIBUTES},
                ExpressionAttributeValues=values,
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # The entry as the condition saw it: a later read might find another one, or none. botocore's type of an
            # error lacks the members that an operation adds.
            entry = cast("dict[str, dict[str, AttributeValueTypeDef]]", error.response)["Item"]
            if entry["source_key"] != item["source_key"]:
                raise IdTakenError(f"The id {image.id} belongs to another photo.") from error
            raise SupersededError(f"The entry {image.id} is as new or newer.") from error
        return from_item(response["Attributes"]) if response.get("Attributes") else None

    def remove(self, image: Image) -> None:
        """Remove an entry, unless it has changed since `image` was read."""
        unchanged = "attribute_not_exists(sequencer)" if image.sequencer is None else "sequencer = :sequencer"
        request: DeleteItemInputTypeDef = {
            "TableName": self._table,
            "Key": {"id": {"S": image.id}},
            "ConditionExpression": unchanged,
        }
        if image.sequencer is not None:
            request["ExpressionAttributeValues"] = {":sequencer": {"S": image.sequencer}}
        # A changed entry is left to whoever changed it.
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.delete_item(**request)

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        """List entries, newest first, without unused reservations that have expired.

        Args:
            before: The sort key that the previous page ended with; None for the first page.
            limit: The maximum number of entries.
            now: The time that reservations are judged by.
        """
        before = before or _AFTER_ALL
        images: list[Image] = []
        for month in self._months():
            if month > before[: len(month)]:
                continue
            missing = limit - len(images)
            if missing <= 0:
                break
            found = [
                image
                for shard in range(self._shards)
                for image in islice(self._listed(bucket_month(month, shard), before, missing, now), missing)
            ]
            found.sort(key=lambda image: image.sort_key, reverse=True)
            images += found[:missing]
        return images

    def _listed(self, partition: str, before: str, size: int, now: datetime) -> Iterator[Image]:
        query: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "bucket_month = :partition AND sort_key < :before",
            "FilterExpression": "attribute_not_exists(expires_at) OR expires_at > :now",
            "ExpressionAttributeValues": {
                ":partition": {"S": partition},
                ":before": {"S": before},
                ":now": {"N": str(int(now.timestamp()))},
            },
            "ScanIndexForward": False,
            "Limit": size,
        }
        while True:
            response = self._client.query(**query)
            yield from (from_item(item) for item in response["Items"])
            if "LastEvaluatedKey" not in response:
                return
            query["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def _months(self) -> list[str]:
        item = self._read(_MONTHS_ID)
        return sorted(item["months"]["SS"], reverse=True) if item else []

    def _register(self, month: str) -> None:
        if month in self._registered:
            return
        self._client.update_item(
            TableName=self._table,
            Key={"id": {"S": _MONTHS_ID}},
            UpdateExpression="ADD months :months",
            ExpressionAttributeValues={":months": {"SS": [month]}},
        )
        self._registered.add(month)

    def _read(self, item_id: str) -> "dict[str, AttributeValueTypeDef] | None":
        response = self._client.get_item(TableName=self._table, Key={"id": {"S": item_id}}, ConsistentRead=True)
        return response.get("Item")
