import base64
import json
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, Final, Protocol

import pytest

from fakes.aws import BUCKET, PAGE_ORIGIN, TABLE, FakeAWS
from fakes.events import CONTEXT, api_request, load
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog
from thumbpipe.core.catalog.image import State, format_time
from thumbpipe.core.catalog.object_keys import EXTENSIONS

Output = Callable[[], list[dict[str, Any]]]

WANTED: Final = {"filename": "cat.jpg", "content_type": "image/jpeg", "size_bytes": 1000}
LONG_EMOJI: Final = "👩‍👩‍👧‍👦" * 36 + ".jp"


class Ask(Protocol):
    def __call__(self, body: object, **headers: str) -> dict[str, Any]: ...


@pytest.fixture
def uploads(function: Callable[[str], ModuleType]) -> ModuleType:
    return function("uploads")


@pytest.fixture
def ask(function: Callable[[str], ModuleType]) -> Ask:
    start = cache(function)

    def ask_for(body: object, **headers: str) -> dict[str, Any]:
        text = body if isinstance(body, str) else json.dumps(body)
        event = api_request("POST", "/api/uploads", body=text, headers={"Content-Type": "application/json"} | headers)
        answer: dict[str, Any] = start("uploads").handler(event, CONTEXT)
        return answer

    return ask_for


