"""Catalog entries as DynamoDB items."""

import zlib
from typing import TYPE_CHECKING, Final

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
)
"""All attributes except `id`."""


def to_item(image: Image, *, shards: int) -> "dict[str, AttributeValueTypeDef]":
    """Make an image's item; unknown values are left out."""
    texts = {
        "id": image.id,
        "sort_key": image.sort_key,
        "bucket_month": bucket_month(image.month, zlib.crc32(image.id.encode()) % shards),
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
    }
    numbers = {
        "size_bytes": image.size_bytes,
        "width": image.width,
        "height": image.height,
        "frames": image.frames,
        "expires_at": image.expires_at,
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
    """Make an image of its item."""
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
    )


def bucket_month(month: str, shard: int) -> str:
    """Return the partition key of the index."""
    return f"{month}#{shard}"


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
