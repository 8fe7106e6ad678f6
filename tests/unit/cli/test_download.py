import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from fakes.thumbpipe_api import FakeThumbpipeApi

Run = Callable[..., Result]


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_photo_and_renditions_are_saved_in_the_images_own_folder(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path
) -> None:
    first, second = api.add("beach.jpg", b"first"), api.add("beach.jpg", b"second")

    result = run_api("download", first, second, "-o", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert _files(tmp_path / "out") == {
        f"{first}/beach.jpg": b"first",
        f"{first}/160.webp": b"small first",
        f"{second}/beach.jpg": b"second",
        f"{second}/160.webp": b"small second",
    }


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\photos\\beach.jpg", "beach.jpg"),
        ("..", "photo"),
        ("", "photo"),
        (".bashrc", "bashrc"),
        ("a\x00b\x1b[2J.jpg", "ab[2J.jpg"),
        ("160.webp", "160 (2).webp"),
        ("160.WEBP", "160 (2).WEBP"),
        ("🏖" * 200 + ".jpg", "🏖" * 50 + ".jpg"),
        ("😀" * 64, "😀" * 50),
        ("é" * 130, "é" * 100),
        ("a" + "é" * 130 + ".jpeg", "a" + "é" * 99 + ".jpeg"),
        ("a." + "😀" * 64, "a." + "😀" * 5),
        ("." + "é" * 250, "é" * 100),
        ("x" * 255, "x" * 200),
        ("字" * 250 + ".tiff", "字" * 66 + ".tiff"),
    ],
)
def test_names_never_leave_the_folder_or_overwrite_a_rendition(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path, name: str, stored: str
) -> None:
    image_id = api.add(name)

    result = run_api("download", image_id, "-o", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert set(_files(tmp_path)) == {f"out/{image_id}/{stored}", f"out/{image_id}/160.webp"}


@pytest.mark.parametrize(
    "changed",
    [
        {"width": "../../160"},
        {"width": None},
        {"format": "../../../webp"},
        {"format": "exe"},
        {"url": ["http://127.0.0.1/"]},
    ],
)
def test_an_api_response_without_renditions_is_refused_before_anything_is_written(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path, changed: dict[str, object]
) -> None:
    image_id = api.add("beach.jpg")
    (rendition,) = api.images[image_id]["renditions"]
    api.images[image_id]["renditions"] = [rendition | changed]

    result = run_api("download", image_id, "-o", tmp_path / "out")

    assert result.exit_code == 1
    assert "Is this a thumbpipe API?" in result.output
    assert _files(tmp_path) == {}


@pytest.mark.parametrize("changed", [{"filename": None}, {"filename": ["beach.jpg"]}, {"original_url": 7}])
def test_an_api_response_without_a_photo_is_refused(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path, changed: dict[str, object]
) -> None:
    image_id = api.add("beach.jpg")
    api.images[image_id] |= changed

    result = run_api("download", image_id, "-o", tmp_path / "out")

    assert result.exit_code == 1
    assert "Is this a thumbpipe API?" in result.output
    assert _files(tmp_path) == {}


def test_either_kind_can_be_left_out(run_api: Run, api: FakeThumbpipeApi, tmp_path: Path) -> None:
    image_id = api.add("beach.jpg")

    run_api("download", image_id, "-o", tmp_path / "photos", "--no-renditions")
    run_api("download", image_id, "-o", tmp_path / "thumbnails", "--no-original")

    assert set(_files(tmp_path / "photos")) == {f"{image_id}/beach.jpg"}
    assert set(_files(tmp_path / "thumbnails")) == {f"{image_id}/160.webp"}


def test_a_failed_download_is_an_error_and_leaves_no_file(run_api: Run, api: FakeThumbpipeApi, tmp_path: Path) -> None:
    lost, kept = api.add("lost.jpg"), api.add("kept.jpg")
    del api.files[f"/store/{lost}/original"]

    result = run_api("download", lost, kept, "-o", tmp_path, "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert first["error"] == "The store does not return lost.jpg: 404 Not Found."
    assert second["ok"]
    assert set(_files(tmp_path)) == {f"{lost}/160.webp", f"{kept}/160.webp", f"{kept}/kept.jpg"}


def test_a_file_that_cannot_be_written_is_that_files_failure(
    run_api: Run, api: FakeThumbpipeApi, tmp_path: Path
) -> None:
    blocked, kept = api.add("blocked.jpg"), api.add("kept.jpg")
    (tmp_path / blocked / "160.webp").mkdir(parents=True)

    result = run_api("download", blocked, kept, "-o", tmp_path, "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert "160.webp" in first["error"]
    assert [Path(file["path"]).name for file in first["files"]] == ["blocked.jpg"]
    assert second["ok"]
    assert set(_files(tmp_path)) == {f"{blocked}/blocked.jpg", f"{kept}/160.webp", f"{kept}/kept.jpg"}


def test_a_pending_image_has_nothing_to_fetch(run_api: Run, api: FakeThumbpipeApi, tmp_path: Path) -> None:
    image_id = api.add("later.jpg", state="pending", renditions=[], original_url=None)

    result = run_api("download", image_id, "-o", tmp_path)

    assert result.exit_code == 1
    assert "the upload is pending" in result.stdout


def test_a_folder_that_cannot_be_created_is_reported(run_api: Run, api: FakeThumbpipeApi, photo: Path) -> None:
    result = run_api("download", api.add("beach.jpg"), "-o", photo)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"thumbpipe: {photo} cannot be created")
