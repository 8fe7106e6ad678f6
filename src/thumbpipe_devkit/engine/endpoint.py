"""A LocalStack that the user runs, given by its URL; it is never started or stopped."""

from pathlib import Path

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.engine.base import StartedEngine
from thumbpipe_devkit.engine.health import is_ready
from thumbpipe_devkit.engine.platforms import lambda_architecture, lambda_runtime
from thumbpipe_devkit.errors import EndpointUnreachableError


class EndpointEngine:
    """A LocalStack that is already running; its root key, if required, is in the same environment variables as its own.

    Args:
        url: Its base URL.
    """

    keeps_resources = True

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._credentials = Credentials.of_endpoint()

    @property
    def log(self) -> Path | None:
        """None: the user has the log."""
        return None

    def plan(self) -> StartedEngine:
        """Return what `start` returns."""
        return StartedEngine(
            endpoint_url=self._url,
            credentials=self._credentials,
            lambda_runtime=lambda_runtime(),
            lambda_architecture=lambda_architecture(),
            own_platform=True,
        )

    def start(self) -> StartedEngine:
        """Check that it answers.

        Raises:
            EndpointUnreachableError: It does not.
        """
        if not self.is_healthy():
            raise EndpointUnreachableError(f"no LocalStack is ready at {self._url}")
        return self.plan()

    def is_healthy(self) -> bool:
        """Whether it answers."""
        return is_ready(self._url)

    def tail(self) -> str:
        """Refer to the log of the user's own LocalStack."""
        return f"The log of the LocalStack at {self._url} may say why."

    def stop(self) -> None:
        """Do nothing: the engine is the user's."""