def problem(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    content: dict[str, Any] = json.loads(answer["body"])
    assert content["status"] == answer["statusCode"]
    assert content["title"]
    assert content["detail"]
    return content


def test_a_recorded_request_reserves_an_upload(uploads: ModuleType, aws: FakeAWS) -> None:
    answer = uploads.handler(load("api_reserve_upload"), CONTEXT)
    assert answer["statusCode"] == 201
    assert answer["headers"]["Content-Type"] == "application/json"
    content = json.loads(answer["body"])
    image = DynamoDBCatalog(aws.dynamodb, TABLE).get(content["id"])
    assert image is not None
    assert (image.state, image.filename, image.size_bytes) == (State.PENDING, "Katze am Meer 🐈.jpg", 32816)
    assert image.source_key == f"raw/{image.id}.jpg" == content["upload"]["fields"]["key"]
    assert image.expires_at == int(image.created_at.timestamp()) + 86400
    assert format_time(image.created_at) < content["expires_at"]


def test_the_presigned_post_allows_exactly_this_upload(ask: Ask) -> None:
    upload = json.loads(ask(WANTED)["body"])["upload"]
    policy = json.loads(base64.b64decode(upload["fields"]["policy"]))
    conditions = policy["conditions"]
    assert {"bucket": BUCKET} in conditions
    assert {"key": upload["fields"]["key"]} in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert ["content-length-range", 1, 100_000] in conditions
    assert not [each for each in conditions if isinstance(each, list) and each[0] == "starts-with"]
    assert upload["fields"]["Content-Type"] == "image/jpeg"
    assert upload["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert not [name for name in upload["fields"] if name.startswith("x-amz-meta-")]


def test_the_presigned_post_admits_no_field_beside_those_it_fixes(ask: Ask) -> None:
    fields = json.loads(ask(WANTED)["body"])["upload"]["fields"]
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    fixed = {name: value for each in conditions if isinstance(each, dict) for name, value in each.items()}
    # S3 refuses a form with any other field than these, the policy, its signature and the file: no redirect, no ACL,
    # no tags, no storage class, no metadata, no Content-Disposition of the sender's choice.
    signed = {"x-amz-algorithm", "x-amz-credential", "x-amz-date"}
    assert set(fixed) == {"bucket", "key", "Content-Type", "success_action_status", *signed}
    assert fixed == {name: fields[name] for name in set(fixed) - {"bucket"}} | {"bucket": BUCKET}
    assert set(fields) == set(fixed) - {"bucket"} | {"policy", "x-amz-signature"}


def test_on_aws_an_upload_uses_the_buckets_regional_host(ask: Ask) -> None:
    upload = json.loads(ask(WANTED)["body"])["upload"]
    assert upload["url"] == f"https://{BUCKET}.s3.us-east-1.amazonaws.com/"


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
def test_an_upload_uses_the_buckets_region(
    cold_start: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    host = cold_start("uploads").s3.generate_presigned_post(BUCKET, "raw/x")["url"]
    assert host.startswith(f"https://{BUCKET}.s3.{region}.amazonaws.com")


def test_an_endpoint_that_is_an_address_has_the_bucket_in_its_path(
    cold_start: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    s3 = cold_start("uploads").s3
    assert s3.generate_presigned_post(BUCKET, "raw/x")["url"] == f"http://127.0.0.1:4566/{BUCKET}"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "raw/x"})
    assert url.startswith(f"http://127.0.0.1:4566/{BUCKET}/raw/x?")


def test_an_accelerated_upload_uses_the_accelerated_host(
    cold_start: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THUMBPIPE_TRANSFER_ACCELERATION", "true")
    host = cold_start("uploads").s3.generate_presigned_post(BUCKET, "raw/x")["url"]
    assert host == f"https://{BUCKET}.s3-accelerate.amazonaws.com/"


@pytest.mark.parametrize(
    "filename",
    ["cat.jpg", "a", "x" * 255, LONG_EMOJI, 'Ünï "quoted" <b>&amp;</b>/..\\%00 .jpg', " ", "مرحبا.png", "no ending"],
)
def test_a_filename_is_stored_as_sent_and_is_not_part_of_the_key(ask: Ask, aws: FakeAWS, filename: str) -> None:
    content = json.loads(ask(WANTED | {"filename": filename})["body"])
    image = DynamoDBCatalog(aws.dynamodb, TABLE).get(content["id"])
    assert image is not None
    assert image.filename == filename
    assert image.source_key == f"raw/{image.id}.jpg"


@pytest.mark.parametrize("content_type", EXTENSIONS)
def test_every_documented_type_is_taken_in_any_case(ask: Ask, content_type: str) -> None:
    content = json.loads(ask(WANTED | {"content_type": content_type.upper()})["body"])
    assert content["upload"]["fields"]["Content-Type"] == content_type
    assert content["upload"]["fields"]["key"].endswith(f".{EXTENSIONS[content_type]}")


@pytest.mark.parametrize("size", [1, 100_000])
def test_the_smallest_and_the_largest_size_are_accepted(ask: Ask, size: int) -> None:
    assert ask(WANTED | {"size_bytes": size})["statusCode"] == 201


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("content_type", "image/svg+xml", "image/heic"),
        ("content_type", "image/jpeg; charset=utf-8", "without parameters"),
        ("content_type", "", "image/heic"),
        ("content_type", None, "image/heic"),
        ("content_type", ["image/png"], "image/heic"),
        ("size_bytes", 0, "1 to 100000"),
        ("size_bytes", -1, "1 to 100000"),
        ("size_bytes", 100_001, "1 to 100000"),
        ("size_bytes", 10**400, "1 to 100000"),
        ("size_bytes", 1000.0, "whole number"),
        ("size_bytes", True, "whole number"),
        ("size_bytes", "1000", "whole number"),
        ("filename", "", "1 to 255"),
        ("filename", "x" * 256, "1 to 255"),
        ("filename", 7, "1 to 255"),
        ("filename", "a\nb.jpg", "Control characters"),
        ("filename", "a\u0000.jpg", "Control characters"),
        ("filename", "half \ud83d.jpg", "surrogates"),
        ("colour", "red", "filename, content_type, size_bytes"),
    ],
)
def test_what_is_not_taken_is_refused_with_what_is(ask: Ask, field: str, value: object, named: str) -> None:
    answer = ask(WANTED | {field: value})
    assert answer["statusCode"] == 400
    (error,) = problem(answer)["errors"]
    assert error["field"] == field
    assert named in error["message"]


@pytest.mark.parametrize("field", WANTED)
def test_a_missing_field_is_refused(ask: Ask, field: str) -> None:
    answer = ask({name: value for name, value in WANTED.items() if name != field})
    assert [error["field"] for error in problem(answer)["errors"]] == [field]


def test_all_errors_are_reported_at_once(ask: Ask) -> None:
    answer = ask({"filename": "", "content_type": "text/plain", "size_bytes": 0, "more": 1})
    assert {error["field"] for error in problem(answer)["errors"]} == {*WANTED, "more"}


def test_a_name_of_half_a_character_is_refused_in_text_that_utf8_can_hold(ask: Ask) -> None:
    answer = ask('{"\\ud800": 1}')
    answer["body"].encode()
    assert {error["field"] for error in problem(answer)["errors"]} == {*WANTED, "\ud800"}


def test_a_body_with_unknown_fields_gets_a_short_response(ask: Ask) -> None:
    answer = ask(json.dumps({str(number): 1 for number in range(1500)}))
    assert len(problem(answer)["errors"]) == 10 + len(WANTED)
    assert len(answer["body"]) < 4096


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e3", "1.0", "-0", "9" * 5000, "[1]", "{}", "true", "null"])
def test_what_json_may_hold_instead_of_a_size_is_refused(ask: Ask, value: str) -> None:
    answer = ask(f'{{"filename": "a", "content_type": "image/png", "size_bytes": {value}}}')
    assert answer["statusCode"] == 400
    problem(answer)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b'{"filename": "\xc0\xaf"}', b'{"filename": "\xed\xa0\x80"}', b"\x00", b'{"a": "\x00"}']
)
def test_bytes_that_are_not_utf8_or_not_json_are_refused(uploads: ModuleType, body: bytes) -> None:
    event = load("api_reserve_upload") | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    answer = uploads.handler(event, CONTEXT)
    assert answer["statusCode"] == 400
    problem(answer)


