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
        api_url: The distribution, at which the API answers below /api.
        page_url: The page, there.
        access_key_id: With the secret, the key of the engine's root.
        command: The devkit's command that holds the stack: `demo`, `up` or `e2e`.
        pid: The process whose end is the stack's end.
        checkout: The folder that the stack comes from.
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
        """The key of the engine's root."""
        return Credentials(access_key_id=self.access_key_id, secret_access_key=self.secret_access_key)

    @property
    def lives(self) -> bool:
        """Whether its process lives, and is the one that wrote the file."""
        try:
            return psutil.Process(self.pid).create_time() <= self.started_at + 1
        except psutil.Error:
            return False


def write(run: str, outputs: dict[str, str], credentials: Credentials, command: str) -> Path:
    """Write the file of this process's stack, and remove the files of processes that have ended.

    Args:
        run: The run's name.
        outputs: The addresses and names, by `RunningFile`'s attributes.
        credentials: The key of the engine's root.
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
    # Whatever the umask is: the engine's key is in it.
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(asdict(told), output, indent=2)
    part.replace(target)
    return target


def of_this_checkout(*commands: str) -> RunningFile | None:
    """The newest living stack of this checkout and one of the commands."""
    ours = [told for told in _living() if told.checkout == str(CHECKOUT) and told.command in commands]
    return max(ours, key=lambda told: told.started_at, default=None)


def named(run: str) -> RunningFile | None:
    """Return the running stack of a run."""
    return next((told for told in _living() if told.run == run), None)


def _living() -> Iterator[RunningFile]:
    return (told for _, told in _read_all() if told.lives)


def _read_all() -> Iterator[tuple[Path, RunningFile]]:
    for path in _folder().glob("*.json"):
        try:
            yield path, RunningFile(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            # Another version's file, or one that was removed meanwhile.
            continue


def _folder() -> Path:
    return private_folder(cache_folder() / "running")
