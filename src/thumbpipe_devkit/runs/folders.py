"""A run's folders: its state, which is removed at its end, and its logs, which are kept for a while."""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import filelock

from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.private import keep_files_private, private_folder

KEPT_LOGS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the devkit.

    Attributes:
        name: Unique among all runs on this machine.
        folder: Removed at the end of the run, or by the next run if this one was killed.
        logs: Kept after the run.
    """

    name: str
    folder: Path
    logs: Path


@contextlib.contextmanager
def open_run() -> Iterator[Run]:
    """Remove the folders of dead runs, create this run's, and remove its state at the end.

    Until then, only the current user can read what this process and its children write.
    """
    umask = keep_files_private()
    try:
        with _open_run() as run:
            yield run
    finally:
        os.umask(umask)


@contextlib.contextmanager
def _open_run() -> Iterator[Run]:
    runs, logs = (private_folder(cache_folder() / name) for name in ("runs", "logs"))
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    run = Run(name=name, folder=runs / name, logs=logs / name)
    with filelock.FileLock(cache_folder() / "runs.lock"):
        _sweep(runs)
        _keep_newest(logs, runs)
        private_folder(run.folder)
        owner = filelock.FileLock(run.folder / "owner.lock")
        owner.acquire()
    private_folder(run.logs)
    try:
        yield run
    finally:
        owner.release()
        shutil.rmtree(run.folder, ignore_errors=True)


def _sweep(runs: Path) -> None:
    """Remove the folders of runs that have ended: the kernel has released their locks."""
    for folder in runs.glob("*"):
        with contextlib.suppress(filelock.Timeout, OSError), filelock.FileLock(folder / "owner.lock", timeout=0):
            shutil.rmtree(folder, ignore_errors=True)


def _keep_newest(logs: Path, runs: Path) -> None:
    """Remove old logs, except those of active runs: the ones left in `runs` after the sweep."""
    for folder in sorted(logs.glob("*"))[:-KEPT_LOGS]:
        if not (runs / folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)
