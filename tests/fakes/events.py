"""Recorded AWS events, and the same with a few values changed."""

import json
from hashlib import md5
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from fakes.aws import BUCKET
from thumbpipe.core.delivery.object_store import ObjectVersion

EVENTS: Final = Path(__file__).parents[1] / "events"

CONTEXT: Final = cast(
    "LambdaContext",
    SimpleNamespace(
        aws_request_id="a0b1c2d3-e4f5-6789-abcd-ef0123456789",
        function_name="photos-function",
        function_version="$LATEST",
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:photos-function",
        memory_limit_in_mb=512,
        get_remaining_time_in_millis=lambda: 30_000,
    ),
)


def load(name: str) -> dict[str, Any]:
    """Read a recorded event."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def api_request(
    method: str,
    path: str,
    *,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A recorded API request with another method, path and so on; a header of no value is left out."""
    event = load("api_list_images") | {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "body": body,
        "queryStringParameters": query,
    }
    changed = event["headers"] | (headers or {})
    event["headers"] = {name: value for name, value in changed.items() if value}
    return event


def s3_record(source: ObjectVersion, *, encoded_key: str, sequencer: str, size: int) -> dict[str, Any]:
    """A recorded S3 record of another object."""
    message = json.loads(load("sqs_s3_object_created")["Records"][0]["body"])
    record: dict[str, Any] = message["Records"][0]
    record["s3"]["bucket"]["name"] = BUCKET
    record["s3"]["object"] = {
        "key": encoded_key,
        "size": size,
        "eTag": source.etag,
        "versionId": source.version_id,
        "sequencer": sequencer,
    }
    return record


def sqs_event(*bodies: object) -> dict[str, Any]:
    """A recorded batch with other messages; a text is taken as it is, anything else as JSON."""
    records = []
    for number, body in enumerate(bodies):
        text = body if isinstance(body, str) else json.dumps(body)
        record = load("sqs_s3_object_created")["Records"][0]
        digest = md5(text.encode(), usedforsecurity=False).hexdigest()
        records.append(record | {"messageId": f"message-{number}", "body": text, "md5OfBody": digest})
    return {"Records": records}
