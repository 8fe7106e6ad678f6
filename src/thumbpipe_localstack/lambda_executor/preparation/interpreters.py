"""Finds the Python interpreter for a function's runtime."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_RUNTIME: Final = re.compile(r"python(?P<major>\d+)\.(?P<minor>\d+)")
_PROBE: Final = (
    "import json, sys; print(json.dumps([list(sys.version_info[:2]), sys._base_executable or sys.executable]))"
)
_PROBE_SECONDS: Final = 10
_LONGEST_QUOTE: Final = 200
_SUPPORTED: Final = ((3, 11), (3, 12), (3, 13))  # what LocalStack and the tests run on


class NoInterpreterError(Exception):
    """No interpreter on this machine supports the runtime."""


class _DoesNotRunError(Exception):
    """A file that should be an interpreter, and does not run; the message says what it said."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python interpreter.

    Attributes:
        version: Major and minor version.
        executable: The interpreter itself, not a virtual environment's or a shim.
    """

    version: tuple[int, int]
    executable: Path


_found: dict[str, Interpreter] = {}
_lock = threading.Lock()


def find_interpreter(runtime: str) -> Interpreter:
    """Find the interpreter for a runtime: LocalStack's own if its version matches, else one on ``PATH``.

    Args:
        runtime: Lambda's identifier, such as ``python3.13``.

    Raises:
        NoInterpreterError: if there is none, or the runtime is not Python.
    """
    with _lock:
        if runtime not in _found:
            _found[runtime] = _search(runtime)
        return _found[runtime]


def _search(runtime: str) -> Interpreter:
    match = _RUNTIME.fullmatch(runtime)
    if not match:
        raise NoInterpreterError(f"The process executor runs Python functions; {runtime} is not supported.")
    wanted = (int(match["major"]), int(match["minor"]))
    if wanted not in _SUPPORTED:
        names = ", ".join(f"python{major}.{minor}" for major, minor in _SUPPORTED)
        raise NoInterpreterError(f"The process executor does not support the runtime {runtime}: it runs {names}.")
    tried: list[str] = []
    for candidate in _list_candidates(runtime, wanted):
        try:
            found = _probe(candidate)
        except _DoesNotRunError as error:
            tried.append(f"{candidate} does not run: {error}")
            continue
        if found.version == wanted:
            return found
        tried.append(f"{candidate} is Python {found.version[0]}.{found.version[1]}")
    version, own = runtime.removeprefix("python"), f"python{sys.version_info[0]}.{sys.version_info[1]}"
    raise NoInterpreterError(
        f"No Python {version} was found for the runtime {runtime} (tried: {'; '.join(tried) or 'nothing'}). "
        f"Put {runtime} on the PATH of LocalStack, or create the function with the runtime {own}."
    )


def _list_candidates(runtime: str, wanted: tuple[int, int]) -> Iterator[Path]:
    if sys.version_info[:2] == wanted:
        yield Path(sys.executable)
    for folder in os.get_exec_path():
        candidate = Path(folder) / runtime
        if os.access(candidate, os.X_OK):
            yield candidate


def _probe(candidate: Path) -> Interpreter:
    """Run a candidate: a version manager's shim exists for inactive versions, too, and refuses to run.

    Raises:
        _DoesNotRunError: It does not run, or not like Python.
    """
    try:
        answer = subprocess.run(  # noqa: S603 - an interpreter on PATH
            [candidate, "-I", "-S", "-c", _PROBE], capture_output=True, check=True, timeout=_PROBE_SECONDS, text=True
        )
        (major, minor), executable = json.loads(answer.stdout)
    except subprocess.CalledProcessError as error:
        said = [line.strip() for line in str(error.stderr).splitlines() if line.strip()]
        raise _DoesNotRunError(said[0][:_LONGEST_QUOTE] if said else f"exit status {error.returncode}") from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _DoesNotRunError(f"{error}"[:_LONGEST_QUOTE]) from error
    return Interpreter((major, minor), Path(executable))
