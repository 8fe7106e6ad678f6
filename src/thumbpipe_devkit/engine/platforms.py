"""The LocalStack release for each Python, and Lambda's names for this platform."""

import platform
import sys
from typing import Final

from thumbpipe_devkit.errors import WrongPythonError

LOCALSTACK_BY_PYTHON: Final = {(3, 11): "4.13.1", (3, 12): "4.14.0", (3, 13): "4.14.0"}


def localstack_version(python: tuple[int, int] = sys.version_info[:2]) -> str:
    """Return the LocalStack release for a Python version.

    Raises:
        WrongPythonError: No release supports it.
    """
    try:
        return LOCALSTACK_BY_PYTHON[python]
    except KeyError:
        raise WrongPythonError(f"no supported LocalStack runs on Python {python[0]}.{python[1]}") from None


def lambda_runtime() -> str:
    """Return Lambda's name for the running Python."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def lambda_architecture() -> str:
    """Return Lambda's name for this machine's architecture."""
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
