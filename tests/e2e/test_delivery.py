"""Events arrive at least once and in any order; the result is as if each came once, the newest last."""

import hashlib
import io
import json
import secrets
from base64 import b32encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote_plus

import pytest
from PIL import Image as PillowImage

from support.pipeline_client import Image, PipelineClient
from support.stack import Stack
from support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("retried_soon")

OLDEST_SEQUENCER: Final = "00"


def photo(colour: str, size: tuple[int, int] = (300, 200)) -> bytes:
    """Return a JPEG of one colour."""
    buffer = io.BytesIO()
    PillowImage.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


def hashed_id(key: str) -> str:
    """Return the id that the contract gives a key which the API did not make."""
    return b32encode(hashlib.sha256(key.encode()).digest()).decode()[:26]


def put(stack: Stack, key: str, body: bytes) -> dict[str, str]:
    """Put a photo straight into the bucket and return S3's answer."""
    answer: dict[str, str] = stack.client("s3").put_object(Bucket=stack.image_bucket, Key=key, Body=body)
    return answer


def item(stack: Stack, image_id: str) -> dict[str, Any]:
    """Return the catalog's item."""
    answer = stack.client("dynamodb").get_item(
        TableName=stack.catalog_table, Key={"id": {"S": image_id}}, ConsistentRead=True
    )
    found: dict[str, Any] = answer.get("Item", {})
    return found


def rendition_keys(stack: Stack, image_id: str) -> set[str]:
    """Return the keys of all renditions that are stored of an image."""
    listing = stack.client("s3").list_objects_v2(Bucket=stack.image_bucket, Prefix=f"thumbs/{image_id}/")
    return {entry["Key"] for entry in listing.get("Contents", [])}


def catalogued_keys(stack: Stack, image_id: str) -> set[str]:
    """Return the keys of the renditions that the catalog names."""
    return {rendition["M"]["key"]["S"] for rendition in item(stack, image_id)["renditions"]["L"]}


def etag_is(stack: Stack, image_id: str, etag: str) -> bool:
    """Tell whether the catalog shows the photo with this ETag."""
    found: str | None = item(stack, image_id).get("source_etag", {}).get("S")
    return found == etag.strip('"')


