import json
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, Final
from urllib.parse import quote_plus

import pytest

from fakes.aws import BUCKET, TABLE, FakeAWS
from fakes.events import CONTEXT, load, s3_record, sqs_event
from fakes.values import png
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.core.catalog.ids import hashed_id, id_of
from thumbpipe.core.catalog.image import Image, State
from thumbpipe.core.delivery.object_store import ObjectVersion

Handle = Callable[[dict[str, Any]], object]
Output = Callable[[], list[dict[str, Any]]]

ODD_KEYS: Final = [
    "raw/a b+c%20d.jpg",
    "raw/Grüße 🌊.PNG",
    "raw/../../up.jpg",
    "raw/sub/folder/no-extension",
    "raw/" + "ü" * 510,
    "raw/.jpg",
    "raw/&<\">';=@,?.jpg",
]


@pytest.fixture
def handle(function: Callable[[str], ModuleType]) -> Handle:
    start = cache(function)
    return lambda event: start("thumbnailer").handler(event, CONTEXT)


def upload(aws: FakeAWS, key: str, data: bytes, sequencer: str = "01") -> dict[str, Any]:
    """Store a photo and return S3's record of it."""
    answer = aws.s3.put_object(Bucket=BUCKET, Key=key, Body=data, ContentType="image/png")
    source = ObjectVersion(key=key, version_id=answer["VersionId"], etag=answer["ETag"].strip('"'))
    return s3_record(source, encoded_key=quote_plus(key, safe="/"), sequencer=sequencer, size=len(data))


def entry(aws: FakeAWS, key: str) -> Image | None:
    return DynamoDBCatalog(aws.dynamodb, TABLE).get(id_of(key))


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_photo_of_any_key_becomes_ready(handle: Handle, aws: FakeAWS, key: str) -> None:
    event = sqs_event({"Records": [upload(aws, key, png())]})
    assert handle(event) == {"batchItemFailures": []}
    image = entry(aws, key)
    assert image is not None
    assert (image.state, image.id, image.source_key) == (State.READY, hashed_id(key), key)
    for rendition in image.renditions:
        stored = aws.s3.get_object(Bucket=BUCKET, Key=rendition.key)
        assert stored["ContentType"] == f"image/{rendition.format}"
        assert stored["CacheControl"] == "public, max-age=31536000, immutable"
        assert stored["ContentLength"] == rendition.bytes


def test_a_recorded_message_of_a_deleted_photo_is_completed(handle: Handle) -> None:
    assert handle(load("sqs_s3_object_created")) == {"batchItemFailures": []}


def test_the_test_event_is_accepted(handle: Handle, output: Output) -> None:
    assert handle(load("sqs_s3_test_event")) == {"batchItemFailures": []}
    assert "Ignored s3:TestEvent" in [line.get("message") for line in output()]


def test_only_failed_messages_are_redelivered(handle: Handle, aws: FakeAWS, output: Output) -> None:
    event = sqs_event(
        {"Records": [upload(aws, "raw/one.png", png("red"))]},
        "no JSON",
        {"Records": [upload(aws, "raw/two.png", b"no photo")]},
        {"Records": [upload(aws, "raw/three.png", png("blue"))]},
    )
    assert handle(event) == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    images = [entry(aws, f"raw/{name}.png") for name in ("one", "two", "three")]
    assert [image and image.state for image in images] == [State.READY, State.FAILED, State.READY]
    lines = output()
    assert [line["message_id"] for line in lines if line.get("message") == "Message failed"] == ["message-1"]


@pytest.mark.parametrize(
    "change",
    [
        {"eventName": "ObjectRemoved:Delete"},
        {"eventName": None},
        {"eventTime": 7},
        {"s3": None},
        {"s3": {"bucket": {"name": BUCKET}}},
        {"s3": {"bucket": {"name": "another-bucket"}, "object": {"key": "raw/one.png", "size": 1, "sequencer": "FF"}}},
        {"s3": {"bucket": {"name": BUCKET}, "object": {"key": "thumbs/A/B/160.webp", "size": 1, "sequencer": "FF"}}},
        {"s3": {"bucket": {"name": BUCKET}, "object": {"key": ["raw/one.png"], "size": 1, "sequencer": "FF"}}},
    ],
)
def test_a_poisoned_record_touches_nothing_and_ends_in_the_dead_letter_queue(
    handle: Handle, aws: FakeAWS, change: dict[str, Any]
) -> None:
    record = upload(aws, "raw/one.png", png())
    handle(sqs_event({"Records": [record]}))
    before = entry(aws, "raw/one.png")
    assert handle(sqs_event({"Records": [record | change]})) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert entry(aws, "raw/one.png") == before
    assert len(aws.s3.list_object_versions(Bucket=BUCKET)["Versions"]) == 1 + len(before.renditions if before else ())


