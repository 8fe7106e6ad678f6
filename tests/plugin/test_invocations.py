"""What a function sees of its invocation, and how invocations share environments."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.plugin_engine import CreateFunction, Engine

ECHO = "def handler(event, context):\n    return event\n"
COUNT = """
import os, time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    time.sleep(event.get("sleep", 0))
    return {"pid": os.getpid(), "calls": calls}
"""
CONTEXT = """
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


def test_invocations_at_the_same_time_have_environments_of_their_own(create_function: CreateFunction) -> None:
    function = create_function(COUNT)

    with ThreadPoolExecutor(2) as pool:
        answers = [json.loads(answer["Body"]) for answer in pool.map(function.invoke, [b'{"sleep": 1}'] * 2)]

    assert len({answer["pid"] for answer in answers}) == 2


def test_environments_are_no_more_than_allowed_and_the_rest_waits(
    create_function: CreateFunction, limited_engine: Engine
) -> None:
    function = create_function(COUNT, on=limited_engine)

    with ThreadPoolExecutor(6) as pool:
        answers = [json.loads(answer["Body"]) for answer in pool.map(function.invoke, [b'{"sleep": 0.2}'] * 6)]

    assert len({answer["pid"] for answer in answers}) == 2
    assert sum(answer["calls"] == 1 for answer in answers) == 2


def test_more_than_reserved_concurrency_is_throttled(create_function: CreateFunction) -> None:
    function = create_function(COUNT)
    client = function.lambda_client
    client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function.invoke, b'{"sleep": 2}')
        time.sleep(1)
        with pytest.raises(client.exceptions.TooManyRequestsException):
            function.invoke()

        assert "FunctionError" not in running.result()


def test_an_idle_environment_is_reaped(create_function: CreateFunction, limited_engine: Engine) -> None:
    function = create_function(COUNT, on=limited_engine)
    first = json.loads(function.invoke()["Body"])
    time.sleep(3)

    second = json.loads(function.invoke()["Body"])

    assert second["pid"] != first["pid"]


def test_overhead_of_a_warm_invocation_is_small(create_function: CreateFunction) -> None:
    """The executor's own part: from handing over the event to having the answer, as REPORT states it."""
    function = create_function(ECHO)
    for _ in range(20):
        function.invoke()

    reports = [line for line in function.read_log("REPORT", seconds=5) if line.startswith("REPORT")][1:]
    durations = sorted(float(line.split("\tDuration: ")[1].split(" ms")[0]) for line in reports)

    assert durations[len(durations) // 2] < 10
