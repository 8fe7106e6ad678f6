"""What a function sees of its invocation, and how invocations share environments."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.plugin_engine import CreateFunction, Engine
from support.waiting import wait_until

ECHO: Final = "def handler(event, context):\n    return event\n"
COUNT: Final = """
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    return {"pid": os.getpid(), "calls": calls}
"""
MEET: Final = """
import os, time
def handler(event, context):
    open(os.path.join(event["folder"], str(os.getpid())), "w").close()
    while len(os.listdir(event["folder"])) < event["others"]:  # its timeout is the deadline
        time.sleep(0.02)
    return os.getpid()
"""
CONTEXT: Final = """
import os
def handler(event, context):
    return {
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
        "group": context.log_group_name,
        "stream": context.log_stream_name,
        "trace": os.environ["_X_AMZN_TRACE_ID"],
    }
"""


@pytest.mark.parametrize("event", [{"text": "ünï ☃ \U0001f600"}, [1, 2.5, None], "", 0])
def test_event_and_answer_pass_unchanged(create_function: CreateFunction, event: object) -> None:
    answer = create_function(ECHO).invoke(json.dumps(event).encode())

    assert "FunctionError" not in answer
    assert json.loads(answer["Body"]) == event


def test_a_large_event_passes(create_function: CreateFunction) -> None:
    event = json.dumps({"text": "x" * 5_000_000}).encode()

    assert len(create_function(ECHO).invoke(event)["Body"]) == len(event)


def test_context_describes_the_invocation(create_function: CreateFunction) -> None:
    function = create_function(CONTEXT, MemorySize=256, Timeout=30)

    answer = function.invoke()
    context = json.loads(answer["Body"])

    assert context["request_id"] == answer["ResponseMetadata"]["RequestId"]
    assert context["arn"].endswith(f":function:{function.name}")
    assert (context["name"], context["version"], context["memory"]) == (function.name, "$LATEST", "256")
    assert 25_000 < context["remaining"] <= 30_000
    assert context["group"] == f"/aws/lambda/{function.name}"
    assert "[$LATEST]" in context["stream"]
    assert context["trace"].startswith("Root=1-")


def test_a_warm_environment_is_used_again(create_function: CreateFunction) -> None:
    function = create_function(COUNT)

    first, second = (json.loads(function.invoke()["Body"]) for _ in range(2))

    assert first["pid"] == second["pid"]
    assert (first["calls"], second["calls"]) == (1, 2)


def test_concurrent_invocations_have_separate_environments(create_function: CreateFunction, tmp_path: Path) -> None:
    function = create_function(MEET)
    event = json.dumps({"folder": str(tmp_path), "others": 2}).encode()

    with ThreadPoolExecutor(2) as pool:
        pids = [json.loads(answer["Body"]) for answer in pool.map(function.invoke, [event] * 2)]

    assert len(set(pids)) == 2


def test_environments_are_limited_and_further_invocations_wait(
    create_function: CreateFunction, limited_engine: Engine, tmp_path: Path
) -> None:
    function = create_function(MEET, on=limited_engine)
    event = json.dumps({"folder": str(tmp_path), "others": 2}).encode()

    with ThreadPoolExecutor(6) as pool:
        pids = [json.loads(answer["Body"]) for answer in pool.map(function.invoke, [event] * 6)]

    assert len(pids) == 6
    assert len(set(pids)) == 2


def test_more_than_reserved_concurrency_is_throttled(create_function: CreateFunction, tmp_path: Path) -> None:
    function = create_function(MEET)
    event = json.dumps({"folder": str(tmp_path), "others": 2}).encode()
    client = function.lambda_client
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, event)
        wait_until("the first invocation", lambda: any(tmp_path.iterdir()))
        with pytest.raises(client.exceptions.TooManyRequestsException):
            function.invoke(event)
        (tmp_path / "go-on").touch()

        assert "FunctionError" not in running.result()


def test_an_idle_environment_is_reaped(create_function: CreateFunction, limited_engine: Engine) -> None:
    function = create_function(COUNT, on=limited_engine)
    first = json.loads(function.invoke()["Body"])
    wait_until("the end of the environment", lambda: not psutil.pid_exists(first["pid"]))

    second = json.loads(function.invoke()["Body"])

    assert second["pid"] != first["pid"]


def test_overhead_of_a_warm_invocation_is_small(create_function: CreateFunction) -> None:
    """The executor's own part: from handing over the event to having the answer, as REPORT states it."""
    function = create_function(ECHO)
    request_ids = [function.invoke()["ResponseMetadata"]["RequestId"] for _ in range(20)]

    log = function.read_log(f"REPORT RequestId: {request_ids[-1]}")
    reports = [line for line in log if line.startswith("REPORT")]

    assert len(reports) == 20
    # The least of them: what the executor adds, it always adds; a busy machine does so now and then.
    assert min(float(line.split("\tDuration: ")[1].split(" ms")[0]) for line in reports) < 10
