import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from thumbpipe_devkit.paths import CHECKOUT
from thumbpipe_devkit.runs import folders

HOLD: Final = (
    "from thumbpipe_devkit.runs.folders import open_run\nwith open_run() as run: print(run.folder, flush=True); input()"
)


def _hold() -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a run, and the run's folder."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT / "src")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    return holder, Path(holder.stdout.readline().strip())


def _end(holder: subprocess.Popen[str]) -> None:
    holder.communicate("\n", timeout=10)


def test_a_runs_state_ends_with_it_and_its_logs_stay() -> None:
    with folders.open_run() as run:
        (run.folder / "state").touch()
        (run.logs / "engine.log").touch()
    assert not run.folder.exists()
    assert (run.logs / "engine.log").exists()


def test_the_state_of_a_killed_run_is_swept_away_by_the_next() -> None:
    holder, folder = _hold()
    holder.send_signal(signal.SIGKILL)
    _end(holder)
    assert folder.exists()
    with folders.open_run():
        assert not folder.exists()


def test_an_active_run_is_not_touched() -> None:
    holder, folder = _hold()
    with folders.open_run() as run:
        assert folder.exists()
        assert folder != run.folder
    _end(holder)
    assert not folder.exists()


def test_only_the_newest_logs_are_kept(cache: Path) -> None:
    for number in range(folders.KEPT_LOGS + 5):
        (cache / "logs" / f"20200101-0000{number:02}-x").mkdir(parents=True)
    with folders.open_run() as run:
        kept = sorted(path.name for path in (cache / "logs").iterdir())
    assert len(kept) == folders.KEPT_LOGS + 1
    assert kept[0] == "20200101-000005-x"
    assert kept[-1] == run.name


def test_the_logs_of_a_run_that_lives_are_kept_however_many_are_newer(cache: Path) -> None:
    holder, folder = _hold()
    for number in range(folders.KEPT_LOGS + 5):
        (cache / "logs" / f"99990101-0000{number:02}-x").mkdir()
    with folders.open_run():
        assert (cache / "logs" / folder.name).exists()
    _end(holder)
    with folders.open_run():
        assert not (cache / "logs" / folder.name).exists()
