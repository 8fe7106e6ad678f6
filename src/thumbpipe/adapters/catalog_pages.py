"""Pages of the catalog's list, at a cost that does not depend on what has expired or was deleted.

A page takes at most three rounds of concurrent queries: reservations and the newest month; three more months; all
others. The queried ranges contain no expired reservations. Months found empty are reported, so that later pages do not
query them.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING, Final

from thumbpipe.adapters.catalog_item import bucket_month, bucket_pending, from_item
from thumbpipe.core.catalog.image import Image, format_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

_INDEX: Final = "by_month"
_BEFORE_ALL: Final = "0"
_AFTER_ALL: Final = "~"
_QUERIES_AT_ONCE: Final = 10  # as many as botocore keeps connections
_READ_AFTER_ROUNDS: Final = (1, 4)
"""How many of the newest months have been read after the first rounds; the last round reads all others."""

_SETTLED: Final = timedelta(days=62)
"""After this time no entry is written into a past month: a reservation lives for up to 28 days, a message for 18."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page.

    Attributes:
        images: Newest first.
        emptied: Months that no longer have any image, and never will again.
    """

    images: tuple[Image, ...]
    emptied: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A part of one partition of the index.

    Attributes:
        partition: The partition's key.
        low: The smallest sort key.
        before: What all sort keys are smaller than.
    """

    partition: str
    low: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogPages:
    """Reads pages.

    Attributes:
        client: A DynamoDB client, which several threads use.
        table: The table's name.
        shards: How many partitions a month's images, or the reservations of a lifetime, are spread over.
        months: The months that have images, newest first.
        lifetimes: The lifetimes of reservations, in seconds.
    """

    client: "DynamoDBClient"
    table: str
    shards: int
    months: Sequence[str]
    lifetimes: Sequence[int]

    def read(self, *, before: str | None, limit: int, now: datetime) -> Page:
        """Read a page.

        Args:
            before: The sort key that the previous page ended with; None for the first page.
            limit: The maximum number of entries.
            now: The current time, at which a reservation has expired or not.
        """
        end = before or _AFTER_ALL
        ranges = self._of_reservations(end, now)
        images: list[Image] = []
        emptied: list[str] = []
        for months in _rounds([month for month in self.months if month <= end[: len(month)]]):
            found = self._query_all([*ranges, *self._of_months(months, end)], limit)
            images = _newest_first([*images, *found])
            emptied += _emptied(months, found, end, now)
            ranges = []
            if months and len(images) >= limit and images[limit - 1].month >= months[-1]:
                break  # what is older comes after them
        return Page(images=tuple(images[:limit]), emptied=tuple(emptied))

    def _of_months(self, months: Sequence[str], end: str) -> list[_Range]:
        partitions = [bucket_month(month, shard) for month in months for shard in range(self.shards)]
        return [_Range(partition=partition, low=_BEFORE_ALL, before=end) for partition in partitions]

    def _of_reservations(self, end: str, now: datetime) -> list[_Range]:
        """Return the ranges of the reservations that have not expired."""
        ranges: list[_Range] = []
        for lifetime in self.lifetimes:
            # Lifetimes count from the second in which a reservation was made.
            oldest = datetime.fromtimestamp(floor(now.timestamp()) - lifetime + 1, UTC)
            low = format_time(oldest)
            if low < end:
                partitions = [bucket_pending(lifetime, shard) for shard in range(self.shards)]
                ranges += [_Range(partition=partition, low=low, before=end) for partition in partitions]
        return ranges

    def _query_all(self, ranges: Sequence[_Range], limit: int) -> list[Image]:
        """Query ranges concurrently."""
        if len(ranges) <= 1:
            return [image for each in ranges for image in self._query(each, limit)]
        with ThreadPoolExecutor(max_workers=min(len(ranges), _QUERIES_AT_ONCE)) as pool:
            return [image for images in pool.map(lambda each: self._query(each, limit), ranges) for image in images]

    def _query(self, wanted: _Range, limit: int) -> list[Image]:
        """Return the newest images of a range."""
        query: QueryInputTypeDef = {
            "TableName": self.table,
            "IndexName": _INDEX,
            "KeyConditionExpression": "bucket_month = :partition AND sort_key BETWEEN :low AND :before",
            "ExpressionAttributeValues": {
                ":partition": {"S": wanted.partition},
                ":low": {"S": wanted.low},
                ":before": {"S": wanted.before},
            },
            "ScanIndexForward": False,
            "Limit": limit + 1,  # BETWEEN includes both ends, so that the first may be the previous page's last
        }
        images: list[Image] = []
        while len(images) < limit:
            response = self.client.query(**query)
            found = map(from_item, response["Items"])
            images += [image for image in found if image.sort_key < wanted.before]
            if "LastEvaluatedKey" not in response:
                break
            query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
        return images[:limit]


def _newest_first(images: Sequence[Image]) -> list[Image]:
    """Sort images. One that has just been processed may still be listed among the reservations, too."""
    by_id = {image.id: image for image in sorted(images, key=lambda image: image.expires_at is None)}
    return sorted(by_id.values(), key=lambda image: image.sort_key, reverse=True)


def _rounds(months: Sequence[str]) -> list[Sequence[str]]:
    """Divide months into groups that are queried concurrently; the first may be empty, but always exists."""
    bounds = [0, *_READ_AFTER_ROUNDS, len(months)]
    groups = [months[start:end] for start, end in pairwise(bounds)]
    return [groups[0], *(group for group in groups[1:] if group)]


def _emptied(months: Sequence[str], found: Sequence[Image], end: str, now: datetime) -> list[str]:
    """Return the months that were read as a whole, had no image, and will never have one again."""
    seen = {image.month for image in found if image.expires_at is None}
    settled = format_time(now - _SETTLED)
    return [month for month in months if month not in seen and month < min(end, settled)[: len(month)]]
