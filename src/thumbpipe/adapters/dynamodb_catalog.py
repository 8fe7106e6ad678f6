"""The catalog in DynamoDB."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from thumbpipe.adapters.catalog_item import (
    ATTRIBUTES,
    LISTED_MONTH,
    deletion_from_item,
    deletion_id,
    from_item,
    to_deletion_item,
    to_item,
)
from thumbpipe.adapters.catalog_pages import CatalogPages
from thumbpipe.core.catalog.catalog import IdTakenError, SupersededError
from thumbpipe.core.catalog.deletion import Deletion
from thumbpipe.core.catalog.image import PROCESSING_FAILED, Image

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, DeleteItemInputTypeDef

PARTITIONS_ID: Final = "months"
"""The item that lists the months with images and the lifetimes of reservations: the partitions that listings query."""

DELETIONS_KEPT_SECONDS: Final = 30 * 24 * 3600
"""Longer than a message can stay in both queues, the dead-letter queue's 14 days included, even if it is redriven."""

_KEPT: Final = frozenset({"sort_key", "created_at", "filename", "upload_expires_at", LISTED_MONTH})
_NAMES: Final = (*ATTRIBUTES, LISTED_MONTH)
_NO_NEWER_RESULT: Final = (
    "attribute_not_exists(id) OR (source_key = :source_key AND ("
    "attribute_not_exists(sequencer) OR sequencer < :sequencer"
    " OR (sequencer = :sequencer AND #error.code = :provisional)))"
)


