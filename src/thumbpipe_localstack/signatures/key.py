"""An access key that the engine issued."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Owner(Enum):
    """The owner of a key."""

    ROOT = "root"
    PRINCIPAL = "principal"  # a user, or a session
    ENGINE = "engine"  # LocalStack itself, which also presigns URLs


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An access key.

    Attributes:
        secret: The secret access key.
        owner: The key's owner.
        token: The session token that a temporary key requires; None for a long-term key.
        expires_at: When a temporary key expires, in UTC.
    """

    secret: str = field(repr=False)
    owner: Owner
    token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
