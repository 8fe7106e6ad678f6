"""The interface of all kinds of engines."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from thumbpipe_devkit.aws import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedEngine:
    """A started engine.

    Attributes:
        endpoint_url: Where it answers, for example `http://127.0.0.1:4567`.
        credentials: The key of its account's root.
        lambda_runtime: The Lambda runtime whose functions it can run, for example `python3.13`.
        lambda_architecture: `arm64` or `x86_64`.
        own_platform: Whether functions run on this machine as they are, and not in Lambda's image.
    """

    endpoint_url: str
    credentials: Credentials
    lambda_runtime: str
    lambda_architecture: str
    own_platform: bool


class Engine(Protocol):
    """One place where a stack can run."""

    @property
    def log(self) -> Path | None:
        """The engine's log; None for an engine that the user runs."""

    @property
    def keeps_resources(self) -> bool:
        """Whether resources outlive `stop`, so that the stack has to be destroyed before."""

    def plan(self) -> StartedEngine:
        """Return what `start` will return, as far as it is known; ports may change."""

    def start(self) -> StartedEngine:
        """Start the engine and wait until it is ready.

        Raises:
            SetupError: It cannot start; the message says why.
        """

    def is_healthy(self) -> bool:
        """Whether the started engine answers."""

    def tail(self) -> str:
        """The end of the engine's log, for a message."""

    def stop(self) -> None:
        """End the engine with all its processes. May be called again."""
