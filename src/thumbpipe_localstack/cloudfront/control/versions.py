"""Optimistic locking: a change must name the ETag of the current version."""

from thumbpipe_localstack.cloudfront.control.errors import fault
from thumbpipe_localstack.cloudfront.control.ids import is_etag


def require_match(etag: str, if_match: str | None) -> None:
    """Reject a change that does not name the current version.

    Args:
        etag: The current version.
        if_match: The caller's `If-Match`.

    Raises:
        CommonServiceException: `InvalidIfMatchVersion` for a malformed ETag, `PreconditionFailed` for another one.
    """
    if not if_match or not is_etag(if_match):
        raise fault("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if if_match != etag:
        raise fault(
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions in one or more request-header fields.",
        )
