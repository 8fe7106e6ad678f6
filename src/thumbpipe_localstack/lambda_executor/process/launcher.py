"""First code in an execution environment: sets limits and the search path, then runs AWS's runtime client.

It is started by path, without site-packages, by whichever interpreter runs the function. Arguments: the handler, and
the settings as JSON (see ``child_process.LaunchSettings``).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import site
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:  # never true at run time: importing `typing` would add 3 ms to each cold start
    from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_OPEN_FILES: Final = 1024  # Lambda's limit


def main() -> None:
    """Prepare the process and run awslambdaric."""
    handler, settings = sys.argv[1], json.loads(sys.argv[2])
    _end_with_parent(settings["parent"])
    _set_limits(settings["address_space"], settings["cgroup"])
    _offer_interactive_names()
    standard_library = list(sys.path)
    # Load the client with the runtime folder first: a copy in the function's package must not replace it.
    sys.path[:] = [settings["runtime_folder"], *standard_library]
    _provide_runtime_client(force_python=settings["python_client"], path=settings["client_module"])
    from awslambdaric.__main__ import main as run  # noqa: PLC0415 - the search path had to be set first

    own = [*settings["search_path"], settings["runtime_folder"]]
    sys.path[:] = [*own, *standard_library]
    # For subprocesses; not before: a module in the function's package must not replace one that this file needs.
    os.environ["PYTHONPATH"] = os.pathsep.join(own)
    sys.argv = [settings["runtime_folder"], handler]
    run(sys.argv)


def _end_with_parent(parent: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - takes milliseconds, and is needed on Linux only

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent ended before the call above
        os.kill(os.getpid(), signal.SIGKILL)


def _set_limits(address_space: int | None, cgroup: str | None) -> None:
    if cgroup:
        (Path(cgroup) / "cgroup.procs").write_text("0")
    if address_space:
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _offer_interactive_names() -> None:
    """Define ``exit``, ``quit`` and ``help``, which are missing without site-packages."""
    site.setquit()
    site.sethelper()


def _provide_runtime_client(*, force_python: bool, path: str) -> None:
    if not force_python:
        try:
            import runtime_client  # noqa: F401, PLC0415 - checks that the native module loads
        except ImportError:
            pass
        else:
            return
    spec = spec_from_loader("runtime_client", SourceFileLoader("runtime_client", path))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    sys.modules["runtime_client"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


if __name__ == "__main__":
    main()
