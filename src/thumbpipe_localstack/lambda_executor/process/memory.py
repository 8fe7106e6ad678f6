"""Limits and measures the memory of execution environments.

It uses the best method of the machine: a cgroup (version 2, if LocalStack may create one); else, on Linux, a limit of
the address space, and polling of the resident memory; elsewhere polling alone.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import psutil

_MIB: Final = 1 << 20
# Interpreter, shared libraries, stacks and allocator arenas: mapped, hardly used.
_ADDRESS_SPACE_HEADROOM: Final = 1024 * _MIB
_LOOK_EVERY_SECONDS: Final = 0.05
_CGROUPS: Final = Path("/sys/fs/cgroup")


class Meter(Protocol):
    """Measures and limits the memory of one environment.

    Attributes:
        address_space: Limit that the launcher sets, in bytes, or None.
        cgroup: Folder of the cgroup that the launcher joins, or None.
    """

    address_space: int | None
    cgroup: Path | None

    def read_bytes(self, pid: int) -> int:
        """Return the memory in use, or 0 if the process has ended."""

    def read_peak_mb(self, pid: int) -> int:
        """Return the peak memory, in mebibytes."""

    def has_overrun(self, pid: int) -> bool:
        """Tell whether the limit was exceeded."""

    def close(self) -> None:
        """Release the meter's resources."""


class ResidentMeter:
    """Polls the resident memory; on Linux a limit of the address space catches growth between two polls."""

    cgroup: Path | None = None

    def __init__(self, limit_mb: int) -> None:
        self._limit = limit_mb * _MIB
        self._peak = 0
        self.address_space = self._limit + _ADDRESS_SPACE_HEADROOM if Path("/proc/self/statm").exists() else None

    def read_bytes(self, pid: int) -> int:
        """See Meter."""
        try:
            used = int(psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            return 0
        self._peak = max(self._peak, used)
        return used

    def read_peak_mb(self, pid: int) -> int:
        """See Meter."""
        self.read_bytes(pid)
        with contextlib.suppress(OSError, StopIteration, ValueError):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            high_water = next(line for line in lines if line.startswith("VmHWM:"))
            self._peak = max(self._peak, int(high_water.split()[1]) * 1024)
        return -(-self._peak // _MIB)

    def has_overrun(self, pid: int) -> bool:
        """See Meter."""
        # The peak: it includes what was used between two polls.
        return self.read_peak_mb(pid) * _MIB > self._limit

    def close(self) -> None:
        """See Meter."""


class CgroupMeter:
    """A cgroup: the kernel limits, measures and kills."""

    address_space: int | None = None

    def __init__(self, folder: Path, limit_mb: int) -> None:
        self._folder = folder
        self.cgroup: Path | None = folder
        folder.mkdir()
        (folder / "memory.max").write_text(str(limit_mb * _MIB))
        for name, text in {"memory.swap.max": "0", "memory.oom.group": "1"}.items():
            with contextlib.suppress(OSError):  # not supported by every kernel
                (folder / name).write_text(text)

    def read_bytes(self, pid: int) -> int:  # noqa: ARG002 - the cgroup knows its processes
        """See Meter."""
        return _read_number(self._folder / "memory.current")

    def read_peak_mb(self, pid: int) -> int:
        """See Meter."""
        peak = _read_number(self._folder / "memory.peak") or self.read_bytes(pid)  # memory.peak exists since Linux 5.19
        return -(-peak // _MIB)

    def has_overrun(self, pid: int) -> bool:  # noqa: ARG002
        """See Meter."""
        with contextlib.suppress(OSError):
            lines = (self._folder / "memory.events").read_text().splitlines()
            return any(line.startswith("oom_kill ") and line != "oom_kill 0" for line in lines)
        return False

    def close(self) -> None:
        """See Meter."""
        with contextlib.suppress(OSError):
            self._folder.rmdir()


def _read_number(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0


def find_cgroup_parent(root: Path = _CGROUPS, membership: Path = Path("/proc/self/cgroup")) -> Path | None:
    """Find a cgroup in which one with a memory limit can be created, or None.

    Args:
        root: Mount point of cgroups, version 2.
        membership: File that names this process's cgroup.
    """
    try:
        own = next(line[3:] for line in membership.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return None
    folder = root / own.strip("/")
    for candidate in (folder, folder.parent):
        with contextlib.suppress(OSError):
            enabled = (candidate / "cgroup.subtree_control").read_text().split()
            if "memory" in enabled and os.access(candidate, os.W_OK) and candidate.is_relative_to(root):
                return candidate
    return None


def create_meter(limit_mb: int, name: str, parent: Path | None) -> Meter:
    """Create the best meter that the machine allows.

    Args:
        limit_mb: The function's memory size.
        name: Name for a cgroup, unique on the machine.
        parent: Result of ``find_cgroup_parent``.
    """
    if parent:
        folder = parent / name
        try:
            return CgroupMeter(folder, limit_mb)
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
    return ResidentMeter(limit_mb)


@dataclass(frozen=True, slots=True)
class _Watched:
    meter: Meter
    pid: int
    on_overrun: Callable[[], None]


class MemoryWatch:
    """A thread that polls the memory of all environments that are busy."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watched] = {}
        self._change = threading.Condition()
        threading.Thread(target=self._run, name="lambda-memory", daemon=True).start()

    def add(self, meter: Meter, pid: int, on_overrun: Callable[[], None]) -> None:
        """Watch a process; the callback is called when it exceeds its limit."""
        with self._change:
            self._watched[pid] = _Watched(meter, pid, on_overrun)
            self._change.notify()

    def remove(self, pid: int) -> None:
        """Stop watching a process."""
        with self._change:
            self._watched.pop(pid, None)

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._watched)
                watched = list(self._watched.values())
            for one in watched:
                if one.meter.has_overrun(one.pid):
                    self.remove(one.pid)
                    one.on_overrun()
            time.sleep(_LOOK_EVERY_SECONDS)
