"""The embedded engine: LocalStack from PyPI, a child process of this machine, without Docker or an account."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.engine import service_catalog
from thumbpipe_devkit.engine.base import StartedEngine
from thumbpipe_devkit.engine.health import is_ready
from thumbpipe_devkit.engine.install import install
from thumbpipe_devkit.engine.platforms import lambda_architecture, lambda_runtime
from thumbpipe_devkit.engine.ports import free_port, is_free
from thumbpipe_devkit.engine.warm import warm
from thumbpipe_devkit.errors import EngineDiedError, PortTakenError
from thumbpipe_devkit.processes.children import Child, Children, Ending

READY_WITHIN_S: Final = 90.0
TRIES: Final = 3
TAIL_LINES: Final = 25
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class EmbeddedEngine:
    """LocalStack with the plugin of `src/thumbpipe_localstack`, on loopback only, with a key for this run only.

    Args:
        children: Starts the process, and ends it with the others at the latest.
        state: LocalStack's state folder, which `stop` removes.
        logs: The folder for `install.log` and `engine.log`.
        say: Called with a message when something takes long.
        port: The port to listen on; None for a free one.
        settings: LocalStack's settings, which override the devkit's.
    """

    keeps_resources = False

    def __init__(  # noqa: PLR0913 - all are keyword arguments
        self,
        children: Children,
        *,
        state: Path,
        logs: Path,
        say: Callable[[str], None],
        port: int | None = None,
        settings: Mapping[str, str] = _NONE,
    ) -> None:
        self._children = children
        self._state = state
        self._logs = logs
        self._say = say
        self._fixed_port = port
        self._port = port or free_port()
        self._settings = settings
        self._credentials = Credentials.make()
        self._child: Child | None = None

    @property
    def log(self) -> Path:
        """LocalStack's log."""
        return self._logs / "engine.log"

    @property
    def _root(self) -> Path:
        return self._state / "root"

    def plan(self) -> StartedEngine:
        """Return its address, which is provisional until it has started: another process may take the port."""
        return StartedEngine(
            endpoint_url=f"http://127.0.0.1:{self._port}",
            credentials=self._credentials,
            lambda_runtime=lambda_runtime(),
            lambda_architecture=lambda_architecture(),
            own_platform=True,
        )

    def start(self) -> StartedEngine:
        """Install LocalStack if necessary, start it, and wait until it is ready.

        Raises:
            SetupError: The installation failed, the port is in use, or the process ended.
        """
        python = install(self._children, self._logs / "install.log", self._say)
        for _ in range(TRIES):
            if not is_free(self._port):
                if self._fixed_port is not None:
                    raise PortTakenError(f"another process listens on 127.0.0.1:{self._port}")
                self._port = free_port()
            self._launch(python)
            if self._is_ready_in_time():
                service_catalog.keep(python, self._root)
                warm(self.plan().endpoint_url, self._credentials)
                return self.plan()
            self.stop()
            if "in use" not in self.tail():
                break
            self._port = self._fixed_port or free_port()
        raise EngineDiedError(f"LocalStack did not become ready. The end of its log:\n{self.tail()}", log=self.log)

    def is_healthy(self) -> bool:
        """Whether the process is running and answers."""
        return self._child is not None and self._child.poll() is None and is_ready(self.plan().endpoint_url)

    def stop(self) -> None:
        """Stop LocalStack and all its processes, and remove its state."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        shutil.rmtree(self._state, ignore_errors=True)

    def tail(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-TAIL_LINES:])

    def _launch(self, python: Path) -> None:
        for name in ("tmp", "home", "volume"):
            (self._state / name).mkdir(parents=True, exist_ok=True)
        service_catalog.reuse(python, self._root)
        with self.log.open("wb") as output:
            self._child = self._children.spawn(
                [python, "-m", "localstack.runtime.main"],
                output=output,
                env=self._environment(python),
                cwd=self._state,
                # Its state is removed anyway: nothing is lost without a graceful shutdown.
                ending=Ending(by=signal.SIGKILL),
            )

    def _is_ready_in_time(self) -> bool:
        deadline = time.monotonic() + READY_WITHIN_S
        while self._child is not None and self._child.poll() is None and time.monotonic() < deadline:
            if is_ready(self.plan().endpoint_url):
                # Another LocalStack may have taken the port, so that ours is about to exit.
                return self._child.poll() is None
            time.sleep(0.1)
        return False

    def _environment(self, python: Path) -> dict[str, str]:
        """Return LocalStack's environment: the devkit's settings, without the user's AWS and LocalStack variables."""
        address = f"127.0.0.1:{self._port}"
        kept = {"PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR"}
        return {name: value for name, value in os.environ.items() if name in kept} | {
            "GATEWAY_LISTEN": address,
            "LOCALSTACK_HOST": address,
            "LOCALSTACK_VOLUME_DIR": str(self._state / "volume"),
            "FILESYSTEM_ROOT": str(self._root),
            # In a container, as CI's jobs often are, LocalStack would ignore that folder and keep its certificate's
            # key and its caches in /var/lib/localstack, which every engine of the machine writes and all may read.
            "OVERRIDE_IN_DOCKER": "0",
            "TMPDIR": str(self._state / "tmp"),
            "HOME": str(self._state / "home"),
            # LocalStack's plugin index; without it, each start reads the metadata of all packages.
            "XDG_CACHE_HOME": str(service_catalog.cache_of(python)),
            "PYTHONUNBUFFERED": "1",
            # LocalStack writes S3's event times in local time, without an offset.
            "TZ": "UTC",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DISABLE_EVENTS": "1",
            "DNS_ADDRESS": "0",
            # These metrics are not used, and cost one call per message.
            "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
            "LAMBDA_RUNTIME_EXECUTOR": "process",
            "PROVIDER_OVERRIDE_DYNAMODB": "moto",
            "ENFORCE_IAM": "1",
            # Only its own user can read a process's environment; all users can read a command line.
            "VERIFY_SIGNATURES": "1",
            "ROOT_ACCESS_KEY_ID": self._credentials.access_key_id,
            "ROOT_SECRET_ACCESS_KEY": self._credentials.secret_access_key,
            **self._settings,
        }
