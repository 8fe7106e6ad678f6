"""What the catalog remembers of a deleted image, so that no late upload or event brings it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

UPLOAD_GRACE_SECONDS: Final = 15 * 60
"""An upload that starts just before its form expires may take this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A deleted image.

    Attributes:
        image_id: Its id.
        source_key: The key of its photo.
        token: Different for each deletion.
        form_ends_at: When the presigned form of its upload expires, in seconds since 1970; None if there was none.
    """

    image_id: str
    source_key: str
    token: str
    form_ends_at: int | None = None

    def covers(self, stored_at: datetime) -> bool:
        """Say whether a photo stored at this time may come from the deleted image's form, and is deleted with it."""
        return self.form_ends_at is not None and stored_at.timestamp() <= self.form_ends_at + UPLOAD_GRACE_SECONDS
