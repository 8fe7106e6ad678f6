"""A photo that kills the function ends as failed, and the other photos of its batches lose nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import quote_plus

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from fakes.aws import BUCKET, REGION, TABLE, FakeAWS
from fakes.events import CONTEXT, load, s3_record
from fakes.values import png
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.core.catalog.ids import id_of
from thumbpipe.core.catalog.image import Image
from thumbpipe.core.delivery.object_store import ObjectVersion
from thumbpipe.core.delivery.photo_event import PhotoEvent

TIMEOUT_S: Final = 60
VISIBILITY_S: Final = 6 * TIMEOUT_S
BATCH: Final = 5
MAX_RECEIVE_COUNT: Final = 5


class KilledError(BaseException):
    """The function ends here; not even powertools sees it."""


@dataclass(kw_only=True)
class Message:
    """A message in the queue.

    Attributes:
        body: What S3 wrote.
        received: How often it was delivered.
        visible_at: When it is delivered next, in seconds.
    """

    id: str
    body: str
    received: int = 0
    visible_at: float = 0.0


@dataclass(kw_only=True)
class Queue:
    """A queue as Lambda polls it, with a clock of its own; and the function's queue adapter.

    Attributes:
        handler: The function.
        now: The time in seconds.
        messages: What is in the queue.
        dead: The ids of messages that were delivered too often.
        invocations: The ids of each invocation's messages.
        deadline: When the running invocation is ended.
    """

    handler: Callable[[dict[str, Any], LambdaContext], Any]
    now: float = 0.0
    messages: list[Message] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    invocations: list[list[str]] = field(default_factory=list)
    deadline: float = 0.0

    def acknowledge(self, records: list[Any]) -> None:
        done = {record.message_id for record in records}
        self.messages = [message for message in self.messages if message.id not in done]

    def hand_back(self, record: Any, *, seconds: int) -> None:  # noqa: ANN401 - powertools' record
        (message,) = (message for message in self.messages if message.id == record.message_id)
        message.visible_at = self.now + seconds

    def run(self) -> None:
        """Deliver until nothing is left."""
        while self.messages:
            self.now = max(self.now, min(message.visible_at for message in self.messages))
            batch = [message for message in self.messages if message.visible_at <= self.now][:BATCH]
            for message in batch:
                if message.received == MAX_RECEIVE_COUNT:
                    self.messages.remove(message)
                    self.dead.append(message.id)
            if batch := [message for message in batch if message in self.messages]:
                self._invoke(batch)

    def _invoke(self, batch: list[Message]) -> None:
        for message in batch:
            message.received += 1
            message.visible_at = self.now + VISIBILITY_S
        self.invocations.append([message.id for message in batch])
        self.deadline = self.now + TIMEOUT_S
        remaining = {"get_remaining_time_in_millis": lambda: int((self.deadline - self.now) * 1000)}
        context = SimpleNamespace(**vars(CONTEXT) | remaining)
        try:
            answer = self.handler(_event(batch), cast("LambdaContext", context))
        except KilledError:
            return
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        done = {message.id for message in batch} - failed
        self.messages = [message for message in self.messages if message.id not in done]


def _event(batch: list[Message]) -> dict[str, Any]:
    (record,) = load("sqs_s3_object_created")["Records"]
    return {
        "Records": [
            record
            | {"messageId": message.id, "receiptHandle": f"receipt of {message.id}", "body": message.body}
            | {"attributes": record["attributes"] | {"ApproximateReceiveCount": str(message.received)}}
            for message in batch
        ]
    }


@pytest.fixture
def module(function: Callable[[str], ModuleType]) -> ModuleType:
    return function("thumbnailer")


@pytest.fixture
def queue(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A queue whose function is killed by keys with `killer` in them, and takes as long as others' keys say."""
    made = Queue(handler=module.handler)
    monkeypatch.setattr(module, "queue", made)
    process = module.photo_processor.process

    def cost(event: PhotoEvent) -> float:
        _, _, seconds = event.source.key.partition("seconds-")
        return float(seconds.partition(".")[0] or 0)

    def costly(_self: object, event: PhotoEvent) -> object:
        is_first = not module.photo_processor.is_processed(event)
        if is_first and "killer" in event.source.key:
            raise KilledError
        made.now += cost(event) if is_first else 0
        if made.now > made.deadline:
            raise KilledError
        return process(event)

    monkeypatch.setattr(type(module.photo_processor), "process", costly)
    return made


def send(aws: FakeAWS, queue: Queue, *names: str) -> None:
    for name in names:
        key = f"raw/{name}.png"
        answer = aws.s3.put_object(Bucket=BUCKET, Key=key, Body=png(), ContentType="image/png")
        source = ObjectVersion(key=key, version_id=answer["VersionId"], etag=answer["ETag"].strip('"'))
        record = s3_record(source, encoded_key=quote_plus(key, safe="/"), sequencer="01", size=len(png()))
        queue.messages.append(Message(id=name, body=json.dumps({"Records": [record]}), visible_at=queue.now))


def states(aws: FakeAWS, *names: str) -> list[str]:
    catalog = DynamoDBCatalog(aws.dynamodb, TABLE)
    images = [catalog.get(id_of(f"raw/{name}.png")) for name in names]
    return [_state(image) for image in images]


def _state(image: Image | None) -> str:
    if image is None:
        return "none"
    return image.error.code if image.error else image.state


