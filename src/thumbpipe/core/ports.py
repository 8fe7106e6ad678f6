"""What the core asks of the world: a versioned object store and a catalog."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from thumbpipe.core.errors import ThumbpipeError
from thumbpipe.core.image import Image


class ObjectNotFoundError(ThumbpipeError):
    """The object, or this version of it, is not (or no longer) there."""


class SupersededError(ThumbpipeError):
    """The catalog's entry is newer than what should replace it, or belongs to another photo."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoStored:
    """The news that a photo was stored under `raw/`.

    Args:
        source: The photo.
        size_bytes: Its size.
        sequencer: Orders the news about one key, in comparable form.
        time: When it was stored.
    """

    source: ObjectVersion
    size_bytes: int
    sequencer: str
    time: datetime


class ObjectStore(Protocol):
    """One bucket with versioning."""

    def get(self, source: ObjectVersion) -> StoredObject:
        """Fetch a version.

        Raises:
            ObjectNotFoundError: It is not there.
        """

    def content_type(self, source: ObjectVersion) -> str:
        """Ask for a version's content type, without fetching it.

        Raises:
            ObjectNotFoundError: It is not there.
        """

    def put(self, files: Sequence[NewObject]) -> tuple[ObjectVersion, ...]:
        """Store files side by side; when one fails, others may have been stored."""

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """List all versions and delete markers under a prefix: by key, each key's newest first, markers last."""

    def remove(self, versions: Iterable[ObjectVersion]) -> None:
        """Remove versions for good; one that is not there is no error."""


class Catalog(Protocol):
    """The entries of all images."""

    def get(self, image_id: str) -> Image | None:
        """Read an entry as it is at this moment."""

    def promise(self, image: Image) -> None:
        """Write the entry of an upload that was promised.

        Raises:
            SupersededError: The id is taken.
        """

    def settle(self, image: Image) -> Image | None:
        """Write the result of a photo unless a newer result is there; who and when stay as they were.

        The filename and the time of creation of an entry that is there are kept.

        Returns:
            The entry that was replaced.

        Raises:
            SupersededError: The entry is as new or newer, or belongs to another photo.
        """

    def remove(self, image: Image) -> None:
        """Remove an entry, unless it has changed since `image` was read."""

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        """List entries, newest first, leaving out promises that nobody kept.

        Args:
            before: The sort key that the last page ended with; None for the first page.
            limit: At most so many.
            now: Decides which promises are over.
        """
