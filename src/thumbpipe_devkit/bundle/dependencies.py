"""A function's locked dependencies, packed for a target and stored in the user's cache."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from filelock import FileLock

from thumbpipe_devkit.bundle import archive, bytecode
from thumbpipe_devkit.bundle.errors import BundleError
from thumbpipe_devkit.bundle.target import Target

TIMEOUT_SECONDS: Final = 600

# Increase it when the selection of a distribution's files changes.
FORMAT: Final = b"1"

# Pure Python without published wheels: pip builds them from the locked sources.
SOURCE_ONLY: Final = ("pyvips",)

# pip's message → its explanation for the user. The first match counts.
CAUSES: Final = (
    (r"No module named pip", "This environment has no pip. Run it through nox"),
    (r"Cannot import 'setuptools", "This environment has no setuptools. Run it through nox"),
    (
        r"DO NOT MATCH THE HASHES",
        "A download does not match the lock. Run `pip cache purge`; if it happens again, do not trust the source",
    ),
    (r"No space left on device", "The disk is full. Make room"),
    (
        (
            r"(NewConnection|ConnectTimeout|Proxy)Error|Failed to establish a new connection|Connection refused"
            r"|Temporary failure in name resolution|Network is unreachable|getaddrinfo failed"
        ),
        (
            "The package index does not answer. Go online once (later builds need no network), or set PIP_INDEX_URL"
            " to one that you reach"
        ),
    ),
    (
        r"No matching distribution found|Could not find a version",
        "The package index has no wheel for this target. Choose another Python or architecture, or renew the locks",
    ),
)


def pack(requirements: Path, target: Target, cache: Path) -> Path:
    """Install the dependencies and zip them, once; every later call finds the zip.

    Args:
        requirements: Exact pins with hashes, as `lock` writes them.
        target: Where they will run.
        cache: The folder that caches the zip.

    Returns:
        A zip of their files, and their bytecode if an interpreter for it was found. It must not be modified.

    Raises:
        BundleError: They cannot be installed.
    """
    interpreter = bytecode.find_interpreter(target.python)
    digest = hashlib.sha256(FORMAT + requirements.read_bytes())
    digest.update(repr(target).encode())
    digest.update((interpreter[1] if interpreter else "").encode())
    packed = cache / f"{target.name}-{digest.hexdigest()[:16]}.zip"
    if packed.is_file():
        return packed
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{packed}.lock", timeout=TIMEOUT_SECONDS):
        if not packed.is_file():
            _pack_into(packed, requirements, target, interpreter[0] if interpreter else None)
    return packed


def _pack_into(packed: Path, requirements: Path, target: Target, interpreter: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=packed.parent, prefix=".partial-") as temporary:
        folder = Path(temporary)
        _run_pip(requirements, target, folder)
        _remove_what_never_runs(folder)
        if interpreter:
            bytecode.compile_folder(folder, interpreter)
        archive.write_zip(packed, archive.read_folder(folder))


def _run_pip(requirements: Path, target: Target, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile", "--retries=2", "--timeout=15"]
    # The build tools are locked, too: nox has installed them in this environment.
    command += ["--no-build-isolation"]
    command += [f"--no-binary={name}" for name in SOURCE_ONLY]
    command += ["--implementation=cp", f"--python-version={target.python}"]
    command += [f"--platform={tag}" for tag in target.platforms]
    command += ["--target", str(folder), "--requirement", str(requirements)]
    # If pkg-config found a libvips, pyvips would be compiled for this machine: let it find none.
    environment = {**os.environ, "PIP_USER": "0", "PKG_CONFIG_LIBDIR": str(folder)}
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )
    if done.returncode:
        raise BundleError(_explain(done.stderr, target))


def _explain(output: str, target: Target) -> str:
    cause = next((text for pattern, text in CAUSES if re.search(pattern, output)), "pip failed; its output follows")
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")] or output.splitlines()[-5:]
    return f"Cannot get the dependencies for {target.name}. {cause}.\n" + "\n".join(errors)


def _remove_what_never_runs(folder: Path) -> None:
    """Keep a distribution's modules, its METADATA (for scanners of deployed functions) and its licences."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for info in folder.glob("*.dist-info"):
        for path in info.iterdir():
            if path.name != "METADATA" and not path.name.lower().startswith("licen"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
