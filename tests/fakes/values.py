"""Values for tests, with defaults for everything that a test does not care about."""

from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

from PIL import Image as Pillow

from thumbpipe.core.catalog.image import Failure, Image, State, StoredRendition
from thumbpipe.core.delivery.photo_event import comparable_sequencer

NOON: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)


@cache
def png(colour: str = "red", size: tuple[int, int] = (24, 16)) -> bytes:
    """A small picture."""
    file = BytesIO()
    Pillow.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


def image_id(number: int) -> str:
    """An id that is the same in each run."""
    return "01JD" + sha256(str(number).encode()).hexdigest()[:22].upper()


def pending(number: int = 1, **changes: Any) -> Image:  # noqa: ANN401 - any of the fields
    """A reserved upload, `number` seconds after noon."""
    values: dict[str, Any] = {
        "id": image_id(number),
        "state": State.PENDING,
        "filename": "Katze am Meer.jpg",
        "content_type": "image/jpeg",
        "size_bytes": 1000,
        "created_at": NOON + timedelta(seconds=number),
        "source_key": f"raw/{image_id(number)}.jpg",
        "expires_at": int((NOON + timedelta(days=1)).timestamp()),
    }
    return Image(**values | changes)


def ready(number: int = 1, sequencer: str = "01", **changes: Any) -> Image:  # noqa: ANN401 - any of the fields
    """An image with two renditions."""
    key = f"thumbs/{image_id(number)}/{sequencer * 4}/160"
    values: dict[str, Any] = {
        "state": State.READY,
        "expires_at": None,
        "processed_at": NOON + timedelta(hours=1),
        "source_version_id": f"version-{sequencer}",
        "source_etag": sequencer * 16,
        "sequencer": comparable_sequencer(sequencer),
        "width": 4032,
        "height": 3024,
        "format": "JPEG",
        "frames": 1,
        "placeholder": "1QcSHQRnh493V4dIh4eXh1h4kJUI",
        "renditions": (
            StoredRendition(width=160, height=120, format="webp", key=f"{key}.webp", bytes=2000),
            StoredRendition(width=160, height=120, format="jpeg", key=f"{key}.jpg", bytes=3000),
        ),
    }
    return pending(number, **values | changes)


def failed(number: int = 1, sequencer: str = "01", **changes: Any) -> Image:  # noqa: ANN401 - any of the fields
    """A file that is not an image."""
    values: dict[str, Any] = {
        "state": State.FAILED,
        "width": None,
        "height": None,
        "format": None,
        "frames": None,
        "placeholder": None,
        "renditions": (),
        "error": Failure(code="truncated", message="The file ends early."),
    }
    return ready(number, sequencer, **values | changes)
