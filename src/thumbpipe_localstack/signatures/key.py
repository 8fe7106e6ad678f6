"""An access key that the engine gave away."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Owner(Enum):
    """Whose a key is."""

    ROOT = "root"
    PRINCIPAL = "principal"  # a user, or a session
    ENGINE = "engine"  # LocalStack itself, which signs URLs of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An access key.

    Attributes:
        secret: The secret access key.
        owner: Whose it is.
        token: The session token without which the key is worth nothing; None for a long-term key.
        expires_at: When a temporary key ends, in UTC.
    """

    secret: str = field(repr=False)
    owner: Owner
    token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
