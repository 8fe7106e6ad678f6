"""The interface of engines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thumbpipe_devkit.aws import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedEngine:
    """A started engine.

    Attributes:
        endpoint_url: Its base URL, for example `http://127.0.0.1:4567`.
        credentials: The key of its account's root user.
        lambda_runtime: The Lambda runtime that it supports, for example `python3.13`.
        lambda_architecture: `arm64` or `x86_64`.
        own_platform: Whether functions run directly on this machine, not in Lambda's container image.
    """

    endpoint_url: str
    credentials: Credentials
    lambda_runtime: str
    lambda_architecture: str
    own_platform: bool


class Engine(Protocol):
    """An engine on which a stack can run."""

    @property
    def log(self) -> Path | None:
        """The engine's log; None for an engine that the user runs."""

    @property
    def keeps_resources(self) -> bool:
        """Whether resources outlive `stop`, so that the stack has to be destroyed before."""

    def plan(self) -> StartedEngine:
        """Return what `start` is expected to return; the port may change."""

    def start(self) -> StartedEngine:
        """Start the engine and wait until it is ready.

        Raises:
            SetupError: It cannot start; the message says why.
        """

    def is_healthy(self) -> bool:
        """Whether the started engine answers."""

    def tail(self) -> str:
        """Return the end of the engine's log, for an error message."""

    def stop(self) -> None:
        """Stop the engine and all its processes; idempotent."""
