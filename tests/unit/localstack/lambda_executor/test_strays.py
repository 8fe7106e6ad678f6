"""An environment ends with all processes that it started, and with no others."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.processes import lives
from support.waiting import wait_until
from thumbpipe_localstack.lambda_executor.process.guard_main import kill_environment

# Lives until somebody ends it, as does what it started: in its own group, and in a session of its own.
FAMILY: Final = """
import subprocess, sys, time
LIVE = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
child, stray = subprocess.Popen(LIVE), subprocess.Popen(LIVE, start_new_session=True)
print(child.pid, stray.pid, flush=True)
time.sleep(600)
"""


def _start_family(marker: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """Start an environment that carries a marker; return it, and all of its processes."""
    name, _, value = marker.partition("=")
    leader = subprocess.Popen(
        [sys.executable, "-S", "-c", FAMILY],
        env={name: value},
        start_new_session=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert leader.stdout is not None
    pids = [leader.pid, *(int(pid) for pid in leader.stdout.readline().split())]
    return leader, [psutil.Process(pid) for pid in pids]


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux tells of another process's environment")
def test_a_process_that_left_the_group_ends_with_its_own_environment_only() -> None:
    leader, family = _start_family("MARK=m-1")
    neighbour, others = _start_family("MARK=m-11")
    with leader, neighbour:
        try:
            kill_environment(leader.pid, "MARK=m-1")

            wait_until("the family to be gone", lambda: not any(map(lives, family)), within_s=10)
            assert all(map(lives, others))
        finally:
            kill_environment(neighbour.pid, "MARK=m-11")
            for process in (*family, *others):  # where the subject of the test does not end them
                if lives(process):
                    process.kill()


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux tells of another process's environment")
def test_a_process_that_left_the_group_is_ended_after_its_environment_died_by_itself() -> None:
    leader, family = _start_family("MARK=m-2")
    with leader:
        leader.kill()
        leader.wait(timeout=10)
        try:
            kill_environment(leader.pid, "MARK=m-2")

            wait_until("the family to be gone", lambda: not any(map(lives, family)), within_s=10)
        finally:
            for process in family:
                if lives(process):
                    process.kill()
