"""A catalog entry: what is known about one image."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from thumbpipe.core.catalog.object_keys import version_of

PROCESSING_FAILED: Final = "processing_failed"
"""The code of a photo that no attempt has finished; a later attempt may."""

_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def format_time(at: datetime) -> str:
    """Format a time as RFC 3339 in UTC with microseconds, so that the text sorts like the time."""
    return at.astimezone(UTC).strftime(_TIME_FORMAT)


def parse_time(text: str) -> datetime:
    """Parse what `format_time` wrote."""
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


class State(StrEnum):
    """The state of an image."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRendition:
    """One thumbnail file in the bucket."""

    width: int
    height: int
    format: str
    key: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an image has no renditions."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One upload.

    Attributes:
        id: 26 characters.
        state: Pending until its photo is processed, then ready or failed.
        filename: As the client named it.
        content_type: As the upload declared it; `format` is what the file really is.
        size_bytes: As requested while pending, then as stored.
        created_at: When its upload was reserved, or when the photo was stored without the API.
        source_key: The photo's key in the bucket.
        source_version_id: The version of the photo that the renditions are made of.
        source_etag: That version's ETag.
        sequencer: Of the S3 event that this entry results from, in comparable form; None while pending.
        processed_at: When it became ready or failed.
        width: Pixels, as the viewer sees them.
        height: Pixels, as the viewer sees them.
        format: What the file really is.
        frames: More than 1 when animated.
        placeholder: ThumbHash in base64.
        renditions: Empty unless ready.
        error: None unless failed.
        expires_at: When an unused reservation expires, in seconds since 1970; None unless pending.
        upload_expires_at: When its presigned form expires, in seconds since 1970; None if stored without the API.
        preceding_deletion: The token of the deletion that was known when its photo was read; None if there was none.
    """

    id: str
    state: State
    filename: str
    content_type: str
    size_bytes: int
    created_at: datetime
    source_key: str
    source_version_id: str | None = None
    source_etag: str | None = None
    sequencer: str | None = None
    processed_at: datetime | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    frames: int | None = None
    placeholder: str | None = None
    renditions: tuple[StoredRendition, ...] = ()
    error: Failure | None = None
    expires_at: int | None = None
    upload_expires_at: int | None = None
    preceding_deletion: str | None = None

    @property
    def form_ends_at(self) -> int | None:
        """When its form expires, in seconds since 1970; no form outlives its reservation."""
        return self.expires_at if self.upload_expires_at is None else self.upload_expires_at

    @property
    def is_provisional(self) -> bool:
        """Say whether another delivery of the same event may still replace it."""
        return self.error is not None and self.error.code == PROCESSING_FAILED

    @property
    def sort_key(self) -> str:
        """What images are sorted by: their time, then their id."""
        return f"{format_time(self.created_at)}#{self.id}"

    @property
    def month(self) -> str:
        """The month of the index that lists it, such as 2026-11."""
        return format_time(self.created_at)[:7]

    @property
    def version(self) -> str:
        """The folder of its renditions; empty while pending."""
        return version_of(self.source_etag or "")

    def expired(self, now: datetime) -> bool:
        """Say whether it is a reservation that was not used in time."""
        return self.expires_at is not None and self.expires_at <= now.timestamp()
