"""The engine is killed in the middle of 20 uploads: a clear message, and the next run is clean."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest

from support.pipeline_client import PipelineClient
from support.waiting import wait_until
from thumbpipe_devkit.errors import StackLostError
from thumbpipe_devkit.loopback import local_client
from thumbpipe_devkit.runs import running_file
from thumbpipe_devkit.runs.running_file import RunningFile

PHOTOS: Final = 20
STARTED_WITHIN_S: Final = 240
ENDED_WITHIN_S: Final = 60


@pytest.fixture
def photos(tmp_path: Path, jpeg: bytes) -> Path:
    folder = tmp_path / "with space"
    folder.mkdir()
    for number in range(PHOTOS):
        (folder / f"{number}.jpg").write_bytes(jpeg)
    return folder


@pytest.fixture
def demo(photos: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "thumbpipe_devkit", "demo", "--once", str(photos)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        yield process
        process.terminate()
        process.wait(ENDED_WITHIN_S)


def engine_of(pid: int) -> psutil.Process:
    [engine] = [
        child
        for child in psutil.Process(pid).children(recursive=True)
        if child.cmdline()[1:] == ["-m", "localstack.runtime.main"]
    ]
    return engine


def some_are_ready(api_url: str) -> bool:
    try:
        with local_client() as http:
            images = list(PipelineClient(api_url, http).listing())
    except httpx.HTTPError:
        return False
    return any(image["state"] == "ready" for image in images)


def test_a_killed_engine_gives_a_clear_message_and_the_next_run_is_clean(
    demo: subprocess.Popen[str], photos: Path
) -> None:
    def told() -> RunningFile | None:
        assert demo.poll() is None, demo.communicate()[0]
        found = running_file.of_this_checkout("demo")
        return found if found is not None and found.pid == demo.pid else None

    run = wait_until("the demo to run", told, within_s=STARTED_WITHIN_S)
    engine = engine_of(demo.pid)
    left = [engine, *engine.children(recursive=True)]
    wait_until("the first photo", lambda: some_are_ready(run.api_url))
    os.kill(engine.pid, signal.SIGKILL)
    output, _ = demo.communicate(timeout=ENDED_WITHIN_S)
    assert demo.returncode == 1
    assert StackLostError.title in output
    assert StackLostError.way_out in output
    assert re.search(r"^Log: .+engine\.log$", output, re.MULTILINE), output
    assert "Traceback" not in output
    gone, alive = psutil.wait_procs(left, timeout=10)
    assert not alive, f"{len(gone)} ended, these did not"

    again = subprocess.run(
        [sys.executable, "-m", "thumbpipe_devkit", "demo", "--once", str(photos / "0.jpg")],
        capture_output=True,
        text=True,
        timeout=STARTED_WITHIN_S,
        check=False,
    )
    assert again.returncode == 0, again.stdout + again.stderr
