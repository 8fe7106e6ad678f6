"""The catalog's port: how the core reads and writes the entries of images."""

from datetime import datetime
from typing import Protocol

from thumbpipe.core.catalog.deletion import Deletion
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.errors import ThumbpipeError


class IdTakenError(ThumbpipeError):
    """The id belongs to another image: nothing was written."""


class SupersededError(ThumbpipeError):
    """The photo's entry is as new or newer: the result was not recorded."""


class Catalog(Protocol):
    """The entries of all images."""

    def get(self, image_id: str) -> Image | None:
        """Read an entry with strong consistency."""

    def find(self, image_id: str) -> Image | Deletion | None:
        """Read an entry, or else the record of its deletion, with strong consistency."""

    def deletion(self, image_id: str) -> Deletion | None:
        """Read the record of an image's last deletion with strong consistency."""

    def reserve(self, image: Image) -> None:
        """Write the pending entry of an upload.

        Raises:
            IdTakenError: The id already has an entry.
        """

    def record(self, image: Image) -> Image | None:
        """Write the result of processing a photo, unless there is a newer result.

        The filename and the creation time of an existing entry are kept. A provisional result is replaced by
        another one of the same event.

        Returns:
            The entry that was replaced.

        Raises:
            IdTakenError: The entry belongs to another photo.
            SupersededError: The entry is as new or newer.
        """

    def remember_deletion(self, image: Image | Deletion) -> None:
        """Record a deletion, before anything of the image is removed; it replaces the record of an earlier one."""

    def remove(self, image: Image) -> bool:
        """Remove an entry, unless it has changed since `image` was read.

        Returns:
            Whether it was unchanged.
        """

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        """List entries, newest first, without unused reservations that have expired.

        Args:
            before: The sort key that the previous page ended with; None for the first page.
            limit: The maximum number of entries.
            now: The current time, at which a reservation has expired or not.
        """
