"""An engine leaves nothing behind, and logs no warnings about missing Docker."""

import contextlib
import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.plugin_engine import CreateFunction, Engine, Function, StartEngine
from support.processes import lives
from support.waiting import wait_until

FAMILY: Final = """
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
SECONDS: Final = 90  # LocalStack alone takes seconds to end; what sleeps in these functions would live for 300


def _wait_until_gone(pids: list[int]) -> None:
    wait_until("the end of all processes", lambda: not any(map(lives, pids)), within_s=SECONDS)


def _start_long_invocation(function: Function, note: Path) -> list[int]:
    def invoke() -> None:
        with contextlib.suppress(Exception):  # the engine ends under it
            function.invoke(json.dumps({"sleep": 300, "note": str(note)}).encode())

    threading.Thread(target=invoke, daemon=True).start()
    wait_until("the invocation", lambda: note.exists() and note.read_text().count(" ") == 2, within_s=SECONDS)
    return [int(pid) for pid in note.read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_and_no_folder_outlives_the_engine(
    start_engine: StartEngine, create_function: CreateFunction, tmp_path: Path, number: signal.Signals
) -> None:
    engine = start_engine()
    idle, deleted, busy = (create_function(FAMILY, on=engine, Timeout=300) for _ in range(3))
    pids = [pid for function in (idle, deleted) for pid in json.loads(function.invoke()["Body"])]
    pids += _start_long_invocation(busy, tmp_path / "pids")
    helpers = [child.pid for child in psutil.Process(engine.process.pid).children(recursive=True)]
    deleted.delete()

    os.kill(engine.process.pid, number)
    engine.process.wait(timeout=SECONDS)

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
    started, go_on = tmp_path / "started", tmp_path / "go-on"
    function = create_function(
        "import os, tempfile, time\ndef handler(event, context):\n"
        "    open(event['started'], 'w').close()\n"
        "    while not os.path.exists(event['go_on']): time.sleep(0.02)\n"
        "    return os.path.isdir(tempfile.gettempdir())\n"
    )
    event = json.dumps({"started": str(started), "go_on": str(go_on)}).encode()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, event)
        wait_until("the invocation", started.exists)
        function.configure(Description="changed")
        go_on.touch()

        assert running.result()["Body"] == b"true"


def test_the_engine_logs_no_complaint_about_docker(engine: Engine, create_function: CreateFunction) -> None:
    create_function("def handler(event, context):\n    return 1\n").invoke()

    assert "docker" not in engine.log.read_text().lower()
