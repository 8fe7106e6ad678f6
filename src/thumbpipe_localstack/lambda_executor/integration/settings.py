"""Settings of the executor, from LocalStack's environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings.

    Attributes:
        max_environments: Environments that a function without reserved concurrency may have at a time.
        python_client: Whether the pure-Python runtime client is used even where the native one loads.
    """

    max_environments: int
    python_client: bool

    def __post_init__(self) -> None:
        """Validate the settings.

        Raises:
            ValueError: if no environment is allowed.
        """
        if self.max_environments < 1:
            raise ValueError(f"LAMBDA_PROCESS_MAX_ENVIRONMENTS must be at least 1, not {self.max_environments}")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from environment variables.

        Args:
            environ: ``LAMBDA_PROCESS_MAX_ENVIRONMENTS`` (twice the cores) and ``LAMBDA_PROCESS_RUNTIME_CLIENT``
                (``native``, or ``python``).
        """
        return cls(
            max_environments=int(environ.get("LAMBDA_PROCESS_MAX_ENVIRONMENTS") or 2 * (os.cpu_count() or 1)),
            python_client=environ.get("LAMBDA_PROCESS_RUNTIME_CLIENT", "native") == "python",
        )
