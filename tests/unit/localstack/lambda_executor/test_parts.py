"""Parts of the executor that need no LocalStack."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.waiting import wait_until
from thumbpipe_localstack.lambda_executor.faults import init_failed
from thumbpipe_localstack.lambda_executor.integration.settings import Settings
from thumbpipe_localstack.lambda_executor.output.log_events import OutputParser
from thumbpipe_localstack.lambda_executor.output.pipe import Output, OutputPump
from thumbpipe_localstack.lambda_executor.preparation.interpreters import NoInterpreterError, find_interpreter
from thumbpipe_localstack.lambda_executor.preparation.layers import merge_layers
from thumbpipe_localstack.lambda_executor.process import guard_main
from thumbpipe_localstack.lambda_executor.process.child_process import describe_exit
from thumbpipe_localstack.lambda_executor.process.guard import Guard
from thumbpipe_localstack.lambda_executor.process.memory import (
    CgroupMeter,
    ResidentMeter,
    create_meter,
    find_cgroup_parent,
)
from thumbpipe_localstack.lambda_executor.runtime_api import client as runtime_client
from thumbpipe_localstack.lambda_executor.runtime_api.server import Invocation, RuntimeApi

MIB: Final = 1 << 20
LIVE: Final = "import time; print('up', flush=True); time.sleep(60)"  # until somebody ends it


def _frame(text: str, microseconds: int = 1_700_000_000_123_456) -> bytes:
    body = text.encode()
    return b"\xa5\x5a\x00\x0f" + len(body).to_bytes(4, "big") + microseconds.to_bytes(8, "big") + body


def test_output_mixes_lines_and_frames_in_order() -> None:
    events = OutputParser().feed("één\n".encode() + _frame("two\nlines") + b"three\n\nfour")

    assert [event.text for event in events] == ["één", "two\nlines", "three"]


def test_a_record_keeps_its_own_time_unless_it_would_seem_older_than_a_line_before_it() -> None:
    events = OutputParser().feed(_frame("first") + b"line\n" + _frame("last"))

    assert events[0].timestamp == 1_700_000_000_123
    assert events[0].timestamp < events[1].timestamp == events[2].timestamp


@pytest.mark.parametrize("size", [1, 3, 7])
def test_output_may_arrive_in_pieces(size: int) -> None:
    data = b"first\n" + _frame("second") + b"third" + _frame("fourth\r") + b"fifth\n"
    parser = OutputParser()

    events = [event for start in range(0, len(data), size) for event in parser.feed(data[start : start + size])]

    assert [event.text for event in events] == ["first", "second", "third", "fourth", "fifth"]
    assert parser.finish() == []


def test_an_endless_line_is_split_at_the_limit_of_an_event() -> None:
    events = OutputParser().feed(b"x" * (256 * 1024 + 5) + b"\n")

    assert [len(event.text) for event in events] == [256 * 1024, 5]


def test_a_pipe_is_read_to_its_end_and_closed() -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    texts: list[str] = []
    output = Output(read_end, lambda events: texts.extend(event.text for event in events))
    OutputPump().add(output)

    os.write(write_end, b"one\ntwo")
    os.close(write_end)

    wait_until("both lines", lambda: texts == ["one", "two"], within_s=5)
    assert not output.drain()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "Runtime exited without providing a reason"),
        (2, "Runtime exited with error: exit status 2"),
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_an_exit_is_described_in_lambdas_words(code: int, text: str) -> None:
    assert describe_exit(code) == text


def test_an_unreadable_initialization_error_is_still_a_fault() -> None:
    assert init_failed(b"no json").message == "no json"


def test_later_layers_replace_files_of_earlier_ones(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / str(number) / "python").mkdir(parents=True)
        (tmp_path / str(number) / "python" / "shared.py").write_text(str(number))
    (tmp_path / "1" / "python" / "only.py").write_text("1")

    merged = merge_layers([tmp_path / "1", tmp_path / "2"], tmp_path / "merged")

    assert (merged / "python" / "shared.py").read_text() == "2"
    assert (merged / "python" / "only.py").read_text() == "1"


def test_settings_refuse_an_executor_without_environments() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Settings.from_env({"LAMBDA_PROCESS_MAX_ENVIRONMENTS": "0"})


def test_own_python_serves_its_own_runtime() -> None:
    found = find_interpreter(f"python{sys.version_info[0]}.{sys.version_info[1]}")

    assert found.version == sys.version_info[:2]


@pytest.mark.parametrize("runtime", ["python2.7", "provided.al2023", "java21"])
def test_other_runtimes_are_refused_by_name(runtime: str) -> None:
    with pytest.raises(NoInterpreterError, match=runtime):
        find_interpreter(runtime)


@pytest.mark.parametrize("runtime", ["python3.9", "python3.10", "python3.14", "python3.99"])
def test_a_python_that_is_not_supported_is_refused_whether_or_not_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    (tmp_path / runtime).symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoInterpreterError, match=f"does not support the runtime {runtime}.*python3.13"):
        find_interpreter(runtime)


OTHER: Final = "python3.12" if sys.version_info[:2] != (3, 12) else "python3.13"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "echo; echo pyenv: version not installed >&2; echo more >&2; exit 127",
            "does not run: pyenv: version not installed",
        ),
        ("exit 3", "does not run: exit status 3"),
        ("echo no json", "does not run: "),
        (f'exec {sys.executable} "$@"', f"is Python {sys.version_info[0]}.{sys.version_info[1]}"),
    ],
    ids=["shim", "silent", "no-python", "another-python"],
)
def test_a_python_that_refuses_to_run_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    shim = tmp_path / OTHER
    shim.write_text(f"#!/bin/sh\n{script}\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoInterpreterError, match=f"{re.escape(str(shim))} {re.escape(words)}"):
        find_interpreter(OTHER)


def test_a_cgroup_is_created_if_the_memory_controller_is_delegated(tmp_path: Path) -> None:
    own = tmp_path / "slice" / "own.scope"
    own.mkdir(parents=True)
    (own / "cgroup.subtree_control").write_text("")
    (tmp_path / "slice" / "cgroup.subtree_control").write_text("cpu memory pids\n")
    membership = tmp_path / "membership"
    membership.write_text("0::/slice/own.scope\n")

    parent = find_cgroup_parent(tmp_path, membership)
    meter = create_meter(128, "lambda-1", parent)

    assert parent == tmp_path / "slice"
    assert isinstance(meter, CgroupMeter)
    assert (tmp_path / "slice" / "lambda-1" / "memory.max").read_text() == str(128 * MIB)


def test_a_cgroup_reports_its_peak_and_whether_the_kernel_killed_a_process(tmp_path: Path) -> None:
    meter = CgroupMeter(tmp_path / "group", 128)
    (tmp_path / "group" / "memory.peak").write_text(str(100 * MIB + 1))
    (tmp_path / "group" / "memory.events").write_text("low 0\noom 0\noom_kill 0\n")
    assert (meter.read_peak_mb(0), meter.has_overrun(0)) == (101, False)

    (tmp_path / "group" / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")

    assert meter.has_overrun(0)


@pytest.mark.parametrize("membership", ["", "9:memory:/somewhere\n", "0::/not/there\n"])
def test_without_a_usable_cgroup_the_resident_memory_is_watched(tmp_path: Path, membership: str) -> None:
    file = tmp_path / "membership"
    file.write_text(membership)

    assert isinstance(create_meter(128, "lambda-1", find_cgroup_parent(tmp_path, file)), ResidentMeter)


def test_resident_memory_of_a_process_is_measured() -> None:
    meter = ResidentMeter(1)

    assert meter.has_overrun(os.getpid())
    assert meter.read_peak_mb(os.getpid()) > 5


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not remember a peak")
def test_memory_that_was_freed_between_two_polls_counts() -> None:
    command = [sys.executable, "-S", "-c", "len(b'x' * (200 << 20)); print('done', flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "done\n"

        overruns = [ResidentMeter(limit).has_overrun(process.pid) for limit in (128, 512)]
        process.communicate("\n", timeout=10)

    assert overruns == [True, False]


def test_the_guard_kills_what_is_left_and_removes_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    command = [sys.executable, "-c", LIVE]
    environment = subprocess.Popen(
        command, env={"MARK": "m-1"}, start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", guard_main.__file__, str(root)], stdin=subprocess.PIPE, text=True
    )
    with environment, guard:
        assert environment.stdout
        assert environment.stdout.readline() == "up\n"

        guard.communicate(json.dumps({"started": environment.pid, "marker": "MARK=m-1"}) + "\n", timeout=10)

        assert environment.wait(timeout=10) == -9
    assert not root.exists()


class _Events:
    def __init__(self) -> None:
        self.outcomes: list[tuple[str, bytes, bool]] = []

    def on_ready(self) -> None:
        pass

    def on_init_error(self, error: bytes) -> None:
        self.outcomes.append(("init", error, True))

    def on_outcome(self, request_id: str, payload: bytes, *, is_error: bool) -> None:
        self.outcomes.append((request_id, payload, is_error))


def test_the_python_runtime_client_speaks_the_runtime_api(monkeypatch: pytest.MonkeyPatch) -> None:
    events = _Events()
    api = RuntimeApi(events)
    api.serve(os.getpid())
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", api.address)
    runtime_client.initialize_client("test")
    for number in ("1", "2"):
        api.send(Invocation(request_id=number, function_arn="arn", payload=b'"\xc3\xa9"', trace_id="Root=1"), 5)

    payload, headers = runtime_client.next()
    runtime_client.post_invocation_result("1", b"x" * 1_000_000, "application/json")
    runtime_client.next()
    runtime_client.post_error("2", '{"errorType": "É"}', '{\n"cause": "é"}')
    api.close()

    assert payload == b'"\xc3\xa9"'
    assert headers["Lambda-Runtime-Aws-Request-Id"] == "1"
    assert headers["Lambda-Runtime-Deadline-Ms"] == "5"
    assert events.outcomes == [("1", b"x" * 1_000_000, False), ("2", '{"errorType": "É"}'.encode(), True)]
    with pytest.raises((RuntimeError, OSError)):
        runtime_client.next()


def test_an_error_in_the_runtime_api_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(_Events):
        def on_ready(self) -> None:
            raise AttributeError("of our own making")

    api = RuntimeApi(Broken())
    api.serve(os.getpid())

    with pytest.raises(ConnectionError):
        urllib.request.urlopen(f"http://{api.address}/2018-06-01/runtime/invocation/next", timeout=10)

    api.close()
    assert "of our own making" in caplog.text


@pytest.mark.parametrize(
    "header",
    [{"Origin": "https://stranger.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "rebound.example"}],
    ids=lambda header: next(iter(header)),
)
def test_a_web_page_cannot_get_an_invocation(header: dict[str, str]) -> None:
    api = RuntimeApi(_Events())
    api.serve(os.getpid())
    api.send(Invocation(request_id="1", function_arn="arn", payload=b"{}", trace_id="Root=1"), 5)
    request = urllib.request.Request(f"http://{api.address}/2018-06-01/runtime/invocation/next", headers=header)

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310 - an address of our own
    refused.value.close()
    api.close()

    assert refused.value.code == 403


NEXT: Final = "/2018-06-01/runtime/invocation/next"


def test_subprocesses_of_the_function_are_served_too() -> None:
    api = RuntimeApi(_Events())
    api.serve(os.getpid())
    api.send(Invocation(request_id="1", function_arn="arn", payload=b'"for it"', trace_id="Root=1"), 5)
    ask = f"import urllib.request; print(urllib.request.urlopen('http://{api.address}{NEXT}', timeout=10).read())"

    child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=30, check=False)
    api.close()

    assert "for it" in child.stdout, child.stderr


def test_only_the_process_gets_an_invocation(caplog: pytest.LogCaptureFixture) -> None:
    events = _Events()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        api = RuntimeApi(events)
        api.serve(process.pid)
        api.send(Invocation(request_id="1", function_arn="arn", payload=b'"not for us"', trace_id="Root=1"), 5)

        with pytest.raises(OSError, match=r"closed|reset"):
            urllib.request.urlopen(f"http://{api.address}{NEXT}", timeout=10)
        outcome = urllib.request.Request(
            f"http://{api.address}/2018-06-01/runtime/invocation/1/response", data=b'"forged"', method="POST"
        )
        with pytest.raises(OSError, match=r"closed|reset"):
            urllib.request.urlopen(outcome, timeout=10)  # noqa: S310 - an address of our own
        api.close()
        process.kill()

    assert events.outcomes == []
    assert f"of process {process.pid}" in caplog.text


def _find_guard() -> psutil.Process:
    """The guard; a process that has just been started has no command line for a moment."""
    children = psutil.Process().children
    (guard,) = wait_until(
        "the guard", lambda: [child for child in children() if guard_main.__file__ in child.cmdline()], within_s=10
    )
    return guard


def test_a_killed_guard_is_replaced_by_one_with_the_same_knowledge(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "root")
    command = [sys.executable, "-S", "-c", LIVE]
    environment = subprocess.Popen(command, env={"MARK": "m-2"}, start_new_session=True, stdout=subprocess.DEVNULL)
    guard.started(environment.pid, "MARK=m-2")
    first = _find_guard()
    first.kill()
    first.wait(timeout=10)

    guard.ended(0)  # the first message after the loss starts the second guard

    second = _find_guard()
    assert second.pid != first.pid
    guard.kill_all()
    assert environment.wait(timeout=10) == -9
    guard.close()
    assert not second.is_running()