def send_event(stack: Stack, key: str, answer: dict[str, str], sequencer: str, size: int) -> None:
    """Send the queue an event as S3 sends it for `put_object`'s answer."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": stack.region,
        "eventTime": "2026-11-25T08:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": stack.image_bucket, "arn": f"arn:aws:s3:::{stack.image_bucket}"},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": size,
                "eTag": answer["ETag"].strip('"'),
                "versionId": answer["VersionId"],
                "sequencer": sequencer,
            },
        },
    }
    stack.client("sqs").send_message(QueueUrl=stack.queue_url, MessageBody=json.dumps({"Records": [record]}))


def random_key(name: str = "x.jpg") -> str:
    return f"raw/{secrets.token_hex(6)}/{name}"


def test_a_repeated_event_changes_nothing(stack: Stack) -> None:
    key, body = random_key(), photo("red")
    answer = put(stack, key, body)
    first = wait_until("the photo", lambda: item(stack, hashed_id(key)))
    send_event(stack, key, answer, first["sequencer"]["S"], len(body))
    wait_until("the repeat to be taken", stack.drained)
    assert item(stack, hashed_id(key)) == first
    assert rendition_keys(stack, hashed_id(key)) == catalogued_keys(stack, hashed_id(key))


def test_an_older_event_that_arrives_late_changes_nothing(stack: Stack) -> None:
    key = random_key()
    image_id = hashed_id(key)
    older_body = photo("red")
    older = put(stack, key, older_body)
    newer = put(stack, key, photo("blue"))
    wait_until("the newer photo", lambda: etag_is(stack, image_id, newer["ETag"]))
    before = item(stack, image_id)
    send_event(stack, key, older, OLDEST_SEQUENCER, len(older_body))
    wait_until("the late event to be taken", stack.drained)
    assert item(stack, image_id) == before
    assert rendition_keys(stack, image_id) == catalogued_keys(stack, image_id)


def test_an_overwrite_wins_and_its_predecessors_renditions_are_gone(stack: Stack) -> None:
    key = random_key()
    image_id = hashed_id(key)
    first = put(stack, key, photo("red"))
    wait_until("the first photo", lambda: etag_is(stack, image_id, first["ETag"]))
    created_at = item(stack, image_id)["created_at"]
    second = put(stack, key, photo("blue", (200, 300)))
    wait_until("the second photo", lambda: etag_is(stack, image_id, second["ETag"]))
    wait_until("the queue to be empty", stack.drained)
    after = item(stack, image_id)
    assert after["created_at"] == created_at
    assert (after["width"]["N"], after["height"]["N"]) == ("200", "300")
    assert rendition_keys(stack, image_id) == catalogued_keys(stack, image_id)
    version = second["ETag"].strip('"')[:8]
    assert all(key.split("/")[2] == version for key in rendition_keys(stack, image_id))


def test_many_overwrites_at_once_end_in_one_photos_thumbnails(stack: Stack) -> None:
    key = random_key()
    image_id = hashed_id(key)
    colours = ["red", "green", "blue", "yellow", "black", "white"]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda colour: put(stack, key, photo(colour)), colours))
    wait_until("the queue to be empty", stack.drained)
    wait_until("the photo", lambda: item(stack, image_id))
    assert rendition_keys(stack, image_id) == catalogued_keys(stack, image_id)
    version = item(stack, image_id)["source_etag"]["S"][:8]
    assert {key.split("/")[2] for key in rendition_keys(stack, image_id)} == {version}


def test_fifty_photos_at_once_are_ready_once_each(pipeline: PipelineClient, stack: Stack) -> None:
    def send(number: int) -> str:
        return pipeline.upload(f"{number}.jpg", photo("teal", (640, 480 + number)))

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(send, range(50)))
    images = [pipeline.ready(image_id, within_s=120) for image_id in ids]
    assert [image["height"] for image in images] == [480 + number for number in range(50)]
    listed = [image["id"] for image in pipeline.listing()]
    assert all(listed.count(image_id) == 1 for image_id in ids)
    wait_until("the queue to be empty", stack.drained)
    assert stack.depth(stack.dead_letter_queue_url) == 0


ODD_NAMES: Final = [
    "with space.jpg",
    "plus+plus.jpg",
    "100%25 %41.jpg",
    "übergrößen-写真-🏔.jpg",
    "../../thumbs/x.jpg",
    "no-extension",
    "deep/er/and deeper/photo.jpg",
    "UPPER.JPEG",
    "quote'\"<img src=x>&.jpg",
]

# AWS's common rules take two dots, and a path of more than 1,024 bytes, for an attack. Such keys are no upload's.
REFUSED_AT_THE_EDGE: Final = {"../../thumbs/x.jpg", "long"}


@pytest.mark.parametrize("name", [*ODD_NAMES, "long"], ids=str)
def test_a_photo_put_straight_into_raw_is_catalogued(stack: Stack, pipeline: PipelineClient, name: str) -> None:
    key = random_key(name)
    if name == "long":
        key = key[:-4] + "x" * (1024 - len(key)) + "long"
        assert len(key.encode()) == 1024
    put(stack, key, photo("orange"))
    wait_until("the photo", lambda: pipeline.show(hashed_id(key)).is_success)
    image = pipeline.ready(hashed_id(key))
    assert item(stack, image["id"])["source_key"]["S"] == key
    assert image["original_url"]
    # Not httpx, which, as a browser does, takes dots out of a path.
    response = stack.raw("GET", image["original_url"].removeprefix(stack.api_url))
    if name in REFUSED_AT_THE_EDGE:
        assert response.status == 403
    else:
        assert (response.status, response.body) == (200, photo("orange"))
    assert all(pipeline.http.get(rendition["url"]).is_success for rendition in image["renditions"])
    assert pipeline.delete(image["id"]).status_code == 204


@contextmanager
def withdrawn_table(stack: Stack) -> Iterator[None]:
    """Take the thumbnailer's access to the catalog away for a while, and make the queue retry within 2 s."""
    iam, sqs = stack.client("iam"), stack.client("sqs")
    role = stack.role_arns["thumbnailer"].rsplit("/", 1)[1]
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}]}
    visibility = sqs.get_queue_attributes(QueueUrl=stack.queue_url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    iam.put_role_policy(RoleName=role, PolicyName="withdrawn", PolicyDocument=json.dumps(deny))
    sqs.set_queue_attributes(QueueUrl=stack.queue_url, Attributes={"VisibilityTimeout": "2"})
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="withdrawn")
        sqs.set_queue_attributes(QueueUrl=stack.queue_url, Attributes=visibility)


