"""Ids of images: a ULID if the API made it, else a hash of the photo's key."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from thumbpipe.core.catalog.object_keys import EXTENSIONS, RAW_PREFIX

ENTROPY_BYTES: Final = 10
"""How many bytes of an id are random."""

_LENGTH: Final = 26
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID: Final = re.compile(r"[0-9A-Z]{26}")
_RESERVED_ID: Final = re.compile(rf"[0-7][{_CROCKFORD}]{{25}}")
_RESERVED_KEY: Final = re.compile(rf"{RAW_PREFIX}({_RESERVED_ID.pattern})\.(?:{'|'.join(EXTENSIONS.values())})")


def new_id(at: datetime, entropy: bytes) -> str:
    """Make a ULID: 26 characters that sort by time.

    Args:
        at: The time, to the millisecond.
        entropy: 10 random bytes.
    """
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"A ULID takes {ENTROPY_BYTES} random bytes, not {len(entropy)}.")
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(entropy)
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_id(text: str) -> bool:
    """Say whether a text has the form of an image's id."""
    return _ID.fullmatch(text) is not None


def candidate_ids(key: str) -> Iterator[str]:
    """Yield the ids that a raw key may get, in order of preference: it gets the first that no other photo has.

    The sequence continues while another key could claim the last id, because anyone who may write under `raw/` can name
    a key after the hash of another. One hash in 150 has the form of a reserved id.
    """
    image_id = id_of(key)
    yield image_id
    if image_id != hashed_id(key):
        image_id = hashed_id(key)
        yield image_id
    while _RESERVED_ID.fullmatch(image_id):
        image_id = hashed_id(f"{image_id}/{key}")
        yield image_id


def id_of(key: str) -> str:
    """Return the id that a raw key prefers: the ULID that it contains, else its hash."""
    reserved = _RESERVED_KEY.fullmatch(key)
    return reserved[1] if reserved else hashed_id(key)


def hashed_id(key: str) -> str:
    """Return the id of a photo that was put under `raw/` without the API."""
    digest = hashlib.sha256(key.encode()).digest()
    return base64.b32encode(digest).decode()[:_LENGTH]
