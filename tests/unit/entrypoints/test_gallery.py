import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

import pytest

from fakes.aws import (
    BUCKET,
    CURSOR_KEY_PARAMETER,
    DELIVERY_URL,
    PAGE_ORIGIN,
    SIGNING_KEY_PARAMETER,
    TABLE,
    FakeAWS,
)
from fakes.events import CONTEXT, api_request, load
from fakes.keys import make_key_pem
from fakes.values import failed, image_id, pending, ready
from thumbpipe.adapters.dynamodb_catalog import DynamoDBCatalog

Output = Callable[[], list[dict[str, Any]]]

TOMORROW: Final = int((datetime.now(UTC) + timedelta(days=1)).timestamp())


class Ask(Protocol):
    def __call__(self, method: str, path: str, **query: str) -> dict[str, Any]: ...


@pytest.fixture
def ask(function: Callable[[str], ModuleType]) -> Ask:
    start = cache(function)

    def ask_for(method: str, path: str, **query: str) -> dict[str, Any]:
        answer: dict[str, Any] = start("gallery").handler(api_request(method, path, query=query or None), CONTEXT)
        return answer

    return ask_for


@pytest.fixture
def catalog(aws: FakeAWS) -> DynamoDBCatalog:
    return DynamoDBCatalog(aws.dynamodb, TABLE)


