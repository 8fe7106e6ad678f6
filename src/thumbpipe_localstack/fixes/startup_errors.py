"""The reason why LocalStack does not start.

LocalStack swallows the error of what it loads first, and ends with "No component plugins found".
"""

import importlib
import importlib.metadata
from typing import Final

from localstack.runtime import hooks

_COMPONENTS: Final = "localstack.aws.components"
_LAST: Final = -1000  # other hooks expect that nothing is loaded before them


class BrokenInstallationError(Exception):
    """LocalStack cannot be loaded; the message says why, and what helps."""


@hooks.on_runtime_create(priority=_LAST)  # type: ignore[untyped-decorator]
def say_what_does_not_load() -> None:
    """Load what LocalStack would load next.

    Raises:
        BrokenInstallationError: It cannot be loaded.
    """
    try:
        importlib.import_module(_COMPONENTS)
    except Exception as error:
        raise BrokenInstallationError(
            f"LocalStack cannot be loaded: {type(error).__name__}: {error}{_describe_package(error)}. Install it with "
            "the constraints of thumbpipe-localstack, as its README says under Install."
        ) from error


def _describe_package(error: Exception) -> str:
    """Return the version of the package in which something is missing, where it is known."""
    package = (getattr(error, "name", None) or "").partition(".")[0]
    try:
        return f" ({package} {importlib.metadata.version(package)} is installed)"
    except (ValueError, importlib.metadata.PackageNotFoundError):
        return ""
