"""However and whenever a run is ended, no process is left, and the next run works."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from support.processes import lives
from support.sockets import assert_on_loopback_alone
from support.waiting import happens
from thumbpipe_devkit.paths import CHECKOUT, cache_folder

WITHIN_S: Final = 180.0


@dataclass(frozen=True)
class Started:
    """A devkit's command that was started the way nox does it."""

    process: subprocess.Popen[str]
    said: Path

    def wait_for(self, words: str) -> None:
        """Wait until the command has said so."""

        def is_decided() -> bool:
            return bool(re.search(words, self.text)) or self.process.poll() is not None

        assert happens(is_decided, WITHIN_S), self.text
        assert re.search(words, self.text), self.text

    @property
    def text(self) -> str:
        return self.said.read_text()

    def end(self, number: signal.Signals) -> set[psutil.Process]:
        """Send the signal, wait for the end, and return what had been running."""
        family = {psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)}
        self.process.send_signal(number)
        self.process.wait(WITHIN_S)
        return family


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in a folder with a space in its name, with the user's installed engine and provider in it."""
    folder = tmp_path_factory.mktemp("a cache")
    for name in ("engines", "terraform", "bundle"):
        ours = cache_folder() / name
        ours.mkdir(exist_ok=True)
        (folder / name).symlink_to(ours)
    return folder


@pytest.fixture
def start(cache: Path, tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def run(*arguments: str, **variables: str) -> Started:
        said = tmp_path / f"said-{len(started)}.txt"
        with said.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "thumbpipe_devkit", *arguments],
                env=os.environ | {"PYTHONPATH": str(CHECKOUT / "src"), "THUMBPIPE_CACHE": str(cache)} | variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        started.append(Started(process, said))
        return started[-1]

    yield run
    for one in started:
        with contextlib.suppress(ProcessLookupError):
            one.process.kill()
        one.process.wait()


def _assert_nothing_left(cache: Path, family: set[psutil.Process]) -> None:
    assert happens(lambda: not any(map(lives, family)), 15), family
    assert list((cache / "runs").glob("*")) == []
    assert list((cache / "running").glob("*")) == []


TERRAFORM_WORKS: Final = "Terraform has applied the stack: .*waiting for"


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (r"\A", signal.SIGINT),
        ("Terraform has its provider", signal.SIGINT),
        (TERRAFORM_WORKS, signal.SIGTERM),
    ],
    ids=["SIGINT at once", "SIGINT while the engine starts", "SIGTERM while Terraform works"],
)
def test_an_interrupted_demo_leaves_nothing(
    words: str, number: signal.Signals, cache: Path, start: Callable[..., Started]
) -> None:
    demo = start("demo", "--once")
    assert happens(lambda: any((cache / "runs").glob("*")), WITHIN_S)
    demo.wait_for(words)
    family = demo.end(number)
    assert demo.process.returncode == 128 + number, demo.text
    assert "Traceback" not in demo.text
    _assert_nothing_left(cache, family)


def test_an_interrupted_up_leaves_no_keeper(cache: Path, start: Callable[..., Started]) -> None:
    up = start("up")
    up.wait_for("Terraform has its provider")
    keepers = psutil.Process(up.process.pid).children(recursive=True)
    up.end(signal.SIGINT)
    _assert_nothing_left(cache, set(keepers))


def test_a_killed_demo_leaves_no_process_and_the_next_runs_work_side_by_side(
    cache: Path, start: Callable[..., Started]
) -> None:
    killed = start("demo")
    killed.wait_for(TERRAFORM_WORKS)
    family = killed.end(signal.SIGKILL)
    assert happens(lambda: not any(map(lives, family)), 15), family

    up, demo = start("up"), start("demo")
    demo.wait_for("sending .* photos")
    assert_on_loopback_alone(demo.process.pid, least=2)
    family = demo.end(signal.SIGINT)
    assert "Traceback" not in demo.text
    assert happens(lambda: not any(map(lives, family)), 15), family

    assert up.process.wait(WITHIN_S) == 0, up.text
    again = start("up")
    assert again.process.wait(WITHIN_S) == 0
    assert "The stack is already up" in again.text
    told = _running_file(cache)
    shown = start("credentials")
    assert shown.process.wait(WITHIN_S) == 0, shown.text
    assert _account_in_a_shell(shown.text) == "000000000000"
    assert str(told["secret_access_key"]) in shown.text
    assert str(told["secret_access_key"]) not in up.text + again.text
    keeper = psutil.Process(told["pid"])
    assert_on_loopback_alone(keeper.pid, least=2)
    family = {keeper, *keeper.children(recursive=True)}
    down = start("down")
    assert down.process.wait(WITHIN_S) == 0, down.text
    _assert_nothing_left(cache, family)


def _running_file(cache: Path) -> dict[str, Any]:
    """Return the running file of the only running stack."""
    (path,) = (cache / "running").glob("*.json")
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def _account_in_a_shell(exports: str) -> str:
    """The account that one of AWS's tools sees in a shell that has taken over the exports."""
    ask = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    told = subprocess.run(
        ["/bin/sh", "-c", f'{exports}exec "$0" -c "{ask}"', sys.executable],
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.strip()
