"""A function's failure is returned as Lambda's error, and the next invocation works."""

import json
import time
from typing import Any, Final

import pytest

from support.plugin_engine import CreateFunction, Function

# What sleeps here is what is at fault: it takes too long, or grows slowly enough to be looked at meanwhile.
MOODY: Final = """
import os, signal, sys, time
def handler(event, context):
    match event.get("do"):
        case "raise": raise ValueError("no good")
        case "sleep": time.sleep(60)
        case "exit": os._exit(3)
        case "leave": os._exit(0)
        case "sysexit": sys.exit(4)
        case "crash": os.kill(os.getpid(), signal.SIGSEGV)
        case "spin":
            while True: pass
        case "print":
            while True: print("x")
        case "grow": return len(b"x" * event["bytes"])
        case "creep":
            kept = []
            while True:
                kept.append(b"x" * (8 << 20)); time.sleep(0.005)
        case "answer": return "x" * event["bytes"]
    return "fine"
"""


def _expect_error(function: Function, event: dict[str, object]) -> dict[str, Any]:
    answer = function.invoke(json.dumps(event).encode())
    assert answer["FunctionError"] == "Unhandled"
    error: dict[str, Any] = json.loads(answer["Body"]) | {"RequestId": answer["ResponseMetadata"]["RequestId"]}
    return error


def _is_fine(function: Function) -> bool:
    answer = function.invoke()
    return bool(answer["Body"] == b'"fine"' and "FunctionError" not in answer)


def test_an_exception_keeps_type_message_and_stack(create_function: CreateFunction) -> None:
    function = create_function(MOODY)

    error = _expect_error(function, {"do": "raise"})

    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no good")
    assert any("main.py" in line for line in error["stackTrace"])
    assert _is_fine(function)


@pytest.mark.parametrize("do", ["sleep", "spin", "print"])
def test_a_timeout_ends_the_environment(create_function: CreateFunction, do: str) -> None:
    function = create_function(MOODY, Timeout=1)
    started = time.monotonic()

    error = _expect_error(function, {"do": do})

    assert time.monotonic() - started < 20
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"] == f"RequestId: {error['RequestId']} Error: Task timed out after 1.00 seconds"
    messages = function.read_log("REPORT")
    assert any(f"Z {error['RequestId']} Task timed out after 1.00 seconds" in message for message in messages)
    assert any("Duration: 1000.00 ms" in message and "Status: timeout" in message for message in messages)
    assert _is_fine(function)


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("exit", "Runtime exited with error: exit status 3"),
        ("leave", "Runtime exited without providing a reason"),
        ("sysexit", "Runtime exited with error: exit status 4"),
        ("crash", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_an_exit_is_reported_and_the_next_invocation_works(
    create_function: CreateFunction, do: str, reason: str
) -> None:
    function = create_function(MOODY)

    error = _expect_error(function, {"do": do})

    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"] == f"RequestId: {error['RequestId']} Error: {reason}"
    assert _is_fine(function)
    assert any("Error Type: Runtime.ExitError" in message for message in function.read_log("REPORT"))


@pytest.mark.parametrize(
    "event", [{"do": "grow", "bytes": 600 << 20}, {"do": "grow", "bytes": 8 << 30}, {"do": "creep"}]
)
def test_too_much_memory_ends_that_environment_alone(create_function: CreateFunction, event: dict[str, object]) -> None:
    function, neighbour = create_function(MOODY, MemorySize=128), create_function(MOODY)
    assert _is_fine(neighbour)

    error = _expect_error(function, event)

    assert error["errorType"] == "Runtime.OutOfMemory"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert _is_fine(function)
    assert _is_fine(neighbour)
    assert not any("INIT_START" in line for line in neighbour.read_log("REPORT")[3:])


def test_memory_within_the_limit_is_given(create_function: CreateFunction) -> None:
    function = create_function(MOODY, MemorySize=512)

    answer = function.invoke(json.dumps({"do": "grow", "bytes": 400 << 20}).encode())

    assert answer["Body"] == str(400 << 20).encode()
    report = next(message for message in function.read_log("REPORT") if message.startswith("REPORT"))
    assert 400 <= int(report.split("Max Memory Used: ")[1].split()[0]) <= 512


def test_a_missing_module_is_an_import_error(create_function: CreateFunction) -> None:
    function = create_function("import not_there\n")

    errors = [_expect_error(function, {}) for _ in range(2)]

    assert {error["errorType"] for error in errors} == {"Runtime.ImportModuleError"}
    assert errors[0]["errorMessage"] == "Unable to import module 'main': No module named 'not_there'"


def test_a_missing_handler_is_named(create_function: CreateFunction) -> None:
    error = _expect_error(create_function("value = 1\n"), {})

    assert error["errorType"] == "Runtime.HandlerNotFound"


def test_an_exit_while_loading_is_an_exit_error(create_function: CreateFunction) -> None:
    error = _expect_error(create_function("import os\nos._exit(7)\n"), {})

    assert error["errorType"] == "Runtime.ExitError"
    assert "exit status 7" in error["errorMessage"]


def test_loading_may_take_ten_seconds_and_is_tried_again_within_the_timeout(create_function: CreateFunction) -> None:
    function = create_function("import time\ntime.sleep(30)  # longer than it may\n", Timeout=1)
    started = time.monotonic()

    error = _expect_error(function, {})

    assert 10 < time.monotonic() - started < 25
    assert error["errorType"] == "Sandbox.Timedout"
    report = next(message for message in function.read_log("REPORT RequestId") if message.startswith("INIT_REPORT"))
    assert "Phase: init\tStatus: timeout" in report


def test_a_response_over_six_megabytes_is_refused(create_function: CreateFunction) -> None:
    function = create_function(MOODY)

    error = _expect_error(function, {"do": "answer", "bytes": 6_300_000})

    assert error["errorType"] == "Function.ResponseSizeTooLarge"
    assert "6291556 bytes" in error["errorMessage"]
    assert _is_fine(function)


def test_an_answer_just_within_six_megabytes_passes(create_function: CreateFunction) -> None:
    answer = create_function(MOODY).invoke(json.dumps({"do": "answer", "bytes": 6_291_000}).encode())

    assert len(answer["Body"]) == 6_291_002
