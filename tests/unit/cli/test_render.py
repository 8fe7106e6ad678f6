import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

from thumbpipe.core.recipe import Limits

Run = Callable[..., Result]


def test_renditions_are_written_and_decode_at_the_size_that_is_said(run: Run, photo: Path, tmp_path: Path) -> None:
    result = run("render", photo, "-o", tmp_path / "out", "--widths", "64,128", "--formats", "webp,jpeg", "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {name: answer[name] for name in ("file", "ok", "format", "width", "height", "frames", "has_alpha")} == {
        "file": str(photo),
        "ok": True,
        "format": "JPEG",
        "width": 256,
        "height": 256,
        "frames": 1,
        "has_alpha": False,
    }
    assert answer["placeholder"]
    assert answer["elapsed_ms"] > 0
    assert [(one["width"], one["format"]) for one in answer["renditions"]] == [
        (64, "webp"),
        (64, "jpeg"),
        (128, "webp"),
        (128, "jpeg"),
    ]
    for one in answer["renditions"]:
        path = Path(one["path"])
        assert path.stat().st_size == one["bytes"]
        with Image.open(path) as image:
            assert image.size == (one["width"], one["height"])
            assert image.format == one["format"].upper()
    assert answer["renditions"][1]["path"] == str(tmp_path / "out" / "beach.jpg" / "64.jpg")


def test_a_refused_file_is_status_1_and_the_others_are_done(run: Run, photo: Path, tmp_path: Path) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("Dear Sir or Madam")

    result = run("render", text, photo, "-o", tmp_path / "out", "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert first.keys() == {"file", "ok", "error", "elapsed_ms"}
    assert first["error"]["code"] == "not_an_image"
    assert second["ok"]
    assert (tmp_path / "out/beach.jpg/160.webp").is_file()


def test_two_files_of_one_name_go_into_two_folders(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    paths = [tmp_path / folder / name for folder, name in (("a", "x.jpg"), ("b", "x.jpg"), ("c", "X.JPG"))]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(jpeg)

    result = run("render", *paths, "-o", tmp_path / "out", "--widths", "16")

    assert result.exit_code == 0
    # The third has a name of its own only where the file system tells capital letters from small ones.
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"x.jpg", "x (2).jpg", "X (3).JPG"}


def test_a_folders_photos_keep_their_places(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    (tmp_path / "photos/summer").mkdir(parents=True)
    (tmp_path / "photos/summer/beach.jpg").write_bytes(jpeg)
    (tmp_path / "photos/notes.txt").write_text("no photo")

    result = run("render", tmp_path / "photos", "-o", tmp_path / "out", "--widths", "16", "--formats", "png")

    assert result.exit_code == 0
    assert (tmp_path / "out/summer/beach.jpg/16.png").is_file()
    assert len(result.stdout.splitlines()) == 1


def test_standard_input_is_rendered(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    result = run("render", "-", "-o", tmp_path, "--widths", "16", input=jpeg)

    assert result.exit_code == 0
    assert (tmp_path / "-/16.webp").is_file()


def test_the_background_shows_through_in_jpeg(run: Run, tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("RGBA", (32, 32), (0, 0, 0, 0)).save(stream, "PNG")
    (tmp_path / "glass.png").write_bytes(stream.getvalue())

    run("render", tmp_path / "glass.png", "-o", tmp_path / "out", "--formats", "jpeg", "--background", "#ff0000")

    with Image.open(tmp_path / "out/glass.png/32.jpg") as image:
        red, green, blue = image.convert("RGB").getpixel((16, 16))  # type: ignore[misc]  # three bands
    assert red > 250
    assert max(green, blue) < 5


def test_a_file_over_the_lambdas_limit_is_refused_unread(run: Run, tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as stream:
        stream.truncate(Limits().max_bytes + 1)

    result = run("render", huge, "-o", tmp_path / "out", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == {
        "code": "too_many_bytes",
        "message": "The file has 26,214,401 bytes; at most 26,214,400 are taken.",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_failure(run: Run, photo: Path, tmp_path: Path) -> None:
    photo.chmod(0)

    result = run("render", photo, "-o", tmp_path / "out", "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == {"code": "unreadable", "message": "Permission denied."}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--widths", "wide"], "--widths takes whole numbers with commas between them; not wide."),
        (["--widths", "0"], "A width is 1 to"),
        (["--widths", "10,10"], "A width is named twice"),
        (["--formats", "webp,bmp"], "--formats takes webp, jpeg, avif, png; not bmp."),
        (["--background", "red"], "A colour is #rrggbb"),
        (["--jobs", "0"], "--jobs"),
    ],
)
def test_options_that_make_no_recipe_are_wrong_usage(
    run: Run, photo: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    result = run("render", photo, "-o", tmp_path / "out", *options, env={"COLUMNS": "200"})

    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_file_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("render", tmp_path / "nothing.jpg", "-o", tmp_path).exit_code == 2


def test_results_that_cannot_be_written_are_a_sentence(run: Run, photo: Path) -> None:
    result = run("render", photo, "-o", photo)

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
