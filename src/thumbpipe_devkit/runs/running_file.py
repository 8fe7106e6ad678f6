"""The file that describes a running stack to other commands."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.paths import CHECKOUT, cache_folder
from thumbpipe_devkit.private import private_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningFile:
    """The contents of `<cache>/running/<run>.json`.

    Attributes:
        run: The run's name.
        api_url: The distribution's URL; the API is below /api.
        page_url: The page's URL, at the distribution.
        access_key_id: With the secret, the access key of the engine's root user.
        command: The devkit's command that started the stack: `demo`, `up` or `e2e`.
        pid: The process with which the stack ends.
        checkout: The checkout that the stack was started from.
        started_at: Seconds since the epoch.
    """

    run: str
    api_url: str
    page_url: str
    endpoint_url: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    region: str
    image_bucket: str
    catalog_table: str
    queue_url: str
    dead_letter_queue_url: str
    command: str
    pid: int
    checkout: str
    started_at: float

    @property
    def credentials(self) -> Credentials:
        """The access key of the engine's root user."""
        return Credentials(access_key_id=self.access_key_id, secret_access_key=self.secret_access_key)

    @property
    def lives(self) -> bool:
        """Whether its process is running, and is the one that wrote the file."""
        try:
            return psutil.Process(self.pid).create_time() <= self.started_at + 1
        except psutil.Error:
            return False


def write(run: str, outputs: dict[str, str], credentials: Credentials, command: str) -> Path:
    """Write the file of this process's stack, and remove the files of processes that have ended.

    Args:
        run: The run's name.
        outputs: The URLs and names, by `RunningFile`'s attributes.
        credentials: The access key of the engine's root user.
        command: The devkit's command.
    """
    for path, told in _read_all():
        if not told.lives:
            path.unlink(missing_ok=True)
    told = RunningFile(
        **outputs,
        access_key_id=credentials.access_key_id,
        secret_access_key=credentials.secret_access_key,
        run=run,
        command=command,
        pid=os.getpid(),
        checkout=str(CHECKOUT),
        started_at=time.time(),
    )
    target = _folder() / f"{run}.json"
    part = target.with_suffix(".part")
    # Regardless of the umask: it contains the engine's key.
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(asdict(told), output, indent=2)
    part.replace(target)
    return target


def of_this_checkout(*commands: str) -> RunningFile | None:
    """Return the newest running stack of this checkout that one of the commands started."""
    ours = [told for told in _living() if told.checkout == str(CHECKOUT) and told.command in commands]
    return max(ours, key=lambda told: told.started_at, default=None)


def named(run: str) -> RunningFile | None:
    """Return a run's stack, if it is running."""
    return next((told for told in _living() if told.run == run), None)


def _living() -> Iterator[RunningFile]:
    return (told for _, told in _read_all() if told.lives)


def _read_all() -> Iterator[tuple[Path, RunningFile]]:
    for path in _folder().glob("*.json"):
        try:
            yield path, RunningFile(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            # The file of another version, or one that was removed in the meantime.
            continue


def _folder() -> Path:
    return private_folder(cache_folder() / "running")
