"""The platform that a zip is for."""

import platform
import sys
import sysconfig
from dataclasses import dataclass
from typing import Final, Self

from thumbpipe_devkit.bundle.errors import BundleError

DEFAULT_PYTHON: Final = "3.13"
DEFAULT_ARCHITECTURE: Final = "arm64"

# Lambda's names of architectures → names in wheel tags.
ARCHITECTURES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}

# Lambda runtime → minor version of its glibc 2.x: Amazon Linux 2 in python3.11, Amazon Linux 2023 in later ones.
GLIBC_MINORS: Final = {"3.11": 26, "3.12": 34, "3.13": 34}

# Wheels for platforms older than manylinux_2_17 are no longer published.
OLDEST_GLIBC_MINOR: Final = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A Python and a platform.

    Attributes:
        name: Short, unique and valid in a file name: "lambda-arm64-py3.13".
        python: The Python version without its patch level: "3.13".
        platforms: The platform tags of the wheels that run there, best first; empty for this machine.
    """

    name: str
    python: str
    platforms: tuple[str, ...] = ()

    @classmethod
    def for_lambda(cls, *, python: str = DEFAULT_PYTHON, architecture: str = DEFAULT_ARCHITECTURE) -> Self:
        """AWS Lambda's own runtime.

        Args:
            python: "3.11", "3.12" or "3.13".
            architecture: "arm64" or "x86_64".

        Raises:
            BundleError: Lambda has no such runtime or architecture.
        """
        if python not in GLIBC_MINORS:
            raise BundleError(f"No Lambda runtime for Python {python}; choose {', '.join(GLIBC_MINORS)}.")
        if architecture not in ARCHITECTURES:
            raise BundleError(f"Lambda has no {architecture} processors; choose {', '.join(ARCHITECTURES)}.")
        machine = ARCHITECTURES[architecture]
        # pip matches tags literally: glibc 2.34 also runs wheels built for 2.17 to 2.33.
        tags = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC_MINORS[python], OLDEST_GLIBC_MINOR - 1, -1)]
        return cls(
            name=f"lambda-{architecture}-py{python}", python=python, platforms=(*tags, f"manylinux2014_{machine}")
        )

    @classmethod
    def for_host(cls, *, python: str | None = None) -> Self:
        """This machine, for the embedded engine.

        Args:
            python: A version other than the running interpreter's.
        """
        python = python or f"{sys.version_info.major}.{sys.version_info.minor}"
        libc = "-".join(platform.libc_ver()[:1]) or "any"
        return cls(name=f"host-{sysconfig.get_platform()}-{libc}-py{python}", python=python)
