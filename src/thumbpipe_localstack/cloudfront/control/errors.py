"""CloudFront's errors, with the statuses that its service model gives them."""

from functools import cache

from localstack.aws.api import CommonServiceException
from localstack.aws.spec import load_service


@cache
def _statuses() -> dict[str, int]:
    return {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in load_service("cloudfront").error_shapes}


def fault(code: str, message: str) -> CommonServiceException:
    """Make one of CloudFront's errors.

    Args:
        code: One of the service model's error codes, e.g. `NoSuchDistribution`.
        message: CloudFront's text for it.
    """
    return CommonServiceException(code, message, status_code=_statuses()[code], sender_fault=True)


def invalid_argument(message: str) -> CommonServiceException:
    """Make the error for an invalid value."""
    return fault("InvalidArgument", message)


def unsupported(what: str) -> CommonServiceException:
    """Make the error for something that CloudFront supports but this plugin does not.

    Args:
        what: The setting, and the alternative if there is one.
    """
    return fault("UnsupportedOperation", f"thumbpipe-localstack does not support {what}")
