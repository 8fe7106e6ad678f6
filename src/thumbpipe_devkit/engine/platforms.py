"""Which LocalStack goes with which Python, and what Lambda calls this machine."""

import platform
import sys
from typing import Final

from thumbpipe_devkit.errors import WrongPythonError

LOCALSTACK_BY_PYTHON: Final = {(3, 11): "4.13.1", (3, 12): "4.14.0", (3, 13): "4.14.0"}


def localstack_version(python: tuple[int, int] = sys.version_info[:2]) -> str:
    """The LocalStack release for a Python.

    Raises:
        WrongPythonError: None runs on it.
    """
    try:
        return LOCALSTACK_BY_PYTHON[python]
    except KeyError:
        raise WrongPythonError(f"this is Python {python[0]}.{python[1]}, and no LocalStack here runs on it") from None


def lambda_runtime() -> str:
    """Lambda's name for the Python that runs this."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def lambda_architecture() -> str:
    """Lambda's name for this machine's processor."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