@pytest.mark.parametrize("body", ["", "{", "[" * 16_000, '{"filename": "\udcff"}', "nul"])
def test_a_body_that_is_not_json_is_refused(ask: Ask, body: str) -> None:
    answer = ask(body)
    assert answer["statusCode"] == 400
    problem(answer)


@pytest.mark.parametrize("body", [[], "text", 1, None, [WANTED]])
def test_a_body_that_is_not_an_object_is_refused(ask: Ask, body: object) -> None:
    answer = ask(json.dumps(body))
    assert answer["statusCode"] == 400
    assert "object" in problem(answer)["detail"]


@pytest.mark.parametrize(("length", "status"), [(16 * 1024, 201), (16 * 1024 + 1, 413)])
def test_a_body_has_at_most_16_kibibytes(ask: Ask, length: int, status: int) -> None:
    text = json.dumps(WANTED)
    answer = ask(text + " " * (length - len(text)))
    assert answer["statusCode"] == status


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/jsonp"])
def test_a_body_of_another_type_is_refused(ask: Ask, content_type: str) -> None:
    answer = ask(WANTED, **{"Content-Type": content_type})
    assert answer["statusCode"] == 415
    assert "application/json" in problem(answer)["detail"]


def test_the_type_of_the_body_may_have_parameters(ask: Ask) -> None:
    assert ask(WANTED, **{"Content-Type": "Application/JSON; charset=utf-8"})["statusCode"] == 201


def test_a_body_in_base64_is_read(uploads: ModuleType) -> None:
    event = load("api_reserve_upload")
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert uploads.handler(event, CONTEXT)["statusCode"] == 201


def test_another_method_is_refused_with_those_that_work(uploads: ModuleType) -> None:
    answer = uploads.handler(api_request("PUT", "/api/uploads"), CONTEXT)
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "POST, OPTIONS")
    problem(answer)


@pytest.mark.parametrize("path", ["/api/upload", "/api/uploads/", "/", "/api/images"])
def test_another_path_is_not_found(uploads: ModuleType, path: str) -> None:
    answer = uploads.handler(api_request("POST", path), CONTEXT)
    assert answer["statusCode"] == 404
    problem(answer)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://photos.example.com.evil.example"])
def test_other_origins_get_no_cors_headers(uploads: ModuleType, origin: str) -> None:
    answer = uploads.handler(api_request("POST", "/api/uploads", headers={"origin": origin}), CONTEXT)
    assert not [name for name in answer["headers"] if name.startswith("Access-Control")]
    assert answer["headers"]["Vary"] == "Origin"


def test_errors_can_be_read_by_the_page(ask: Ask) -> None:
    answer = ask("{", origin="https://second.example.com")
    assert answer["headers"]["Access-Control-Allow-Origin"] == "https://second.example.com"


def test_an_unhandled_exception_is_logged_but_not_disclosed(ask: Ask, aws: FakeAWS, output: Output) -> None:
    aws.dynamodb.delete_table(TableName=TABLE)
    answer = ask(WANTED)
    assert answer["statusCode"] == 500
    assert "table" not in json.dumps(problem(answer)).lower()
    assert answer["headers"]["Access-Control-Allow-Origin"] == PAGE_ORIGIN
    lines = output()
    assert [line["exception_name"] for line in lines if "exception_name" in line] == ["ResourceNotFoundException"]
    assert [line["ServerErrors"] for line in lines if "ServerErrors" in line] == [[1.0]]


def test_the_log_contains_the_request_id_but_not_the_filename(ask: Ask, output: Output) -> None:
    ask(WANTED | {"filename": "secret-name.jpg"})
    lines = output()
    (reserved,) = [line for line in lines if line.get("message") == "Upload reserved"]
    assert reserved["correlation_id"] == "7b1f3c58-0e5d-4a43-9d7f-5f6b1a2c3d4e"
    assert [line["UploadsReserved"] for line in lines if "UploadsReserved" in line] == [[1.0]]
    assert "secret-name" not in json.dumps(lines)
