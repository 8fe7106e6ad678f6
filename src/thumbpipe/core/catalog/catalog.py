"""The catalog's port: how the core reads and writes the entries of images."""

from datetime import datetime
from typing import Protocol

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

    def reserve(self, image: Image) -> None:
        """Write the pending entry of an upload.

        Raises:
            IdTakenError: The id already has an entry.
        """

    def record(self, image: Image) -> Image | None:
        """Write the result of processing a photo, unless a newer result is there.

        The filename and the creation time of an entry that is there are kept.

        Returns:
            The entry that was replaced.

        Raises:
            IdTakenError: The entry belongs to another photo.
            SupersededError: The entry is as new or newer.
        """

    def remove(self, image: Image) -> None:
        """Remove an entry, unless it has changed since `image` was read."""

    def page(self, *, before: str | None, limit: int, now: datetime) -> list[Image]:
        """List entries, newest first, without unused reservations that have expired.

        Args:
            before: The sort key that the previous page ended with; None for the first page.
            limit: The maximum number of entries.
            now: The time that reservations are judged by.
        """
