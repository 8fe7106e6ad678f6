import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from fakes.thumbpipe_api import FakeThumbpipeApi

Run = Callable[..., Result]


@pytest.fixture
def announce(cache: Path) -> Callable[..., None]:
    """Write the file of a running stack."""

    def write(
        name: str, api_url: str, *, pid: int | None = None, started_at: float = 8.5, command: str = "demo"
    ) -> None:
        path = cache / "running" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"api_url": api_url, "command": command, "pid": pid or os.getpid(), "started_at": started_at}
        path.write_text(json.dumps(content))

    return write


@pytest.fixture
def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait(30)
    return child.pid


def test_the_environment_names_the_api(run: Run, api: FakeThumbpipeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api.add("beach.jpg")
    monkeypatch.setenv("THUMBPIPE_API", f"{api.url}/")

    assert "beach.jpg" in run("list").stdout


def test_the_newest_stack_that_lives_is_found(
    run: Run, api: FakeThumbpipeApi, announce: Callable[..., None], dead_pid: int, cache: Path
) -> None:
    api.add("beach.jpg")
    announce("old", "http://127.0.0.1:9", started_at=7.5)
    announce("new", api.url, started_at=80.5)
    announce("dead", "http://127.0.0.1:9", started_at=90.5, pid=dead_pid)
    announce("tests", "http://127.0.0.1:9", started_at=90.5, command="e2e")
    (cache / "running" / "torn.json").write_text('{"api_url": ')

    assert "beach.jpg" in run("list").stdout


def test_the_option_wins(run: Run, api: FakeThumbpipeApi, announce: Callable[..., None]) -> None:
    announce("other", "http://127.0.0.1:9")

    assert run("list", "--api", api.url).exit_code == 0


def test_without_an_api_the_ways_to_specify_it_are_shown(run: Run) -> None:
    result = run("list")

    assert result.exit_code == 1
    assert "--api URL, set THUMBPIPE_API" in result.stderr


@pytest.mark.parametrize("address", ["ftp://somewhere", "photos.example.com", "https://", "http://a:x"])
def test_a_url_that_is_not_http_is_refused(run: Run, address: str) -> None:
    result = run("list", "--api", address)

    assert result.exit_code == 1
    assert f"{address} is not the URL of an API" in result.stderr


def test_an_api_that_does_not_answer_is_a_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]

    result = run("list", "--api", f"http://127.0.0.1:{port}")

    assert result.exit_code == 1
    assert f"Nothing answers at 127.0.0.1:{port}" in result.stderr
    assert "Is the stack running" in result.stderr
