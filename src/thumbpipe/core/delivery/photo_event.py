"""S3's event about a stored photo."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from thumbpipe.core.delivery.object_store import ObjectVersion

_SEQUENCER_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEvent:
    """A photo was stored under `raw/`.

    Attributes:
        source: The photo.
        size_bytes: Its size.
        sequencer: Orders the events of one key, in comparable form.
        time: When it was stored.
    """

    source: ObjectVersion
    size_bytes: int
    sequencer: str
    time: datetime


def comparable_sequencer(sequencer: str) -> str:
    """Bring an S3 event's sequencer into a form that compares as text, the way AWS documents it.

    Args:
        sequencer: Hexadecimal digits; a shorter one is read as if zeros followed.
    """
    return sequencer.upper().ljust(_SEQUENCER_LENGTH, "0")
