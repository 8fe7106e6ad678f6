"""Nothing of an engine survives it, and a machine without Docker is no reason to complain."""

import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest

from support.plugin_engine import CreateFunction, Engine, Function, StartEngine

FAMILY = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "300"])
stray = subprocess.Popen(["sleep", "300"], start_new_session=True)
def handler(event, context):
    pids = [os.getpid(), child.pid, stray.pid]
    if event.get("note"):
        with open(event["note"], "w") as file:
            file.write(" ".join(map(str, pids)))
    time.sleep(event.get("sleep", 0))
    return pids
"""
SECONDS = 10


def _is_gone(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def _wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + SECONDS
    while not all(map(_is_gone, pids)):
        assert time.monotonic() < deadline, [pid for pid in pids if not _is_gone(pid)]
        time.sleep(0.1)


def _start_long_invocation(function: Function, note: Path) -> list[int]:
    def invoke() -> None:
        with contextlib.suppress(Exception):  # the engine ends under it
            function.invoke(json.dumps({"sleep": 300, "note": str(note)}).encode())

    threading.Thread(target=invoke, daemon=True).start()
    deadline = time.monotonic() + SECONDS
    while not (note.exists() and note.read_text().count(" ") == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [int(pid) for pid in note.read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_and_no_folder_outlives_the_engine(
    start_engine: StartEngine, create_function: CreateFunction, tmp_path: Path, number: signal.Signals
) -> None:
    engine = start_engine()
    idle, busy = (create_function(FAMILY, on=engine, Timeout=300) for _ in range(2))
    pids = [*json.loads(idle.invoke()["Body"]), *_start_long_invocation(busy, tmp_path / "pids")]
    helpers = [child.pid for child in psutil.Process(engine.process.pid).children(recursive=True)]
    started = time.monotonic()

    os.kill(engine.process.pid, number)
    engine.process.wait(timeout=30)

    assert time.monotonic() - started < SECONDS
    _wait_until_gone([*pids, *helpers])
    assert list(engine.log.parent.glob("localstack-lambda-*")) == []


def test_a_process_that_a_crashed_function_started_is_ended(create_function: CreateFunction) -> None:
    function = create_function(FAMILY + "    \ndef crash(event, context):\n    os._exit(1)\n")
    pids = json.loads(function.invoke()["Body"])

    os.kill(pids[0], signal.SIGKILL)

    _wait_until_gone(pids)


def test_a_deleted_function_leaves_no_process(create_function: CreateFunction) -> None:
    function = create_function(FAMILY)
    pids = json.loads(function.invoke()["Body"])

    function.delete()

    _wait_until_gone(pids)


def test_an_invocation_at_work_is_finished_when_the_code_changes(
    create_function: CreateFunction, tmp_path: Path
) -> None:
    note = tmp_path / "started"
    function = create_function(
        "import time\ndef handler(event, context):\n"
        "    open(event['note'], 'w').close()\n    time.sleep(1.5)\n    return 'old'\n"
    )
    answers: list[bytes] = []
    event = json.dumps({"note": str(note)}).encode()
    running = threading.Thread(target=lambda: answers.append(function.invoke(event)["Body"]))
    running.start()
    while not note.exists():
        time.sleep(0.02)

    function.configure(Description="changed")
    running.join(timeout=SECONDS)

    assert answers == [b'"old"']


def test_the_engine_logs_no_complaint_about_docker(engine: Engine, create_function: CreateFunction) -> None:
    create_function("def handler(event, context):\n    return 1\n").invoke()

    assert "docker" not in engine.log.read_text().lower()
