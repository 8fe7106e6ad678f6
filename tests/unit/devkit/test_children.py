import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.processes import lives
from support.waiting import happens
from thumbpipe_devkit.paths import CHECKOUT
from thumbpipe_devkit.processes.children import Child, Children, Ending, StoppedError

# Starts a child of its own in another session, as a badly behaved server would, and ignores SIGTERM. What sleeps in
# the programs of this module lives until somebody ends it.
STUBBORN: Final = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(grandchild.pid, flush=True)
time.sleep(600)
"""


WITHIN_S: Final = 10


def _start_stubborn(children: Children) -> tuple[Child, list[int]]:
    """A stubborn child, and the process ids of all that belongs to it."""
    child = children.spawn([sys.executable, "-c", STUBBORN], output=subprocess.PIPE, ending=Ending(grace_s=0.1))
    grandchild = int(next(child.lines()))
    family = psutil.Process(child.supervisor_pid).children(recursive=True)
    return child, [child.supervisor_pid, grandchild, *(process.pid for process in family)]


def test_leaving_ends_a_stubborn_child_and_what_it_started() -> None:
    with Children() as children:
        _, pids = _start_stubborn(children)
        assert all(map(lives, pids))
    assert not any(map(lives, pids))


def test_a_killed_devkit_ends_its_children() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_children import _start_stubborn\n"
        "from thumbpipe_devkit.processes.children import Children\n"
        "with Children() as children: print(*_start_stubborn(children)[1], flush=True); input()"
    )
    devkit = subprocess.Popen(
        [sys.executable, "-c", program, Path(__file__).parent],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(CHECKOUT / "src"), str(CHECKOUT / "tests")])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert devkit.stdout is not None
    pids = [int(pid) for pid in devkit.stdout.readline().split()]
    devkit.send_signal(signal.SIGKILL)
    devkit.communicate(timeout=10)
    assert len(pids) >= 3
    assert happens(lambda: not any(map(lives, pids)), WITHIN_S)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_killed_supervisor_ends_its_command() -> None:
    with Children() as children:
        child = children.spawn([sys.executable, "-c", "import time; time.sleep(600)"], output=subprocess.DEVNULL)
        supervisor = psutil.Process(child.supervisor_pid)
        assert happens(lambda: bool(supervisor.children()), WITHIN_S)
        command = supervisor.children()[0]
        supervisor.kill()
        assert happens(lambda: not lives(command.pid), WITHIN_S)


def test_a_child_can_choose_the_signal_that_ends_it() -> None:
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True); time.sleep(600)"
    )
    with Children() as children:
        ending = Ending(by=signal.SIGINT, grace_s=10)
        child = children.spawn([sys.executable, "-c", program], output=subprocess.PIPE, ending=ending)
        assert next(child.lines()) == "ready\n"
        child.stop()
        assert child.poll() == 7


def test_a_childs_exit_status_and_output_are_returned(tmp_path: Path) -> None:
    with Children() as children:
        log = tmp_path / "log"
        assert children.run([sys.executable, "-c", "print('out'); raise SystemExit(3)"], log=log) == 3
        assert log.read_text() == "out\n"


def test_a_child_does_not_see_the_supervisors_python_path(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os; print(os.environ.get('PYTHONPATH'))"
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with Children() as children:
        assert list(children.spawn([sys.executable, "-c", program], output=subprocess.PIPE).lines()) == ["None\n"]
        with_path = {"PYTHONPATH": "/a b", "PATH": "/usr/bin:/bin"}
        child = children.spawn([sys.executable, "-c", program], output=subprocess.PIPE, env=with_path)
        assert list(child.lines()) == ["/a b\n"]


def test_nothing_is_started_after_the_end() -> None:
    with Children() as children:
        pass
    with pytest.raises(StoppedError):
        children.spawn(["true"], output=subprocess.DEVNULL)
