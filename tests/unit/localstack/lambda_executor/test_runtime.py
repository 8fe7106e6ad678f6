"""A runtime with its process, without LocalStack: a few lines replace AWS's client."""

import dataclasses
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psutil
import pytest

from thumbpipe_localstack.lambda_executor.faults import FaultError
from thumbpipe_localstack.lambda_executor.output.log_events import LogEvent
from thumbpipe_localstack.lambda_executor.output.pipe import OutputPump
from thumbpipe_localstack.lambda_executor.output.report import TextReporter
from thumbpipe_localstack.lambda_executor.process.guard import Guard
from thumbpipe_localstack.lambda_executor.process.memory import MemoryWatch
from thumbpipe_localstack.lambda_executor.runtime import Host, Program, Runtime
from thumbpipe_localstack.lambda_executor.runtime_api.server import Invocation
from thumbpipe_localstack.lambda_executor.sandbox import Sandbox

ECHO: Final = """
import runtime_client
def main(arguments):
    runtime_client.initialize_client("test")
    while True:
        event, headers = runtime_client.next()
        runtime_client.post_invocation_result(headers["Lambda-Runtime-Aws-Request-Id"], event, "application/json")
"""
EXIT: Final = "def main(arguments):\n    raise SystemExit(3)\n"
CUT_OFF: Final = """
import os, runtime_client, socket
def main(arguments):
    runtime_client.initialize_client("test")
    runtime_client.next()
    host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(b"POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\\r\\n" + {body})
    connection.close()
    os._exit(4)
"""
LATE: Final = """
import runtime_client
def main(arguments):
    runtime_client.initialize_client("test")
    earlier = None
    while True:
        event, headers = runtime_client.next()
        asked = headers["Lambda-Runtime-Aws-Request-Id"]
        if earlier:
            runtime_client.post_invocation_result(earlier, b'"late"', "application/json")
            runtime_client.post_error(earlier, '{"errorType": "Late"}', "{}")
        runtime_client.post_invocation_result(asked, event, "application/json")
        earlier = asked
"""
FLOOD: Final = """
import os, runtime_client, threading
def flood():
    while True:
        os.write(1, b"flood\\n")
def main(arguments):
    runtime_client.initialize_client("test")
    while True:
        event, headers = runtime_client.next()
        if event == b'"in the background"':
            threading.Thread(target=flood, daemon=True).start()
        else:
            flood()
        runtime_client.post_invocation_result(headers["Lambda-Runtime-Aws-Request-Id"], event, "application/json")
"""
FLOOD_AT_ONCE: Final = "import os\ndef main(arguments):\n    while True:\n        os.write(1, b'flood\\n')\n"
INVOCATION: Final = Invocation(request_id="r-1", function_arn="arn", payload=b'"event"', trace_id="Root=1")
SLOW_SECONDS: Final = 0.5


class _SlowGuard(Guard):
    """Delays the return of a process's start, as on a busy machine, until after the process is ready."""

    def started(self, pid: int, marker: str) -> None:
        super().started(pid, marker)
        time.sleep(SLOW_SECONDS)  # the hold-up


@pytest.fixture(params=[Guard, _SlowGuard], ids=["idle-machine", "busy-machine"])
def guard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Guard]:
    guard: Guard = request.param(tmp_path / "root")
    yield guard
    guard.kill_all()
    guard.close()


def _prepare(client: str, guard: Guard, folder: Path, python: str = sys.executable) -> tuple[Program, Host]:
    package = folder / "runtime" / "awslambdaric"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(client)
    host = Host(
        root=folder / "root",
        runtime_folder=package.parent,
        cgroup_parent=None,
        python_client=True,
        guard=guard,
        pump=OutputPump(),
        watch=MemoryWatch(),
    )
    program = Program(
        python=Path(python),
        handler="main.handler",
        task_root=folder,
        search_path=[],
        environ={},
        memory_mb=128,
        timeout_seconds=10,
    )
    return program, host


def _start(client: str, guard: Guard, folder: Path, python: str = sys.executable) -> Runtime:
    return Runtime(*_prepare(client, guard, folder, python), lambda _events: None)


@pytest.fixture
def plain_guard(tmp_path: Path) -> Iterator[Guard]:
    guard = Guard(tmp_path / "root")
    yield guard
    guard.kill_all()
    guard.close()


