"""Compiled modules, since a cold start cannot store them: Lambda's code folder is read-only."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

from thumbpipe_devkit.bundle.errors import BundleError

TIMEOUT_SECONDS: Final = 300
CODE_FOLDER: Final = "/var/task"


@cache
def find_interpreter(python: str) -> tuple[str, str] | None:
    """Find a Python of this minor version: bytecode is the same for every patch level of it, on every platform.

    Args:
        python: The version without its patch level.

    Returns:
        The interpreter's path and full version, or None if there is no such Python.
    """
    candidates = [sys.executable, shutil.which(f"python{python}")]
    for candidate in filter(None, candidates):
        version = _ask_version(candidate)
        if version and version.rpartition(".")[0] == python:
            return candidate, version
    return None


def _ask_version(interpreter: str) -> str | None:
    if interpreter == sys.executable:
        return ".".join(map(str, sys.version_info[:3]))
    command = [interpreter, "-I", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)  # noqa: S603 - found on PATH by its fixed name
    return answer.stdout.strip() or None


def compile_folder(folder: Path, interpreter: str) -> None:
    """Compile every module below a folder into its `__pycache__`.

    The result depends only on the sources and the interpreter: it contains no timestamps (`unchecked-hash`) and no
    path of this machine, and the hash seed is fixed.

    Raises:
        BundleError: A module does not compile.
    """
    command = [interpreter, "-S", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(folder), "-p", CODE_FOLDER, str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )
    if done.returncode:
        raise BundleError(f"Cannot compile the modules in {folder}:\n{done.stdout}{done.stderr}")
