import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fakes.aws import BUCKET
from fakes.events import load
from thumbpipe.adapters.s3_events import UnknownMessageError, read_message
from thumbpipe.core.delivery.object_store import ObjectVersion
from thumbpipe.core.delivery.photo_event import PhotoEvent, comparable_sequencer


def message() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(load("sqs_s3_object_created")["Records"][0]["body"])
    return body


def test_a_recorded_message_is_read() -> None:
    assert read_message(json.dumps(message()), bucket=BUCKET) == (
        PhotoEvent(
            source=ObjectVersion(
                key="raw/Urlaub am Meer/Katze + Hund 100% 🐈.JPG",
                version_id="pBJh0kQk3ZsCzgX6Mo2uXyH1Qe7tRmVb",
                etag="9b2cf535f27731c974343645a3985328",
            ),
            size_bytes=48151,
            sequencer=comparable_sequencer("00692570DA5A3B2C1D"),
            time=datetime(2026, 11, 25, 8, 54, 18, 421000, UTC),
        ),
    )


def test_the_test_event_contains_no_photo() -> None:
    assert read_message(load("sqs_s3_test_event")["Records"][0]["body"], bucket=BUCKET) == ()


def test_a_photo_older_than_its_buckets_versioning_has_the_null_version() -> None:
    body = message()
    del body["Records"][0]["s3"]["object"]["versionId"]
    (event,) = read_message(json.dumps(body), bucket=BUCKET)
    assert event.source.version_id == "null"


@pytest.mark.parametrize("body", ["", "text", "[]", "7", "null", "{}", '{"Event": "other"}', '{"Records": 7}'])
def test_anything_else_is_refused(body: str) -> None:
    with pytest.raises(UnknownMessageError):
        read_message(body, bucket=BUCKET)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["eventName"], "ObjectRemoved:Delete"),
        (["s3", "bucket", "name"], "another"),
        (["s3", "object", "key"], "thumbs/x/160.webp"),
        (["s3", "object", "size"], "many"),
        (["eventTime"], "yesterday"),
    ],
)
def test_an_event_about_anything_but_a_photo_of_ours_is_refused(path: list[str], value: str) -> None:
    body = message()
    place = body["Records"][0]
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(UnknownMessageError):
        read_message(json.dumps(body), bucket=BUCKET)


@pytest.mark.parametrize("name", ["key", "size", "sequencer"])
def test_a_record_that_lacks_something_is_refused(name: str) -> None:
    body = message()
    del body["Records"][0]["s3"]["object"][name]
    with pytest.raises(UnknownMessageError, match=name):
        read_message(json.dumps(body), bucket=BUCKET)
