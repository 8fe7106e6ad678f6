"""WAF's errors."""

from localstack.aws.api import CommonServiceException


def fault(code: str, message: str) -> CommonServiceException:
    """Make an error of WAF's."""
    return CommonServiceException(code, message, status_code=400, sender_fault=True)


def invalid(field: str, parameter: object, reason: str) -> CommonServiceException:
    """Make the error for a value that WAF does not take, worded as WAF does.

    Args:
        field: One of `ParameterExceptionField`.
        parameter: The value.
        reason: What is wrong with it.
    """
    return fault("WAFInvalidParameterException", f"Error reason: {reason}, field: {field}, parameter: {parameter}")


def nonexistent() -> CommonServiceException:
    """Make the error for what is not there."""
    return fault(
        "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist."
    )


def associated() -> CommonServiceException:
    """Make the error for what is still in use."""
    return fault(
        "WAFAssociatedItemException",
        "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's "
        "associated with another resource.",
    )


def duplicate() -> CommonServiceException:
    """Make the error for a name that is taken."""
    return fault(
        "WAFDuplicateItemException",
        "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing "
        "one.",
    )


def stale() -> CommonServiceException:
    """Make the error for a lock token that is not the last one."""
    return fault(
        "WAFOptimisticLockException",
        "AWS WAF couldn't save your changes because someone changed the resource after you started to edit it. Reapply "
        "your changes.",
    )


def unsupported(what: str) -> CommonServiceException:
    """Make the error for what WAF can and this plugin cannot."""
    return fault("WAFInvalidOperationException", f"thumbpipe-localstack does not support {what}")
