"""Why a request is refused, before its service, and so the error's format, is known."""

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
    """The request could not be authenticated.

    Attributes:
        reason: What is wrong.
        message: The service's message, where it differs from the reason's default.
        code: S3's error code, where it differs from the reason's default.
        status: S3's status with that code.
        details: Further elements of S3's error document; never a secret or an expected signature.
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
