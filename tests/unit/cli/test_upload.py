import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from fakes.interruptible import INTERRUPTIBLE
from fakes.thumbpipe_api import MAX_UPLOAD_BYTES, FakeThumbpipeApi
from support.waiting import wait_until
from thumbpipe.cli import api as api_module
from thumbpipe.cli import upload as upload_module
from thumbpipe.cli.api import ApiClient

Run = Callable[..., Result]


def test_a_photo_is_sent_whole_and_awaited(run_api: Run, api: FakeThumbpipeApi, photo: Path, jpeg: bytes) -> None:
    result = run_api("upload", photo)

    assert result.exit_code == 0, result.output
    [image_id] = api.images
    assert api.files[f"/store/{image_id}/original"] == jpeg
    assert result.stdout.split("\t")[2:5] == ["ready", image_id, "1"]


def test_many_are_sent_in_the_order_given_and_one_failure_is_status_1(
    run_api: Run, api: FakeThumbpipeApi, photo: Path, tmp_path: Path
) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("Dear Sir or Madam")
    api.rejected.add("letter.jpg")

    result = run_api("upload", text, photo, "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert (first["file"], first["ok"], first["state"]) == (str(text), False, "failed")
    assert first["error"] == "The file is not an image. (not_an_image)"
    assert (second["file"], second["ok"], second["state"], second["error"]) == (str(photo), True, "ready", None)
    assert second["image"]["renditions"][0]["width"] == 160


def test_a_folder_is_searched_for_photos_at_any_depth(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path, jpeg: bytes
) -> None:
    folder = tmp_path / "my photos"
    (folder / "deep" / ".hidden").mkdir(parents=True)
    for name in ("one.JPG", "deep/two without ending", "deep/.three.jpg", "deep/.hidden/four.jpg"):
        (folder / name).write_bytes(jpeg)
    (folder / "notes.txt").write_text("no photo")

    result = run_api("upload", folder)

    assert result.exit_code == 0
    assert {image["filename"] for image in api.images.values()} == {"one.JPG", "two without ending"}


def test_no_wait_ends_when_the_photo_is_sent(run_api: Run, api: FakeThumbpipeApi, photo: Path) -> None:
    result = run_api("upload", photo, "--no-wait", "--json")

    answer = json.loads(result.stdout)
    assert (answer["state"], answer["image"]) == ("sent", None)
    assert [request.split()[0] for request in api.requests] == ["POST", "POST"]


def test_a_photo_that_stays_pending_is_a_failure_with_its_id(run_api: Run, api: FakeThumbpipeApi, photo: Path) -> None:
    api.polls_until_ready = 1000

    result = run_api("upload", photo, "--timeout", "1")

    assert result.exit_code == 1
    assert "Still pending after 1 seconds; see `thumbpipe show 00000" in result.stdout


def test_a_refusal_is_shown_with_the_apis_message(run_api: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "notes.txt").write_text("no photo")

    result = run_api("upload", tmp_path / "empty.png", tmp_path / "notes.txt")

    assert result.exit_code == 1
    assert "A whole number from 1 is expected." in result.stdout.splitlines()[0]
    assert "One of these types is expected: image/jpeg" in result.stdout.splitlines()[1]


def test_a_refusal_is_shown_with_the_stores_message(run_api: Run, tmp_path: Path) -> None:
    (tmp_path / "big.png").write_bytes(bytes(MAX_UPLOAD_BYTES + 1))

    result = run_api("upload", tmp_path / "big.png")

    assert result.exit_code == 1
    assert "The store refused the file: Your upload is <too> large" in result.stdout


def test_names_with_quotes_unicode_and_escape_codes_are_sent_as_they_are_and_shown_harmless(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path, jpeg: bytes
) -> None:
    path = tmp_path / 'Straße "ü" 🏖 \x1b[31m.jpg'
    path.write_bytes(jpeg)

    result = run_api("upload", path)

    assert result.exit_code == 0
    assert next(iter(api.images.values()))["filename"] == path.name
    assert "\x1b" not in result.stdout


def test_a_busy_api_is_retried(
    run_api: Run, api: FakeThumbpipeApi, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_module, "FIRST_PAUSE_SECONDS", 0.01)
    api.faults = [(429, "application/json", '{"message": "Too Many Requests"}'), (503, "text/plain", "")]

    assert run_api("upload", photo, "--no-wait").exit_code == 0


def test_ctrl_c_ends_the_wait_without_a_traceback(api: FakeThumbpipeApi, photo: Path) -> None:
    api.polls_until_ready = 10_000
    command = [sys.executable, "-c", INTERRUPTIBLE, "upload", str(photo), "--api", api.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        wait_until("the upload and a question", lambda: len(api.requests) >= 3)
        child.send_signal(signal.SIGINT)
        try:
            _, errors = child.communicate(timeout=20)
        finally:
            child.kill()

    assert child.returncode not in {0, None}
    assert "Traceback" not in errors


@pytest.mark.parametrize("moved_before", ["its type is read", "it is sent", "the table is shown"])
def test_a_file_that_is_moved_is_that_files_failure_alone(  # noqa: PLR0913, PLR0917 - fixtures
    run_api: Run,
    api: FakeThumbpipeApi,
    photo: Path,
    jpeg: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moved_before: str,
) -> None:
    moved = tmp_path / "moved.jpg"
    moved.write_bytes(jpeg)
    module, name = {
        "its type is read": (upload_module, "content_type_of"),
        "it is sent": (ApiClient, "send"),
        "the table is shown": (upload_module, "wait_until_done"),
    }[moved_before]
    original = getattr(module, name)

    def move_first(*arguments: object) -> object:
        moved.unlink(missing_ok=True)
        return original(*arguments)

    monkeypatch.setattr(module, name, move_first)

    result = run_api("upload", moved, photo, "--jobs", "1")

    first, second = (line.split("\t") for line in result.stdout.splitlines())
    was_sent = moved_before == "the table is shown"
    assert (result.exit_code, first[2]) == ((0, "ready") if was_sent else (1, "failed")), result.output
    assert was_sent or "No such file" in first[-1]
    assert second[2] == "ready"
    assert "Traceback" not in result.output
    assert len(api.images) >= 1


def test_a_file_that_goes_away_during_the_search_is_no_photo(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept.jpg").write_bytes(jpeg)
    passing = tmp_path / "passing"
    passing.write_bytes(jpeg)
    is_file = Path.is_file

    def go_away(path: Path) -> bool:
        found = is_file(path)
        if path == passing:
            passing.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "is_file", go_away)

    result = run_api("upload", tmp_path)

    assert result.exit_code == 0, result.output
    assert [image["filename"] for image in api.images.values()] == ["kept.jpg"]


def test_an_empty_folder_is_a_sentence(run_api: Run, tmp_path: Path) -> None:
    result = run_api("upload", tmp_path)

    assert result.exit_code == 1
    assert result.stderr == f"thumbpipe: There are no photos in {tmp_path}.\n"


def test_a_missing_file_is_a_usage_error(run_api: Run, tmp_path: Path) -> None:
    result = run_api("upload", tmp_path / "nothing.jpg")

    assert result.exit_code == 2
    assert "does not exist" in result.stderr
