"""The `thumbpipe` command against the real stack."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from support.stack import Stack

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ENDED_WITHIN_S: Final = 90


@pytest.fixture
def thumbpipe(stack: Stack) -> Run:
    credentials = {
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "AWS_DEFAULT_REGION": stack.region,
        **stack.credentials.as_environment(),
    }

    def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", "from thumbpipe.cli.main import main; main()", *map(str, arguments)],
            env=os.environ | credentials | {"THUMBPIPE_API": stack.api_url},
            capture_output=True,
            text=True,
            timeout=ENDED_WITHIN_S,
            check=False,
        )

    return run


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_photos_go_up_are_listed_shown_downloaded_and_deleted(thumbpipe: Run, jpeg: bytes, tmp_path: Path) -> None:
    sources = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for source in sources:
        source.write_bytes(jpeg)

    uploaded = thumbpipe("upload", "--json", *sources)
    assert uploaded.returncode == 0, uploaded.stderr
    images = lines(uploaded.stdout)
    assert [image["state"] for image in images] == ["ready", "ready"]
    ids = [image["id"] for image in images]

    assert set(ids) <= {image["id"] for image in lines(thumbpipe("list", "--json", "--all").stdout)}
    assert "one.jpg" in thumbpipe("show", ids[0]).stdout

    downloaded = thumbpipe("download", *ids, "-o", tmp_path / "out")
    assert downloaded.returncode == 0, downloaded.stderr
    originals = [path for path in (tmp_path / "out").rglob("*.jpg") if path.read_bytes() == jpeg]
    assert len(originals) == len(ids)

    assert thumbpipe("delete", *ids).returncode == 0
    assert thumbpipe("show", ids[0]).returncode == 1


def test_one_bad_photo_fails_the_command_and_not_the_others(thumbpipe: Run, jpeg: bytes, tmp_path: Path) -> None:
    (tmp_path / "good.jpg").write_bytes(jpeg)
    (tmp_path / "bad.jpg").write_text("This is no photo.")
    uploaded = thumbpipe("upload", "--json", tmp_path)
    assert uploaded.returncode == 1
    states = {image["file"].rsplit("/", 1)[-1]: image["state"] for image in lines(uploaded.stdout)}
    assert states == {"good.jpg": "ready", "bad.jpg": "failed"}
    assert "Traceback" not in uploaded.stderr


def test_status_shows_the_depth_of_both_queues(thumbpipe: Run, stack: Stack) -> None:
    queues = ("--queue-url", stack.queue_url, "--dead-letter-queue-url", stack.dead_letter_queue_url)
    status = thumbpipe("status", *queues)
    assert status.returncode == 0, status.stderr
    assert "dead" in status.stdout.lower()
