"""Catalog entries as DynamoDB items."""

import zlib
from typing import TYPE_CHECKING, Final

from thumbpipe.core.catalog.deletion import Deletion
from thumbpipe.core.catalog.image import Failure, Image, State, StoredRendition, format_time, parse_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

ATTRIBUTES: Final = (
    "bucket_month",
    "sort_key",
    "state",
    "filename",
    "content_type",
    "size_bytes",
    "created_at",
    "processed_at",
    "width",
    "height",
    "format",
    "frames",
    "placeholder",
    "renditions",
    "error",
    "source_key",
    "source_version_id",
    "source_etag",
    "sequencer",
    "expires_at",
    "upload_expires_at",
    "preceding_deletion",
)
"""All attributes except `id`."""

LISTED_MONTH: Final = "listed_month"
"""The attribute with the partition that an image is listed in once it is processed; it never changes."""


def to_item(image: Image, *, shards: int) -> "dict[str, AttributeValueTypeDef]":
    """Make an image's item; unknown values are left out."""
    shard = zlib.crc32(image.id.encode()) % shards
    month = bucket_month(image.month, shard)
    lifetime = lifetime_of(image)
    partition = month if lifetime is None else bucket_pending(lifetime, shard)
    texts = {
        "id": image.id,
        "sort_key": image.sort_key,
        "bucket_month": partition,
        LISTED_MONTH: month,
        "state": image.state,
        "filename": image.filename,
        "content_type": image.content_type,
        "created_at": format_time(image.created_at),
        "processed_at": format_time(image.processed_at) if image.processed_at else None,
        "format": image.format,
        "placeholder": image.placeholder,
        "source_key": image.source_key,
        "source_version_id": image.source_version_id,
        "source_etag": image.source_etag,
        "sequencer": image.sequencer,
        "preceding_deletion": image.preceding_deletion,
    }
    numbers = {
        "size_bytes": image.size_bytes,
        "width": image.width,
        "height": image.height,
        "frames": image.frames,
        "expires_at": image.expires_at,
        "upload_expires_at": image.upload_expires_at,
    }
    item: dict[str, AttributeValueTypeDef] = {}
    item |= {name: {"S": str(text)} for name, text in texts.items() if text is not None}
    item |= {name: {"N": str(number)} for name, number in numbers.items() if number is not None}
    if image.renditions:
        item["renditions"] = {"L": [{"M": _rendition_item(rendition)} for rendition in image.renditions]}
    if image.error:
        item["error"] = {"M": {"code": {"S": str(image.error.code)}, "message": {"S": image.error.message}}}
    return item


def from_item(item: "dict[str, AttributeValueTypeDef]") -> Image:
    """Make an image from its item."""
    processed_at = _text(item, "processed_at")
    error = item["error"]["M"] if "error" in item else None
    return Image(
        id=item["id"]["S"],
        state=State(item["state"]["S"]),
        filename=item["filename"]["S"],
        content_type=item["content_type"]["S"],
        size_bytes=int(item["size_bytes"]["N"]),
        created_at=parse_time(item["created_at"]["S"]),
        source_key=item["source_key"]["S"],
        source_version_id=_text(item, "source_version_id"),
        source_etag=_text(item, "source_etag"),
        sequencer=_text(item, "sequencer"),
        processed_at=parse_time(processed_at) if processed_at else None,
        width=_number(item, "width"),
        height=_number(item, "height"),
        format=_text(item, "format"),
        frames=_number(item, "frames"),
        placeholder=_text(item, "placeholder"),
        renditions=tuple(_rendition(each["M"]) for each in item["renditions"]["L"]) if "renditions" in item else (),
        error=Failure(code=error["code"]["S"], message=error["message"]["S"]) if error else None,
        expires_at=_number(item, "expires_at"),
        upload_expires_at=_number(item, "upload_expires_at"),
        preceding_deletion=_text(item, "preceding_deletion"),
    )


def bucket_month(month: str, shard: int) -> str:
    """Return the index's partition of processed images."""
    return f"{month}#{shard}"


def bucket_pending(lifetime_seconds: int, shard: int) -> str:
    """Return the index's partition of reservations.

    They are kept apart from processed images, and grouped by lifetime: the reservations in a partition expire in the
    order of their creation, so that one range of the sort key holds exactly those that have not expired.
    """
    return f"pending/{lifetime_seconds}#{shard}"


def lifetime_of(image: Image) -> int | None:
    """Return how long a reservation is kept, in seconds; None for an image that is processed."""
    return None if image.expires_at is None else image.expires_at - int(image.created_at.timestamp() // 1)


def deletion_id(image_id: str) -> str:
    """Return the id of the item that remembers an image's deletion; it does not have the form of an image's id."""
    return f"deleted/{image_id}"


def to_deletion_item(deletion: Deletion, *, expires_at: int) -> "dict[str, AttributeValueTypeDef]":
    """Make the item that remembers a deletion.

    Args:
        deletion: What is remembered.
        expires_at: When it is forgotten, in seconds since 1970.
    """
    item: dict[str, AttributeValueTypeDef] = {
        "id": {"S": deletion_id(deletion.image_id)},
        "image_id": {"S": deletion.image_id},
        "source_key": {"S": deletion.source_key},
        "deletion_token": {"S": deletion.token},
        "expires_at": {"N": str(expires_at)},
    }
    if deletion.form_ends_at is not None:
        item["upload_expires_at"] = {"N": str(deletion.form_ends_at)}
    return item


def deletion_from_item(item: "dict[str, AttributeValueTypeDef]") -> Deletion:
    """Make a deletion from its item."""
    return Deletion(
        image_id=item["image_id"]["S"],
        source_key=item["source_key"]["S"],
        token=item["deletion_token"]["S"],
        form_ends_at=_number(item, "upload_expires_at"),
    )


def _rendition_item(rendition: StoredRendition) -> "dict[str, AttributeValueTypeDef]":
    return {
        "width": {"N": str(rendition.width)},
        "height": {"N": str(rendition.height)},
        "format": {"S": str(rendition.format)},
        "key": {"S": rendition.key},
        "bytes": {"N": str(rendition.bytes)},
    }


def _rendition(item: "dict[str, AttributeValueTypeDef]") -> StoredRendition:
    return StoredRendition(
        width=int(item["width"]["N"]),
        height=int(item["height"]["N"]),
        format=item["format"]["S"],
        key=item["key"]["S"],
        bytes=int(item["bytes"]["N"]),
    )


def _text(item: "dict[str, AttributeValueTypeDef]", name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _number(item: "dict[str, AttributeValueTypeDef]", name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None