def _start_sandbox(client: str, guard: Guard, folder: Path, sink: Callable[[list[LogEvent]], None]) -> Sandbox:
    """An environment whose invocations time out after a second."""
    program, host = _prepare(client, guard, folder)
    return Sandbox(
        program=dataclasses.replace(program, timeout_seconds=1),
        reporter=TextReporter(version="$LATEST", runtime="python:3.13"),
        host=host,
        folder=folder / "environment",
        sink=sink,
    )


@pytest.mark.parametrize("client", [FLOOD, FLOOD_AT_ONCE], ids=["in-the-handler", "while-it-initializes"])
def test_a_function_that_prints_without_end_is_ended_by_its_timeout(
    plain_guard: Guard, tmp_path: Path, client: str
) -> None:
    lines: list[str] = []
    sandbox = _start_sandbox(client, plain_guard, tmp_path, lambda events: lines.extend(e.text for e in events))

    with ThreadPoolExecutor(max_workers=1) as pool:
        outcome = pool.submit(sandbox.invoke, INVOCATION).result(timeout=60)

    assert "Task timed out after 1.00 seconds" in outcome.payload.decode()
    assert "flood" in lines
    assert lines[-1].startswith("REPORT RequestId: r-1")  # nothing that it printed comes after
    assert len(outcome.log) <= 4096
    assert outcome.log.endswith(f"{lines[-1]}\n")


def test_an_environment_that_prints_in_the_background_answers_and_stops(plain_guard: Guard, tmp_path: Path) -> None:
    sandbox = _start_sandbox(FLOOD, plain_guard, tmp_path, lambda _events: None)
    background = dataclasses.replace(INVOCATION, payload=b'"in the background"')

    with ThreadPoolExecutor(max_workers=1) as pool:
        outcome = pool.submit(sandbox.invoke, background).result(timeout=60)
        pool.submit(sandbox.stop).result(timeout=60)

    assert outcome.payload == b'"in the background"'
    assert not (tmp_path / "environment").exists()


def _list_ports() -> set[int]:
    connections = psutil.Process().net_connections("tcp")
    return {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}


def test_a_process_answers_however_early_it_is_ready(guard: Guard, tmp_path: Path) -> None:
    runtime = _start(ECHO, guard, tmp_path)

    runtime.wait_until_ready(10)

    assert [runtime.run(INVOCATION, 10) for _ in range(2)] == [(b'"event"', False)] * 2


def test_a_late_result_of_another_request_is_not_used_for_this_one(tmp_path: Path) -> None:
    # As by a thread of the function that goes on after its invocation was answered.
    guard = Guard(tmp_path / "root")
    runtime = _start(LATE, guard, tmp_path)
    runtime.wait_until_ready(10)

    later = dataclasses.replace(INVOCATION, request_id="r-2", payload=b'"later"')
    outcomes = [runtime.run(each, 10) for each in (INVOCATION, later)]

    assert outcomes == [(b'"event"', False), (b'"later"', False)]
    guard.kill_all()
    guard.close()


def test_the_end_of_a_process_is_reported_however_early_it_ends(guard: Guard, tmp_path: Path) -> None:
    runtime = _start(EXIT, guard, tmp_path)

    with pytest.raises(FaultError, match="exit status 3"):
        runtime.wait_until_ready(10)


@pytest.mark.parametrize(
    "body", [b"Content-Length: 9\r\n\r\n[1", b"Transfer-Encoding: chunked\r\n\r\n9\r\n[1", b"Content-Length: 9\r\n"]
)
def test_a_response_truncated_by_the_end_of_its_process_is_discarded(tmp_path: Path, body: bytes) -> None:
    guard = Guard(tmp_path / "root")
    runtime = _start(CUT_OFF.format(body=repr(body)), guard, tmp_path)
    runtime.wait_until_ready(10)

    with pytest.raises(FaultError, match="exit status 4"):
        runtime.run(INVOCATION, 10)
    guard.close()


def test_environments_that_start_while_the_engine_stops_are_ended(guard: Guard, tmp_path: Path) -> None:
    guard.kill_all()

    runtime = _start(ECHO, guard, tmp_path)

    with pytest.raises(FaultError, match="signal: killed"):
        runtime.wait_until_ready(10)


def test_what_cannot_start_gives_its_port_back(guard: Guard, tmp_path: Path) -> None:
    before = _list_ports()

    with pytest.raises(FileNotFoundError):
        _start(ECHO, guard, tmp_path, python=str(tmp_path / "no-python"))

    assert _list_ports() <= before
