"""Names: image ids, and the S3 keys of photos and renditions."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

RAW_PREFIX: Final = "raw/"
THUMBS_PREFIX: Final = "thumbs/"
MAX_FILENAME_CHARACTERS: Final = 255
ENTROPY_BYTES: Final = 10
"""How much of an id is chance."""

EXTENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/webp": "webp",
        "image/gif": "gif",
        "image/tiff": "tif",
        "image/bmp": "bmp",
        "image/avif": "avif",
        "image/heic": "heic",
        "image/heif": "heif",
    }
)
"""The content types that may be uploaded, with the ending of their keys."""

_ID_LENGTH: Final = 26
_VERSION_LENGTH: Final = 8
_SEQUENCER_LENGTH: Final = 32
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID: Final = re.compile(r"[0-9A-Z]{26}")
_PROMISED_KEY: Final = re.compile(rf"{RAW_PREFIX}([0-7][{_CROCKFORD}]{{25}})\.(?:{'|'.join(EXTENSIONS.values())})")


def new_id(at: datetime, entropy: bytes) -> str:
    """Make a ULID: 26 characters that sort by time.

    Args:
        at: The moment, to the millisecond.
        entropy: 10 random bytes.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"A ULID takes {ENTROPY_BYTES} random bytes, not {len(entropy)}.")
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(entropy)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_ID_LENGTH)))


def is_id(text: str) -> bool:
    """Say whether the text has the form of an image's id."""
    return _ID.fullmatch(text) is not None


def hashed_id(key: str) -> str:
    """The id of a photo that was put under `raw/` without the API."""
    digest = hashlib.sha256(key.encode()).digest()
    return base64.b32encode(digest).decode()[:_ID_LENGTH]


def id_of(key: str) -> str:
    """The id that a raw key stands for: its own ULID where it carries one, else its hash."""
    promised = _PROMISED_KEY.fullmatch(key)
    return promised[1] if promised else hashed_id(key)


def ids_of(key: str) -> Iterator[str]:
    """The ids that a raw key may get, the best first: one that another photo has is passed over.

    There is no end to them, for whoever may write under `raw/` can name a key after the hash of another's.
    """
    yield id_of(key)
    image_id = hashed_id(key)
    while True:
        yield image_id
        image_id = hashed_id(f"{image_id}/{key}")


def raw_key(image_id: str, content_type: str) -> str:
    """The key that a promised upload goes to.

    Args:
        image_id: The upload's ULID.
        content_type: One of `EXTENSIONS`.
    """
    return f"{RAW_PREFIX}{image_id}.{EXTENSIONS[content_type]}"


def filename_of(key: str) -> str:
    """The name that a photo put under `raw/` without the API is listed under: the key's last part."""
    name = key.rstrip("/").rpartition("/")[2]
    return name[-MAX_FILENAME_CHARACTERS:]


def version_of(etag: str) -> str:
    """The part of a rendition's key that changes with its source's content."""
    return etag.strip('"')[:_VERSION_LENGTH]


def renditions_prefix(image_id: str) -> str:
    """The folder of all renditions of an image, those of replaced sources included."""
    return f"{THUMBS_PREFIX}{image_id}/"


def rendition_key(image_id: str, version: str, width: int, extension: str) -> str:
    """The key of one rendition."""
    return f"{renditions_prefix(image_id)}{version}/{width}.{extension}"


def version_in(rendition_key: str) -> str:
    """The version that a rendition's key names."""
    return rendition_key.split("/")[2]


def comparable_sequencer(sequencer: str) -> str:
    """Bring an S3 event's sequencer into a form that compares as text, the way AWS documents it.

    Args:
        sequencer: Hexadecimal digits; a shorter one is read as if zeros followed.
    """
    return sequencer.upper().ljust(_SEQUENCER_LENGTH, "0")
