"""Why a request is refused, before anybody knows in which service's words."""

from collections.abc import Mapping
from enum import Enum


class Reason(Enum):
    """What is wrong with a request's authentication."""

    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown key"
    INVALID_TOKEN = "invalid token"  # noqa: S105 - no password
    EXPIRED_TOKEN = "expired token"  # noqa: S105 - no password
    MISMATCH = "mismatch"
    SKEWED = "skewed"
    EXPIRED = "expired"
    UNSIGNED_HEADERS = "unsigned headers"
    WRONG_BODY = "wrong body"
    FORBIDDEN = "forbidden"


class RefusedError(Exception):
    """A request that is not what it says it is, or says nothing.

    Attributes:
        reason: What is wrong.
        message: The service's words, where they differ from those that the reason always has.
        code: S3's error code, where it is another than the reason's.
        status: S3's status with that code.
        details: What S3's error document says besides. Neither a secret nor a right signature is among it.
    """

    def __init__(
        self,
        reason: Reason,
        message: str = "",
        *,
        code: str = "",
        status: int = 0,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or reason.value)
        self.reason = reason
        self.message = message
        self.code = code
        self.status = status
        self.details = details or {}
