"""Ids and ETags in CloudFront's formats."""

import re
import secrets
import string
import uuid
from typing import Final

_ALPHABET: Final = string.ascii_uppercase + string.digits
_ETAG: Final = re.compile(r"E[A-Z0-9]{5,30}")


def _letters(prefix: str, count: int) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(count))


def new_etag() -> str:
    """Make the ETag of a new version."""
    return _letters("E", 13)


def is_etag(text: str) -> bool:
    """Tell whether a text has the form of an ETag."""
    return bool(_ETAG.fullmatch(text))


def new_entity_id() -> str:
    """Make the id of a distribution or an origin access control."""
    return _letters("E", 13)


def new_key_id() -> str:
    """Make the id of a public key."""
    return _letters("K", 13)


def new_invalidation_id() -> str:
    """Make the id of an invalidation."""
    return _letters("I", 25)


def new_uuid() -> str:
    """Make the id of a policy or a key group."""
    return str(uuid.uuid4())
