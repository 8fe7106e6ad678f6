"""The bucket's port: what the core needs of a versioned object store."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from thumbpipe.core.errors import ThumbpipeError


class ObjectNotFoundError(ThumbpipeError):
    """The object, or this version of it, does not exist (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectVersion:
    """One version of one object; a delete marker has an empty ETag."""

    key: str
    version_id: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObject:
    """A file to be stored."""

    key: str
    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """A file that was fetched."""

    data: bytes
    content_type: str


class ObjectStore(Protocol):
    """A bucket with versioning."""

    def get(self, source: ObjectVersion) -> StoredObject:
        """Fetch a version.

        Raises:
            ObjectNotFoundError: It does not exist.
        """

    def content_type(self, source: ObjectVersion) -> str:
        """Return a version's content type, without fetching it.

        Raises:
            ObjectNotFoundError: It does not exist.
        """

    def put(self, files: Sequence[NewObject]) -> tuple[ObjectVersion, ...]:
        """Store files in parallel; if one fails, others may have been stored."""

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """List all versions and delete markers under a prefix: by key, each key's newest first, markers last."""

    def remove(self, versions: Iterable[ObjectVersion]) -> None:
        """Remove versions permanently; a missing one is no error."""
