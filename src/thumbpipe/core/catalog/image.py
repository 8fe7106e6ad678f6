"""The catalog's value: what is known about one image."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from thumbpipe.core.catalog.object_keys import version_of

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def format_time(at: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with microseconds, so that the text sorts like the time."""
    return at.astimezone(UTC).strftime(_TIME_FORMAT)


def parse_time(text: str) -> datetime:
    """Read what `format_time` wrote."""
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


class State(StrEnum):
    """How far an image has come."""

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

    Args:
        id: 26 characters.
        state: Promised, ready or failed.
        filename: As its owner named it.
        content_type: As the upload declared it; `format` says what it really is.
        size_bytes: As promised while pending, then as stored.
        created_at: When it was promised, or stored where nobody promised it.
        source_key: The photo's key in the bucket.
        source_version_id: The photo's version that the renditions are made from.
        source_etag: The same version's ETag.
        sequencer: The order of the S3 event that this entry is from, in comparable form; None while pending.
        processed_at: When it became ready or failed.
        width: Pixels, as the viewer sees them.
        height: Pixels, as the viewer sees them.
        format: What the file really is.
        frames: More than 1 when animated.
        placeholder: ThumbHash in base64.
        renditions: Empty unless ready.
        error: None unless failed.
        expires_at: When a promise that nobody kept is forgotten, in seconds since 1970; None unless pending.
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

    @property
    def sort_key(self) -> str:
        """Sort images by time; the id keeps those of the same moment apart."""
        return f"{format_time(self.created_at)}#{self.id}"

    @property
    def month(self) -> str:
        """The part of the index that lists it, such as 2026-11."""
        return format_time(self.created_at)[:7]

    @property
    def version(self) -> str:
        """The folder of its renditions; empty while pending."""
        return version_of(self.source_etag or "")

    def expired(self, now: datetime) -> bool:
        """Say whether it is a promise that nobody kept in time."""
        return self.expires_at is not None and self.expires_at <= now.timestamp()
