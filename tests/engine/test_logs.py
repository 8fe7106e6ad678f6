"""What arrives in CloudWatch Logs."""

import base64
import json
import re
import time
from typing import Final

import pytest

from support.plugin_engine import CreateFunction

TALK: Final = """
import logging, subprocess, sys, threading, time
print("loading")
logger = logging.getLogger()
logger.setLevel("INFO")
def handler(event, context):
    print("one")
    logger.info("two\\nlines")
    print("three", file=sys.stderr)
    subprocess.run(["echo", "four"])
    logger.debug("hidden")
    print("five without newline", end="")
"""
RAISE: Final = """
import logging
def handler(event, context):
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("caught")
    raise ValueError("no good")
"""
LATE: Final = """
import threading, time
def handler(event, context):
    threading.Timer(0.5, print, ["after the answer"]).start()
"""
LEVELS: Final = """
import logging
def handler(event, context):
    for level in ("debug", "info", "warning"):
        getattr(logging.getLogger(), level)(f"at {level}")
"""


def test_text_log_is_complete_and_in_order(create_function: CreateFunction) -> None:
    function = create_function(TALK)

    request_id = function.invoke()["ResponseMetadata"]["RequestId"]
    messages = [message.rstrip("\n") for message in function.read_log("REPORT")]

    assert messages[0].startswith("INIT_START Runtime Version: python:3.")
    assert messages[1:4] == ["loading", f"START RequestId: {request_id} Version: $LATEST", "one"]
    assert re.fullmatch(rf"\[INFO\]\t[-\dT:.]+Z\t{request_id}\ttwo\nlines", messages[4])
    assert messages[5:9] == ["three", "four", "five without newline", f"END RequestId: {request_id}"]
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB"
        r"\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t",
        messages[9],
    )
    assert len(messages) == 10


def test_only_the_first_invocation_reports_an_initialization(create_function: CreateFunction) -> None:
    function = create_function(TALK)
    function.invoke()
    request_id = function.invoke()["ResponseMetadata"]["RequestId"]

    report = function.read_log(f"REPORT RequestId: {request_id}")[-1]

    assert "Init Duration" not in report


def test_report_arrives_within_a_second(create_function: CreateFunction) -> None:
    function = create_function(TALK)

    def arrives_soon() -> bool:
        request_id = function.invoke()["ResponseMetadata"]["RequestId"]
        answered = time.monotonic()
        function.read_log(f"REPORT RequestId: {request_id}")
        return time.monotonic() - answered < 1

    assert any(arrives_soon() for _ in range(5))  # the machine may be busy with something else


def test_a_stack_trace_is_one_event(create_function: CreateFunction) -> None:
    function = create_function(RAISE)
    function.invoke()

    messages = function.read_log("REPORT")

    caught = next(message for message in messages if "caught" in message)
    assert "ZeroDivisionError: division by zero" in caught
    raised = next(message for message in messages if message.startswith("[ERROR] ValueError: no good"))
    assert 'raise ValueError("no good")' in raised


def test_output_after_the_response_is_logged_too(create_function: CreateFunction) -> None:
    function = create_function(LATE)
    function.invoke()

    assert function.read_log("after the answer")[-1] == "after the answer\n"


def test_the_log_tail_is_returned_with_the_response(create_function: CreateFunction) -> None:
    answer = create_function(TALK).invoke(LogType="Tail")

    tail = base64.b64decode(answer["LogResult"]).decode()

    assert tail.startswith("INIT_START")
    assert "three\nfour\n" in tail
    assert "REPORT RequestId" in tail


def test_the_log_stream_is_the_one_in_the_functions_context(create_function: CreateFunction) -> None:
    function = create_function("def handler(event, context):\n    return context.log_stream_name\n")
    name = json.loads(function.invoke()["Body"])
    function.read_log("REPORT")

    streams = function.engine.client("logs").describe_log_streams(logGroupName=f"/aws/lambda/{function.name}")

    assert [stream["logStreamName"] for stream in streams["logStreams"]] == [name]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", name)


def test_json_format_has_platform_events_and_records(create_function: CreateFunction) -> None:
    logging_config = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "DEBUG"}
    function = create_function(TALK, LoggingConfig=logging_config)
    request_id = function.invoke()["ResponseMetadata"]["RequestId"]

    messages = [message.rstrip("\n") for message in function.read_log("platform.report")]
    events = [json.loads(message) for message in messages if message.startswith("{")]

    platform = {event["type"]: event["record"] for event in events if "type" in event}
    assert list(platform) == ["platform.initStart", "platform.start", "platform.runtimeDone", "platform.report"]
    assert platform["platform.start"] == {"requestId": request_id, "version": "$LATEST"}
    assert platform["platform.runtimeDone"]["status"] == "success"
    metrics = platform["platform.report"]["metrics"]
    assert metrics["memorySizeMB"] == 128
    assert metrics["maxMemoryUsedMB"] > 0
    assert metrics["billedDurationMs"] >= metrics["durationMs"] + metrics["initDurationMs"]
    record = next(event for event in events if "level" in event)
    assert (record["level"], record["message"], record["requestId"]) == ("INFO", "two\nlines", request_id)
    assert "one" in messages


def test_a_failure_in_json_format_has_its_error_type(create_function: CreateFunction) -> None:
    function = create_function("import os\ndef handler(e, c):\n    os._exit(1)\n", LoggingConfig={"LogFormat": "JSON"})
    function.invoke()

    report = json.loads(function.read_log("platform.report")[-1])["record"]

    assert (report["status"], report["errorType"]) == ("error", "Runtime.ExitError")


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", 3), ("INFO", 2), ("WARN", 1)])
def test_the_application_log_level_is_respected(create_function: CreateFunction, level: str, shown: int) -> None:
    function = create_function(LEVELS, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": level})
    function.invoke()

    messages = function.read_log("platform.report")

    assert sum('"message": "at ' in message for message in messages) == shown


def test_the_system_log_level_is_respected(create_function: CreateFunction) -> None:
    function = create_function(LEVELS, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})
    function.invoke()

    messages = function.read_log("at warning")

    assert not any("platform." in message for message in messages)


def test_a_log_group_of_choice_is_used(create_function: CreateFunction) -> None:
    function = create_function(TALK, LoggingConfig={"LogFormat": "Text", "LogGroup": "/chosen/group"})
    request_id = function.invoke()["ResponseMetadata"]["RequestId"]

    function.read_log(f"REPORT RequestId: {request_id}", group="/chosen/group")

    groups = function.engine.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function.name}")
    assert groups["logGroups"] == []
