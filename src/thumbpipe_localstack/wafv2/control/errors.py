"""WAF's errors."""

from localstack.aws.api import CommonServiceException


def fault(code: str, message: str) -> CommonServiceException:
    """Make one of WAF's errors."""
    return CommonServiceException(code, message, status_code=400, sender_fault=True)


def invalid(field: str, parameter: object, reason: str) -> CommonServiceException:
    """Make the error for an invalid value, with WAF's text.

    Args:
        field: One of `ParameterExceptionField`.
        parameter: The value.
        reason: What is wrong with it.
    """
    return fault("WAFInvalidParameterException", f"Error reason: {reason}, field: {field}, parameter: {parameter}")


def nonexistent() -> CommonServiceException:
    """Make the error for a missing resource."""
    return fault(
        "WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist."
    )


def associated() -> CommonServiceException:
    """Make the error for a resource in use."""
    return fault(
        "WAFAssociatedItemException",
        "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's "
        "associated with another resource.",
    )


def duplicate() -> CommonServiceException:
    """Make the error for a name that is already in use."""
    return fault(
        "WAFDuplicateItemException",
        "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing "
        "one.",
    )


def stale() -> CommonServiceException:
    """Make the error for an outdated lock token."""
    return fault(
        "WAFOptimisticLockException",
        "AWS WAF couldn't save your changes because someone changed the resource after you started to edit it. Reapply "
        "your changes.",
    )


def unsupported(what: str) -> CommonServiceException:
    """Make the error for something that WAF supports but this plugin does not."""
    return fault("WAFInvalidOperationException", f"thumbpipe-localstack does not support {what}")