def receive_count(stack: Stack) -> int:
    """Return how often the function failed since its log group was made."""
    logs = stack.client("logs")
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{stack.function_names['thumbnailer']}")
    return sum("AccessDenied" in event["message"] for event in found["events"])


def test_a_platform_failure_is_retried_until_it_succeeds(stack: Stack) -> None:
    key = random_key()
    before = receive_count(stack)
    with withdrawn_table(stack):
        put(stack, key, photo("purple"))
        wait_until("a failed attempt", lambda: receive_count(stack) > before)
        assert not item(stack, hashed_id(key))
    wait_until("the photo", lambda: item(stack, hashed_id(key)).get("state") == {"S": "ready"})
    assert stack.depth(stack.dead_letter_queue_url) == 0


def logged(stack: Stack, text: str) -> int:
    """Return how often the function has logged a text."""
    logs = stack.client("logs")
    found = logs.filter_log_events(logGroupName=f"/aws/lambda/{stack.function_names['thumbnailer']}")
    return sum(text in event["message"] for event in found["events"])


def test_photos_that_failed_together_are_handed_back_and_become_ready_alone(stack: Stack) -> None:
    keys = [random_key(f"{number}.jpg") for number in range(4)]
    handed_back, failed = logged(stack, "Message handed back"), receive_count(stack)
    with withdrawn_table(stack):
        for key in keys:
            put(stack, key, photo("olive"))
        wait_until("failed attempts", lambda: receive_count(stack) >= failed + len(keys))
        wait_until("a message to be handed back", lambda: logged(stack, "Message handed back") > handed_back)
    for key in keys:
        wait_until("the photo", lambda key=key: item(stack, hashed_id(key)).get("state") == {"S": "ready"})  # type: ignore[misc]  # mypy cannot infer it
    assert logged(stack, "Queue request failed") == 0
    wait_until("the queue to be empty", stack.drained)
    assert stack.depth(stack.dead_letter_queue_url) == 0


def test_a_permanent_failure_ends_in_the_dead_letter_queue_with_its_complete_body(stack: Stack) -> None:
    key, body = random_key(), photo("pink")
    sqs = stack.client("sqs")
    with withdrawn_table(stack):
        answer = put(stack, key, body)
        wait_until(
            "the message in the dead-letter queue", lambda: stack.depth(stack.dead_letter_queue_url) == 1, within_s=90
        )
    [message] = sqs.receive_message(QueueUrl=stack.dead_letter_queue_url, WaitTimeSeconds=5)["Messages"]
    s3_object = json.loads(message["Body"])["Records"][0]["s3"]["object"]
    assert s3_object["key"] == key
    assert s3_object["versionId"] == answer["VersionId"]
    sqs.change_message_visibility(
        QueueUrl=stack.dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    # Sent again, as docs/troubleshooting.md says, it becomes what it should have been.
    sqs.start_message_move_task(SourceArn=stack.dead_letter_queue_arn)
    wait_until("the photo", lambda: item(stack, hashed_id(key)).get("state") == {"S": "ready"})
    assert stack.depth(stack.dead_letter_queue_url) == 0


def test_a_photo_deleted_while_it_is_processed_leaves_nothing(stack: Stack, pipeline: PipelineClient) -> None:
    def upload_and_delete(number: int) -> str:
        image_id = pipeline.upload(f"{number}.jpg", photo("brown", (1600, 1200 + number)))
        assert pipeline.delete(image_id).status_code == 204
        return image_id

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(upload_and_delete, range(8)))
    wait_until("the queue to be empty", stack.drained)
    for image_id in ids:
        assert not item(stack, image_id)
        assert not rendition_keys(stack, image_id)


def test_thumbnails_never_call_the_function_again(stack: Stack, pipeline: PipelineClient) -> None:
    image: Image = pipeline.ready(pipeline.upload("a.jpg", photo("navy")))
    wait_until("the queue to be empty", stack.drained)
    notification = stack.client("s3").get_bucket_notification_configuration(Bucket=stack.image_bucket)
    [queue] = notification["QueueConfigurations"]
    assert queue["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "raw/"}]
    body = pipeline.http.get(image["renditions"][0]["url"]).content
    key = f"thumbs/{secrets.token_hex(4)}.jpg"
    put(stack, key, body)
    assert stack.drained()
    stack.client("s3").delete_object(Bucket=stack.image_bucket, Key=key)