def content(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "application/json"
    value: dict[str, Any] = json.loads(answer["body"])
    return value


def test_an_empty_gallery_is_an_empty_list(function: Callable[[str], ModuleType]) -> None:
    assert content(function("gallery").handler(load("api_list_images"), CONTEXT)) == {"items": [], "next_cursor": None}


def test_a_ready_image_is_shown_with_every_member(ask: Ask, catalog: DynamoDBCatalog) -> None:
    catalog.record(ready())
    shown = content(ask("GET", f"/api/images/{image_id(1)}"))
    urls = [rendition.pop("url") for rendition in shown["renditions"]]
    original = shown.pop("original_url")
    assert shown == {
        "id": image_id(1),
        "state": "ready",
        "filename": "Katze am Meer.jpg",
        "content_type": "image/jpeg",
        "size_bytes": 1000,
        "created_at": "2026-11-25T12:00:01.000000Z",
        "processed_at": "2026-11-25T13:00:00.000000Z",
        "width": 4032,
        "height": 3024,
        "format": "JPEG",
        "frames": 1,
        "placeholder": "1QcSHQRnh493V4dIh4eXh1h4kJUI",
        "renditions": [
            {"width": 160, "height": 120, "format": "webp", "bytes": 2000},
            {"width": 160, "height": 120, "format": "jpeg", "bytes": 3000},
        ],
        "error": None,
    }
    assert urls == [f"{DELIVERY_URL}/{rendition.key}" for rendition in ready().renditions]
    assert original == f"{DELIVERY_URL}/{ready().source_key}"


def test_a_pending_image_has_every_member_and_no_url(ask: Ask, catalog: DynamoDBCatalog) -> None:
    catalog.reserve(pending(expires_at=TOMORROW))
    catalog.record(ready(2))
    shown = content(ask("GET", f"/api/images/{image_id(1)}"))
    assert set(shown) == set(content(ask("GET", f"/api/images/{image_id(2)}")))
    assert shown["state"] == "pending"
    assert shown["renditions"] == []
    unknown = ("processed_at", "width", "height", "format", "frames", "placeholder", "original_url", "error")
    assert [shown[name] for name in unknown] == [None] * len(unknown)


def test_a_failed_image_shows_the_reason(ask: Ask, catalog: DynamoDBCatalog) -> None:
    catalog.record(failed())
    shown = content(ask("GET", f"/api/images/{image_id(1)}"))
    assert (shown["state"], shown["renditions"]) == ("failed", [])
    assert shown["error"] == {"code": "truncated", "message": "The file ends early."}
    assert shown["original_url"]


@pytest.mark.parametrize(
    "name",
    [
        image_id(9),
        "months",
        "x",
        "..",
        "%00",
        "..%2f..%2fmonths",
        image_id(1).lower(),
        image_id(1) + "A",
        image_id(1) + "\n",
        "A" * 10_000,
    ],
)
def test_an_unknown_image_is_not_found(ask: Ask, catalog: DynamoDBCatalog, name: str) -> None:
    catalog.record(ready())
    answer = ask("GET", f"/api/images/{name}")
    assert answer["statusCode"] == 404
    assert json.loads(answer["body"])["detail"] == "There is no such image."


def test_an_unused_reservation_that_expired_is_not_found(ask: Ask, catalog: DynamoDBCatalog) -> None:
    catalog.reserve(pending(expires_at=TOMORROW - 2 * 86400))
    assert ask("GET", f"/api/images/{image_id(1)}")["statusCode"] == 404
    assert content(ask("GET", "/api/images"))["items"] == []


def test_the_list_is_paged_from_new_to_old_without_gaps_or_duplicates(ask: Ask, catalog: DynamoDBCatalog) -> None:
    for number in range(7):
        catalog.record(ready(number))
    seen: list[str] = []
    query = {"limit": "3"}
    while True:
        page = content(ask("GET", "/api/images", **query))
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
        catalog.record(ready(100 + len(seen)))
    assert seen == [image_id(number) for number in reversed(range(7))]


def test_a_full_last_page_has_no_cursor(ask: Ask, catalog: DynamoDBCatalog) -> None:
    for number in range(3):
        catalog.record(ready(number))
    page = content(ask("GET", "/api/images", limit="3"))
    assert (len(page["items"]), page["next_cursor"]) == (3, None)


def test_a_page_has_50_images_by_default(ask: Ask, catalog: DynamoDBCatalog) -> None:
    for number in range(51):
        catalog.record(failed(number))
    assert len(content(ask("GET", "/api/images"))["items"]) == 50
    assert len(content(ask("GET", "/api/images", limit="100"))["items"]) == 51
    assert len(content(ask("GET", "/api/images", limit="1"))["items"]) == 1


@pytest.mark.parametrize("limit", ["0", "101", "-1", "", "ten", "1.5", " 5", "٣", "9" * 5000])
def test_a_limit_beyond_1_to_100_is_refused(ask: Ask, limit: str) -> None:
    answer = ask("GET", "/api/images", limit=limit)
    assert answer["statusCode"] == 400
    assert "1 to 100" in json.loads(answer["body"])["detail"]


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "no cursor!", "ümlaut", "A" * 5000])
def test_an_invented_cursor_is_refused(ask: Ask, cursor: str) -> None:
    answer = ask("GET", "/api/images", cursor=cursor)
    assert answer["statusCode"] == 400
    assert [error["field"] for error in json.loads(answer["body"])["errors"]] == ["cursor"]


def test_a_changed_cursor_is_refused(ask: Ask, catalog: DynamoDBCatalog) -> None:
    for number in range(3):
        catalog.record(ready(number))
    cursor = content(ask("GET", "/api/images", limit="1"))["next_cursor"]
    for place in range(0, len(cursor), 7):
        other = "A" if cursor[place] != "A" else "B"
        answer = ask("GET", "/api/images", cursor=cursor[:place] + other + cursor[place + 1 :])
        assert answer["statusCode"] == 400
    # The last character has bits that stand for nothing: the one after it in the alphabet differs in them alone.
    answer = ask("GET", "/api/images", cursor=cursor[:-1] + chr(ord(cursor[-1]) + 1))
    assert answer["statusCode"] == 400


def test_a_shortened_or_lengthened_cursor_is_refused(ask: Ask, catalog: DynamoDBCatalog) -> None:
    for number in range(3):
        catalog.record(ready(number))
    cursor = content(ask("GET", "/api/images", limit="1"))["next_cursor"]
    for other in [*(cursor[:length] for length in range(0, len(cursor), 9)), cursor + "AAAA", cursor + cursor]:
        assert ask("GET", "/api/images", cursor=other)["statusCode"] == 400
    for extra in ("=", "==", "\n", " ", "A"):
        other = cursor + extra
        assert ask("GET", "/api/images", cursor=other)["statusCode"] == 400