@pytest.mark.parametrize("position", range(BATCH))
def test_a_killer_is_failed_and_its_neighbours_are_ready_wherever_it_is_in_the_batch(
    aws: FakeAWS, queue: Queue, position: int
) -> None:
    names = ["one", "two", "three", "four"]
    batch = [*names[:position], "killer", *names[position:]]
    send(aws, queue, *batch)
    queue.run()
    assert states(aws, *names) == ["ready"] * 4
    assert states(aws, "killer") == ["processing_failed"]
    assert queue.dead == ["killer"]


def test_killers_are_failed_and_their_neighbours_are_ready(aws: FakeAWS, queue: Queue) -> None:
    send(aws, queue, "killer-1", "one", "killer-2", "two", "killer-3", "three", "killer-4")
    queue.run()
    assert states(aws, "one", "two", "three") == ["ready"] * 3
    assert states(aws, *(f"killer-{number}" for number in range(1, 5))) == ["processing_failed"] * 4
    assert sorted(queue.dead) == [f"killer-{number}" for number in range(1, 5)]


def test_a_killer_in_a_busy_queue_costs_no_other_photo_anything(aws: FakeAWS, queue: Queue) -> None:
    send(aws, queue, *("killer-1", *(f"photo-{number}" for number in range(12)), "killer-2"))
    queue.run()
    assert states(aws, *(f"photo-{number}" for number in range(12))) == ["ready"] * 12
    assert sorted(queue.dead) == ["killer-1", "killer-2"]


def test_photos_that_are_too_slow_together_are_all_ready(aws: FakeAWS, queue: Queue) -> None:
    names = [f"photo-{number}-seconds-18" for number in range(BATCH)]
    send(aws, queue, *names)
    queue.run()
    assert states(aws, *names) == ["ready"] * BATCH
    assert queue.dead == []
    assert queue.now < VISIBILITY_S, "nobody waits for the visibility timeout"


def test_a_photo_that_is_too_slow_alone_is_failed(aws: FakeAWS, queue: Queue) -> None:
    send(aws, queue, "one", "photo-seconds-61", "two")
    queue.run()
    assert states(aws, "one", "photo-seconds-61", "two") == ["ready", "processing_failed", "ready"]


def test_a_photo_that_was_too_slow_is_ready_when_it_is_sent_again_to_a_function_with_more_time(
    aws: FakeAWS, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(aws, queue, "photo-seconds-61")
    body = queue.messages[0].body
    queue.run()
    monkeypatch.setattr(f"{__name__}.TIMEOUT_S", 120)
    queue.messages.append(Message(id="photo-seconds-61", body=body, visible_at=queue.now))
    queue.run()
    assert states(aws, "photo-seconds-61") == ["ready"]


def test_a_message_that_cannot_be_read_takes_no_other_one_with_it(aws: FakeAWS, queue: Queue) -> None:
    queue.messages.append(Message(id="unreadable", body="no JSON"))
    send(aws, queue, "one", "killer")
    queue.run()
    assert states(aws, "one", "killer") == ["ready", "processing_failed"]
    assert sorted(queue.dead) == ["killer", "unreadable"]


def test_a_photo_that_failed_for_want_of_a_service_is_ready_after_it(
    aws: FakeAWS, queue: Queue, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, failures = module.photo_processor.store.put, iter([True] * 4)

    def throttled(files: object) -> object:
        if next(failures, False):
            raise TimeoutError("S3 does not answer")
        return put(files)

    monkeypatch.setattr(module.photo_processor.store, "put", throttled)
    send(aws, queue, "one")
    queue.run()
    assert states(aws, "one") == ["ready"]
    assert queue.dead == []


def test_the_queue_is_asked_to_delete_and_to_hand_back(
    aws: FakeAWS, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="photos-photos", Attributes={"VisibilityTimeout": str(VISIBILITY_S)})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    fake = Queue(handler=module.handler)
    send(aws, fake, "one", "two", "three")
    for message in fake.messages:
        sqs.send_message(QueueUrl=url, MessageBody=message.body)
    records = [
        _event([Message(id=each["MessageId"], body=each["Body"], received=2 + number)])["Records"][0]
        | {"receiptHandle": each["ReceiptHandle"], "eventSourceARN": arn}
        for number, each in enumerate(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"])
    ]
    monkeypatch.setattr(module, "sqs_client", lambda: sqs)
    first, second, third = (record["messageId"] for record in records)

    answer = module.handler({"Records": records}, CONTEXT)

    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == [second, third]
    visible = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    assert [each["MessageId"] for each in visible] == [second], "at once; the third one when this one has ended"
    assert first not in {each["MessageId"] for each in visible}


def test_without_the_queue_messages_wait_for_their_visibility_timeout(
    aws: FakeAWS, function: Callable[[str], ModuleType], output: Callable[[], list[dict[str, Any]]]
) -> None:
    module = function("thumbnailer")
    fake = Queue(handler=module.handler)
    send(aws, fake, "one", "two")
    for message in fake.messages:
        message.received = 2
    # There is no such queue in this AWS.
    assert module.handler(_event(fake.messages), CONTEXT) == {"batchItemFailures": [{"itemIdentifier": "two"}]}
    assert states(aws, "one") == ["ready"]
    assert "Queue request failed" in [line.get("message") for line in output()]
