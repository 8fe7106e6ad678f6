"""The port of the catalog: what is asked of whatever keeps the entries."""

from datetime import datetime
from typing import Protocol

from thumbpipe.core.catalog.image import Image
from thumbpipe.core.errors import ThumbpipeError


class SupersededError(ThumbpipeError):
    """The catalog's entry is newer than what should replace it, or belongs to another photo."""


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