def test_even_a_log_at_debug_holds_neither_the_cursors_key_nor_a_signature(
    cold_start: Callable[[str], ModuleType], catalog: DynamoDBCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2):
        catalog.record(ready(number))
    gallery = cold_start("gallery")
    # Lambda sets the root logger's level to the function's.
    caplog.set_level(logging.DEBUG)
    assert content(gallery.handler(api_request("GET", "/api/images", query={"limit": "1"}), CONTEXT))["next_cursor"]
    assert "secret of the tests" not in caplog.text
    assert "Signature" not in caplog.text


def test_originals_are_not_served_if_original_downloads_is_off(
    ask: Ask, catalog: DynamoDBCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THUMBPIPE_ORIGINAL_DOWNLOADS", "false")
    catalog.record(ready())
    shown = content(ask("GET", f"/api/images/{image_id(1)}"))
    assert shown["original_url"] is None
    assert shown["renditions"][0]["url"]


@pytest.fixture
def signing_key(aws: FakeAWS, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("THUMBPIPE_DELIVERY", "signed")
    monkeypatch.setenv("THUMBPIPE_SIGNING_KEY_PARAMETER", SIGNING_KEY_PARAMETER)
    pem = make_key_pem()
    value = json.dumps({"key_id": "K2JCJMDEHXQW5F", "private_key": pem})
    aws.ssm.put_parameter(Name=SIGNING_KEY_PARAMETER, Value=value, Type="SecureString")
    return pem


@pytest.mark.usefixtures("signing_key")
def test_signed_urls_are_those_of_the_files_with_a_signature(ask: Ask, catalog: DynamoDBCatalog) -> None:
    catalog.record(ready())
    shown = content(ask("GET", f"/api/images/{image_id(1)}"))
    again = content(ask("GET", "/api/images"))["items"][0]
    urls = [*(rendition["url"] for rendition in shown["renditions"]), shown["original_url"]]
    keys = [*(rendition.key for rendition in ready().renditions), ready().source_key]
    assert [url.partition("?")[0] for url in urls] == [f"{DELIVERY_URL}/{key}" for key in keys]
    for url in urls:
        assert parse_qs(urlsplit(url).query)["Key-Pair-Id"] == ["K2JCJMDEHXQW5F"]
    assert again == shown


def test_a_signing_key_is_in_no_log_even_at_debug(
    cold_start: Callable[[str], ModuleType],
    catalog: DynamoDBCatalog,
    signing_key: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    catalog.record(ready())
    gallery = cold_start("gallery")
    caplog.set_level(logging.DEBUG)
    assert content(gallery.handler(api_request("GET", "/api/images"), CONTEXT))["items"]
    assert signing_key.splitlines()[1] not in caplog.text
    assert "PRIVATE KEY" not in caplog.text


def test_an_invalid_signing_key_fails_without_being_revealed(
    ask: Ask, aws: FakeAWS, catalog: DynamoDBCatalog, signing_key: str, output: Output
) -> None:
    aws.ssm.put_parameter(Name=SIGNING_KEY_PARAMETER, Value=signing_key, Type="SecureString", Overwrite=True)
    catalog.record(ready())
    assert ask("GET", "/api/images")["statusCode"] == 500
    logged = json.dumps(output())
    assert "SigningKeyError" in logged
    assert signing_key.splitlines()[1] not in logged


def test_the_cursors_key_is_read_only_when_a_cursor_is_needed(ask: Ask, aws: FakeAWS, catalog: DynamoDBCatalog) -> None:
    aws.ssm.delete_parameter(Name=CURSOR_KEY_PARAMETER)
    catalog.record(ready())
    assert len(content(ask("GET", "/api/images"))["items"]) == 1
    catalog.record(ready(2))
    assert ask("GET", "/api/images", limit="1")["statusCode"] == 500


def test_deleting_an_image_removes_all_versions_of_its_objects(
    ask: Ask, aws: FakeAWS, catalog: DynamoDBCatalog
) -> None:
    catalog.record(ready())
    for key in (ready().source_key, *(rendition.key for rendition in ready().renditions)):
        aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"old")
        aws.s3.put_object(Bucket=BUCKET, Key=key, Body=b"new")
        aws.s3.delete_object(Bucket=BUCKET, Key=key)
    aws.s3.put_object(Bucket=BUCKET, Key=f"{ready().source_key}.bak", Body=b"another")
    answer = ask("DELETE", f"/api/images/{image_id(1)}")
    assert (answer["statusCode"], answer["body"]) == (204, "")
    listed = aws.s3.list_object_versions(Bucket=BUCKET)
    assert [version["Key"] for version in listed["Versions"]] == [f"{ready().source_key}.bak"]
    assert "DeleteMarkers" not in listed
    assert ask("GET", f"/api/images/{image_id(1)}")["statusCode"] == 404


@pytest.mark.parametrize("name", [image_id(1), "months", "nonsense"])
def test_deleting_something_missing_is_not_an_error(ask: Ask, catalog: DynamoDBCatalog, name: str) -> None:
    catalog.record(ready(2))
    assert ask("DELETE", f"/api/images/{name}")["statusCode"] == 204
    assert len(content(ask("GET", "/api/images"))["items"]) == 1


@pytest.mark.parametrize(
    ("path", "allowed"), [("/api/images", "GET, OPTIONS"), (f"/api/images/{image_id(1)}", "GET, DELETE, OPTIONS")]
)
def test_another_method_is_refused_with_those_that_work(ask: Ask, path: str, allowed: str) -> None:
    answer = ask("PATCH", path)
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/api", "/api/images/", "/api/images/a/b", "/api/uploads"])
def test_another_path_is_not_found(ask: Ask, path: str) -> None:
    answer = ask("GET", path)
    assert answer["statusCode"] == 404
    assert answer["headers"]["Content-Type"] == "application/problem+json"


def test_answers_are_not_kept_and_can_be_read_by_the_page(ask: Ask) -> None:
    headers = ask("GET", "/api/images")["headers"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Access-Control-Allow-Origin"] == PAGE_ORIGIN
    assert headers["Vary"] == "Origin"


def test_a_deleted_image_leaves_the_cache(ask: Ask, aws: FakeAWS, catalog: DynamoDBCatalog) -> None:
    catalog.record(ready())
    ask("DELETE", f"/api/images/{image_id(1)}")
    assert aws.invalidated() == [[f"/thumbs/{image_id(1)}/*"]]


def test_a_missing_image_needs_no_invalidation(ask: Ask, aws: FakeAWS) -> None:
    ask("DELETE", f"/api/images/{image_id(1)}")
    assert aws.invalidated() == []


def test_a_deletion_succeeds_if_the_invalidation_fails_which_is_counted(
    ask: Ask, catalog: DynamoDBCatalog, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    monkeypatch.setenv("THUMBPIPE_DISTRIBUTION_ID", "EGONE")
    catalog.record(ready())
    assert ask("DELETE", f"/api/images/{image_id(1)}")["statusCode"] == 204
    assert ask("GET", f"/api/images/{image_id(1)}")["statusCode"] == 404
    lines = output()
    assert [line["InvalidationsFailed"] for line in lines if "InvalidationsFailed" in line] == [[1.0]]
    assert [line["image_id"] for line in lines if line.get("level") == "ERROR"] == [image_id(1)]


def test_deletions_are_measured(ask: Ask, catalog: DynamoDBCatalog, output: Output) -> None:
    catalog.record(ready())
    ask("DELETE", f"/api/images/{image_id(1)}")
    assert [line["ImagesDeleted"] for line in output() if "ImagesDeleted" in line] == [[1.0]]