@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        '{"Records": ' + "[" * 200_000,
        "x" * 262_144,
        '{"Records": [null]}',
        '{"Records": [7]}',
        '{"Records": [[]]}',
        '{"Records": {"0": {}}}',
        '{"Event": ["s3:TestEvent"]}',
        '{"Records": [{"eventName": "\\ud800"}]}',
        "9" * 10_000,
    ],
    ids=lambda body: body[:32],
)
def test_a_malformed_message_fails_individually(handle: Handle, aws: FakeAWS, body: str) -> None:
    photo = {"Records": [upload(aws, "raw/one.png", png())]}
    assert handle(sqs_event(body, photo)) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    image = entry(aws, "raw/one.png")
    assert image is not None
    assert image.state is State.READY


def test_a_batch_that_failed_completely_is_redelivered_message_by_message(handle: Handle) -> None:
    assert handle(sqs_event("one", "two")) == {
        "batchItemFailures": [{"itemIdentifier": "message-0"}, {"itemIdentifier": "message-1"}]
    }


def test_a_photo_is_redelivered_after_a_platform_failure_and_becomes_ready(handle: Handle, aws: FakeAWS) -> None:
    event = sqs_event({"Records": [upload(aws, "raw/one.png", png())]})
    table = aws.dynamodb.describe_table(TableName=TABLE)["Table"]
    aws.dynamodb.delete_table(TableName=TABLE)
    assert handle(event) == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    index = table["GlobalSecondaryIndexes"][0]
    aws.dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=table["AttributeDefinitions"],
        KeySchema=table["KeySchema"],
        GlobalSecondaryIndexes=[
            {"IndexName": "by_month", "KeySchema": index["KeySchema"], "Projection": index["Projection"]}
        ],
    )
    assert handle(event) == {"batchItemFailures": []}
    image = entry(aws, "raw/one.png")
    assert image is not None
    assert image.state is State.READY


def test_two_records_in_one_message_are_both_delivered(handle: Handle, aws: FakeAWS) -> None:
    records = [upload(aws, f"raw/{name}.png", png()) for name in ("one", "two")]
    handle(sqs_event({"Records": records}))
    assert all(entry(aws, f"raw/{name}.png") for name in ("one", "two"))


def test_an_overwrite_leaves_the_newest_photos_renditions_alone(handle: Handle, aws: FakeAWS) -> None:
    old = {"Records": [upload(aws, "raw/one.png", png("red"), "0A")]}
    new = {"Records": [upload(aws, "raw/one.png", png("blue"), "0B")]}
    for body in (old, new, old, new):
        assert handle(sqs_event(body)) == {"batchItemFailures": []}
    image = entry(aws, "raw/one.png")
    assert image is not None
    assert image.source_version_id == new["Records"][0]["s3"]["object"]["versionId"]
    listed = aws.s3.list_object_versions(Bucket=BUCKET, Prefix="thumbs/")
    assert {each["Key"] for each in listed["Versions"]} == {rendition.key for rendition in image.renditions}
    assert "DeleteMarkers" not in listed


def test_what_happened_is_measured(handle: Handle, aws: FakeAWS, output: Output) -> None:
    event = sqs_event(
        {"Records": [upload(aws, "raw/private-name.png", png())]}, {"Records": [upload(aws, "raw/two", b"no photo")]}
    )
    handle(event)
    lines = output()
    (measured,) = [line for line in lines if "Messages" in line]
    assert measured["Messages"] == [2.0]
    assert measured["PhotosReady"] == measured["PhotosFailed"] == [1.0]
    assert measured["PhotoBytes"] == [float(len(png())), 8.0]
    assert len(measured["ProcessingTime"]) == 2
    (by_code,) = [line for line in lines if "PhotosFailedByCode" in line]
    assert by_code["code"] == "not_an_image"
    assert "private-name" not in json.dumps(lines)
