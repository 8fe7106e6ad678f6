"""Installs LocalStack and the plugin into the cache, once for all runs.

There are two layers: the base contains LocalStack (520 MB), and a small environment on top of it each version of the
plugin, so that a change of the plugin costs seconds.
"""

import contextlib
import errno
import hashlib
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import filelock

from thumbpipe_devkit.engine.platforms import localstack_version
from thumbpipe_devkit.errors import DiskFullError, EngineInstallError, PackageCorruptError, SetupError
from thumbpipe_devkit.paths import CHECKOUT, cache_folder
from thumbpipe_devkit.processes.children import Children

PLUGIN: Final = CHECKOUT / "src" / "thumbpipe_localstack"
LOCKS: Final = CHECKOUT / "locks"
COMPLETE: Final = "complete"
_BASE_PYTHON: Final = str(Path(getattr(sys, "_base_executable", sys.executable)))


def install(children: Children, log: Path, say: Callable[[str], None]) -> Path:
    """Ensure that this checkout's engine is installed, and return its Python.

    Args:
        children: Where pip is started.
        log: Takes pip's output.
        say: Called with a message when the long installation begins.

    Raises:
        EngineInstallError: pip failed; no partial installation is left.
        PackageCorruptError: A package does not match its hash in the lock; no partial installation is left.
        DiskFullError: The disk is full.
    """
    base = _base_folder()
    layer = base.with_name(f"{base.name}+{_digest(_plugin_files())}")
    with _locked(base.with_name(f"{base.name}.lock"), say):
        if not (base / COMPLETE).exists():
            say(f"installing LocalStack {localstack_version()}: once only, about a minute (520 MB)")
            # Only the packages of the first lock build source distributions and the plugin above.
            make(children, base, log, [["--require-hashes", "--requirement", lock] for lock in _locks()])
        if not (layer / COMPLETE).exists():
            say("installing the LocalStack plugin")
            make(children, layer, log, [["--no-deps", "--no-index", PLUGIN]], below=base)
    return layer / "bin" / "python"


@contextlib.contextmanager
def _locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        say("waiting for another run to install LocalStack")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _base_folder() -> Path:
    """Return the folder, whose name contains a digest of everything that the installation depends on."""
    inputs = [*(lock.read_bytes() for lock in _locks()), _BASE_PYTHON.encode()]
    python = f"py{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    engines = cache_folder() / "engines"
    engines.mkdir(exist_ok=True)
    return engines / f"{localstack_version()}-{python}-{_digest(inputs)}"


def make(
    children: Children,
    folder: Path,
    log: Path,
    installations: Iterable[Sequence[str | Path]],
    below: Path | None = None,
) -> None:
    """Create an environment atomically.

    Args:
        children: Where pip is started.
        folder: The environment's folder.
        log: Takes pip's output.
        installations: pip's arguments for each installation, in order; earlier ones may be build tools.
        below: Another environment, whose packages are visible in this one.

    Raises:
        EngineInstallError: pip failed.
        PackageCorruptError: A package does not match its hash in the lock.
        DiskFullError: The disk is full.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        python = folder / "bin" / "python"
        _run(children, log, [_BASE_PYTHON, "-m", "venv", "--without-pip", folder])
        if below is not None:
            site_packages(folder).joinpath("engine.pth").write_text(
                f"import site; site.addsitedir({str(site_packages(below))!r})\n"
            )
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-input", "--no-build-isolation"]
        for arguments in installations:
            _run(children, log, [*pip, *arguments])
        (folder / COMPLETE).touch()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFullError(str(folder), log=log) from error
        raise
    finally:
        if not (folder / COMPLETE).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _run(children: Children, log: Path, command: Sequence[str | Path]) -> None:
    if children.run(command, log=log):
        raise _failure(log)


def _failure(log: Path) -> SetupError:
    text = log.read_text(errors="replace")
    if "No space left on device" in text:
        return DiskFullError("not enough space for LocalStack", log=log)
    _, mismatch, packages = text.rpartition("DO NOT MATCH THE HASHES")
    if mismatch:
        return PackageCorruptError(", ".join(re.findall(r"^ +(\S+) from ", packages, re.MULTILINE)), log=log)
    lines = text.splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    return EngineInstallError("\n".join(errors[-3:]) or "pip said nothing", log=log)


def site_packages(environment: Path) -> Path:
    """Return an environment's site-packages folder."""
    return environment / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def _locks() -> tuple[Path, Path]:
    return LOCKS / "build.txt", LOCKS / f"engine-{localstack_version()}.txt"


def _plugin_files() -> list[bytes]:
    files = sorted(file for file in PLUGIN.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return [part for file in files for part in (str(file.relative_to(PLUGIN)).encode(), file.read_bytes())]


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:12]