class DynamoDBCatalog:
    """A table with the index `by_month`.

    Args:
        client: A DynamoDB client, which several threads use.
        table: The table's name.
        shards: The number of the index's partitions that a month's images are spread over.
        clock: Returns the time, in seconds since 1970.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, *, shards: int = 1, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table
        self._shards = shards
        self._clock = clock
        self._registered: set[str] = set()

    def get(self, image_id: str) -> Image | None:
        """Read an entry with strong consistency."""
        item = self._read(image_id)
        return from_item(item) if item else None

    def find(self, image_id: str) -> Image | Deletion | None:
        """Read an entry, or else the record of its deletion, with strong consistency."""
        return self.get(image_id) or self.deletion(image_id)

    def deletion(self, image_id: str) -> Deletion | None:
        """Read the record of an image's last deletion with strong consistency."""
        item = self._read(deletion_id(image_id))
        return deletion_from_item(item) if item else None

    def reserve(self, image: Image) -> None:
        """Write the pending entry of an upload.

        Raises:
            IdTakenError: The id already has an entry.
        """
        item = to_item(image, shards=self._shards)
        self._register(item["bucket_month"])
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise IdTakenError(f"The id {image.id} already has an entry.") from error

    def record(self, image: Image) -> Image | None:
        """Write the result of processing a photo, unless there is a newer result.

        Returns:
            The entry that was replaced.

        Raises:
            IdTakenError: The entry belongs to another photo.
            SupersededError: The entry is as new or newer.
        """
        item = to_item(image, shards=self._shards)
        self._register(item["bucket_month"])
        values = {f":{name}": value for name, value in item.items() if name not in {"id", "bucket_month"}}
        values[":provisional"] = {"S": PROCESSING_FAILED}
        try:
            response = self._client.update_item(
                TableName=self._table,
                Key={"id": item["id"]},
                UpdateExpression=_update_expression(item),
                ConditionExpression=_NO_NEWER_RESULT,
                ExpressionAttributeNames={f"#{name}": name for name in _NAMES if name in item or name not in _KEPT},
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
        if not response.get("Attributes"):
            return None
        replaced = from_item(response["Attributes"])
        if LISTED_MONTH in response["Attributes"]:
            # It keeps its creation time, which decides the month that it is listed in.
            self._register(response["Attributes"][LISTED_MONTH])
        return replaced

    def remember_deletion(self, image: Image | Deletion) -> None:
        """Record a deletion, before anything of the image is removed; it replaces the record of an earlier one."""
        deletion = Deletion(
            image_id=image.image_id if isinstance(image, Deletion) else image.id,
            source_key=image.source_key,
            token=uuid4().hex,
            form_ends_at=image.form_ends_at,
        )
        forgotten_at = int(max(self._clock(), image.form_ends_at or 0)) + DELETIONS_KEPT_SECONDS
        item = to_deletion_item(deletion, expires_at=forgotten_at)
        values = {f":{name}": value for name, value in item.items() if name != "id"}
        # Not put_item: a role that may delete images could then replace any entry.
        self._client.update_item(
            TableName=self._table,
            Key={"id": item["id"]},
            UpdateExpression="SET " + ", ".join(f"{name[1:]} = {name}" for name in values),
            ExpressionAttributeValues=values,
        )

    def remove(self, image: Image) -> bool:
        """Remove an entry, unless it has changed since `image` was read.

        Returns:
            Whether it was unchanged.
        """
        unchanged = "attribute_exists(id) AND attribute_not_exists(sequencer)"
        request: DeleteItemInputTypeDef = {
            "TableName": self._table,
            "Key": {"id": {"S": image.id}},
            "ConditionExpression": unchanged if image.sequencer is None else "sequencer = :sequencer",
        }
        if image.sequencer is not None:
            request["ExpressionAttributeValues"] = {":sequencer": {"S": image.sequencer}}
        try:
            self._client.delete_item(**request)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False  # a changed entry is left to whoever changed it
        return True

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        """List entries, newest first, without unused reservations that have expired.

        Args:
            before: The sort key that the previous page ended with; None for the first page.
            limit: The maximum number of entries.
            now: The current time, at which a reservation has expired or not.
        """
        item = self._read(PARTITIONS_ID) or {}
        pages = CatalogPages(
            client=self._client,
            table=self._table,
            shards=self._shards,
            months=tuple(sorted(item.get("months", {}).get("SS", []), reverse=True)),
            lifetimes=tuple(sorted(map(int, item.get("lifetimes", {}).get("NS", [])))),
        )
        page = pages.read(before=before, limit=limit, now=now)
        if page.emptied:
            self._forget(page.emptied)
        return list(page.images)

    def _register(self, partition: "AttributeValueTypeDef") -> None:
        """Make listings query the partition that an entry is about to be written to."""
        bucket, _, _shard = partition["S"].rpartition("#")
        if bucket in self._registered:
            return
        kind, _, lifetime = bucket.rpartition("/")
        name, value = ("lifetimes", {"NS": [lifetime]}) if kind else ("months", {"SS": [bucket]})
        self._client.update_item(
            TableName=self._table,
            Key={"id": {"S": PARTITIONS_ID}},
            UpdateExpression=f"ADD {name} :value",
            ExpressionAttributeValues={":value": value},
        )
        self._registered.add(bucket)

    def _forget(self, months: tuple[str, ...]) -> None:
        """Stop listings from querying months whose images were all deleted."""
        # An error must not fail the page: the next one finds the same months empty and tries again.
        with suppress(BotoCoreError, ClientError):
            self._client.update_item(
                TableName=self._table,
                Key={"id": {"S": PARTITIONS_ID}},
                UpdateExpression="DELETE months :months",
                ExpressionAttributeValues={":months": {"SS": list(months)}},
            )

    def _read(self, item_id: str) -> "dict[str, AttributeValueTypeDef] | None":
        response = self._client.get_item(TableName=self._table, Key={"id": {"S": item_id}}, ConsistentRead=True)
        return response.get("Item")


def _update_expression(item: "dict[str, AttributeValueTypeDef]") -> str:
    """Set every attribute of an item, but keep those that say where and when an existing one was created."""
    names = [name for name in _NAMES if name in item and name != "bucket_month"]
    sets = [f"#{name} = if_not_exists(#{name}, :{name})" if name in _KEPT else f"#{name} = :{name}" for name in names]
    # A reservation is listed elsewhere until its photo is processed.
    sets.append(f"#bucket_month = if_not_exists(#{LISTED_MONTH}, :{LISTED_MONTH})")
    removes = [f"#{name}" for name in _NAMES if name not in item and name not in _KEPT]
    return f"SET {', '.join(sets)} REMOVE {', '.join(removes)}"
