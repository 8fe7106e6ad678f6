"""Functions that something else invokes: asynchronously, from a queue, through an API."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any, Final

import pytest

from support.plugin_engine import CreateFunction, Engine, Function
from support.waiting import happens, wait_until

RECORD: Final = """
import os, time, json
from boto3 import client
table = {}
def handler(event, context):
    sqs = client("sqs")
    for record in event["Records"]:
        started = time.time()
        time.sleep(float(record["body"]))  # the work, as long as the message says
        work = {"id": record["messageId"], "started": started, "ended": time.time()}
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(work))
"""


@pytest.fixture
def create_queue(engine: Engine) -> Callable[[str], str]:
    sqs = engine.client("sqs")

    def create(name: str) -> str:
        return str(sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})["QueueUrl"])

    return create


def _connect(function: Function, queue_url: str, **options: object) -> dict[str, Any]:
    sqs = function.engine.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping: dict[str, Any] = function.lambda_client.create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=arn, **options
    )
    return mapping


def _collect(function: Function, queue_url: str, count: int, seconds: float) -> list[str]:
    sqs = function.engine.client("sqs")
    bodies: list[str] = []

    def are_enough() -> bool:
        messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        bodies.extend(message["Body"] for message in messages.get("Messages", []))
        return len(bodies) >= count

    happens(are_enough, seconds)
    return bodies


def test_a_message_reaches_the_function_at_once(
    create_function: CreateFunction, create_queue: Callable[[str], str]
) -> None:
    source, out = create_queue("at-once"), create_queue("at-once-out")
    function = create_function(RECORD, Environment={"Variables": {"OUT": out}})
    _connect(function, source)
    sqs = function.engine.client("sqs")
    sqs.send_message(QueueUrl=source, MessageBody="0")
    assert len(_collect(function, out, 1, 20)) == 1

    def arrives_at_once() -> bool:
        sent = time.monotonic()
        sqs.send_message(QueueUrl=source, MessageBody="0")
        assert len(_collect(function, out, 1, 20)) == 1
        return time.monotonic() - sent < 0.5

    # LocalStack's own poller looks once a second, and less often where it finds nothing. The machine may be busy.
    assert any(arrives_at_once() for _ in range(10))


def test_batches_are_worked_at_side_by_side_and_none_is_lost(
    create_function: CreateFunction, create_queue: Callable[[str], str]
) -> None:
    source, out = create_queue("parallel"), create_queue("parallel-out")
    function = create_function(RECORD, Environment={"Variables": {"OUT": out}})
    sqs = function.engine.client("sqs")
    sent = [sqs.send_message(QueueUrl=source, MessageBody="0.5")["MessageId"] for _ in range(12)]

    mapping = _connect(function, source, BatchSize=1, ScalingConfig={"MaximumConcurrency": 4})
    works = [json.loads(body) for body in _collect(function, out, 12, 40)]

    assert sorted(work["id"] for work in works) == sorted(sent)
    at_work = [sum(other["started"] <= work["started"] < other["ended"] for other in works) for work in works]
    assert 2 <= max(at_work) <= 4
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 4}


def test_partial_failures_return_to_the_queue_and_the_rest_does_not(
    create_function: CreateFunction, create_queue: Callable[[str], str]
) -> None:
    source = create_queue("partial")
    function = create_function(
        "def handler(event, context):\n"
        "    bad = [r['messageId'] for r in event['Records'] if r['body'] == 'bad']\n"
        "    return {'batchItemFailures': [{'itemIdentifier': i} for i in bad]}\n"
    )
    sqs = function.engine.client("sqs")
    for body in ("good", "bad", "good"):
        sqs.send_message(QueueUrl=source, MessageBody=body)

    _connect(function, source, FunctionResponseTypes=["ReportBatchItemFailures"])
    function.read_log("REPORT")

    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_one_left() -> bool:
        left = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=names)["Attributes"]
        return [left[name] for name in names] == ["0", "1"]

    wait_until("one message to be left", is_one_left, within_s=20)


def test_an_asynchronous_invocation_is_carried_out(create_function: CreateFunction) -> None:
    function = create_function("def handler(event, context):\n    print('worked on', event['id'])\n")

    answer = function.invoke(b'{"id": "e-1"}', InvocationType="Event")

    assert answer["StatusCode"] == 202
    function.read_log("worked on e-1")


def test_an_api_is_answered_by_the_function(create_function: CreateFunction, engine: Engine) -> None:
    function = create_function(
        "import json\ndef handler(event, context):\n"
        "    return {'statusCode': 201, 'body': json.dumps({'path': event['path']})}\n"
    )
    api = engine.client("apigateway")
    rest_api = api.create_rest_api(name=function.name)
    root = api.get_resources(restApiId=rest_api["id"])["items"][0]["id"]
    arn = function.lambda_client.get_function(FunctionName=function.name)["Configuration"]["FunctionArn"]
    api.put_method(restApiId=rest_api["id"], resourceId=root, httpMethod="GET", authorizationType="NONE")
    api.put_integration(
        restApiId=rest_api["id"],
        resourceId=root,
        httpMethod="GET",
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations",
    )
    api.create_deployment(restApiId=rest_api["id"], stageName="test")

    # The address is the engine's.
    with urllib.request.urlopen(f"{engine.url}/_aws/execute-api/{rest_api['id']}/test/", timeout=20) as answer:  # noqa: S310
        assert (answer.status, json.loads(answer.read())) == (201, {"path": "/"})
