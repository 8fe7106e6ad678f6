import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

from fakes.interruptible import INTERRUPTIBLE
from images import make
from thumbpipe.cli.outcome import Job
from thumbpipe.cli.worker import Workers
from thumbpipe.core.imaging.limits import Limits
from thumbpipe.core.imaging.recipe import Recipe

Run = Callable[..., Result]


def test_renditions_are_written_and_decode_at_the_stated_size(run: Run, photo: Path, tmp_path: Path) -> None:
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


def test_a_photo_in_a_folder_that_is_called_like_another_photo_overwrites_nothing(
    run: Run, tmp_path: Path, jpeg: bytes
) -> None:
    for name in ("a/x.jpg", "b/x.jpg/16.webp"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(jpeg)

    result = run("render", tmp_path / "a/x.jpg", tmp_path / "b", "-o", tmp_path / "out", "--widths", "16", "--json")

    paths = [one["path"] for line in result.stdout.splitlines() for one in json.loads(line)["renditions"]]
    assert result.exit_code == 0
    assert len(paths) == len(set(paths)) == 4
    assert all(Path(path).is_file() for path in paths)


def test_thumbnails_among_the_photos_are_not_rendered_again(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    (tmp_path / "beach.jpg").write_bytes(jpeg)

    for _ in range(2):
        result = run("render", tmp_path, "-o", tmp_path / "out", "--widths", "16")
        assert len(result.stdout.splitlines()) == 1


def test_the_lines_come_in_the_order_given(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    slow = tmp_path / "slow.png"
    slow.write_bytes(make.saved(Image.effect_noise((2000, 1500), 50).convert("RGB"), "PNG", compress_level=1))
    (tmp_path / "fast.jpg").write_bytes(jpeg)
    given = [slow, *[tmp_path / "fast.jpg"] * 3]

    result = run("render", *given, "-o", tmp_path / "out", "--widths", "16", "--jobs", "4", "--json")

    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == [str(path) for path in given]


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


def test_cover_gives_exactly_the_size_from_the_part_that_gravity_names(run: Run, tmp_path: Path) -> None:
    source = Image.new("RGB", (300, 100), (128, 128, 128))
    source.paste((255, 0, 0), (250, 30, 290, 70))
    source.save(tmp_path / "ball.png")

    found: dict[str, object] = {}
    for gravity in ("centre", "attention"):
        options = ["--fit", "cover", "--size", "80x80", "--gravity", gravity, "--formats", "png"]
        assert run("render", tmp_path / "ball.png", "-o", tmp_path / gravity, *options).exit_code == 0
        with Image.open(tmp_path / gravity / "ball.png/80.png") as image:
            assert image.size == (80, 80)
            found[gravity] = image.convert("HSV").getchannel("S").getextrema()[1]

    assert found == {"centre": 0, "attention": 255}


def test_higher_quality_needs_more_bytes(run: Run, photo: Path, tmp_path: Path) -> None:
    sizes = []
    for quality in ("20", "webp=95,jpeg=95"):
        run("render", photo, "-o", tmp_path / quality, "--quality", quality)
        sizes.append((tmp_path / quality / "beach.jpg/256.webp").stat().st_size)

    assert sizes[0] < sizes[1]


def test_a_truncated_file_is_shown_where_that_is_allowed(run: Run, tmp_path: Path) -> None:
    whole = make.saved(make.quadrants(640, 480), "JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])

    refused = run("render", tmp_path / "cut.jpg", "-o", tmp_path / "out", "--json")
    shown = run("render", tmp_path / "cut.jpg", "-o", tmp_path / "out", "--json", "--allow-truncated")

    assert json.loads(refused.stdout)["error"]["code"] == "truncated"
    assert json.loads(shown.stdout)["ok"]


def test_the_lambda_functions_settings_hold_here(run: Run, photo: Path, tmp_path: Path) -> None:
    settings = {"THUMBPIPE_THUMBNAIL_WIDTHS": "48", "THUMBPIPE_THUMBNAIL_FORMATS": "avif"}

    run("render", photo, "-o", tmp_path / "out", env=settings)
    wide = tmp_path / "wide.png"
    Image.new("L", (257, 1)).save(wide)
    too_large = run("render", wide, "-o", tmp_path / "out", "--json", env={"THUMBPIPE_MAX_EDGE_PIXELS": "256"})
    wrong = run("render", photo, "-o", tmp_path / "out", env={"THUMBPIPE_MAX_EDGE_PIXELS": "wide", "COLUMNS": "200"})

    assert [path.name for path in (tmp_path / "out/beach.jpg").iterdir()] == ["48.avif"]
    assert json.loads(too_large.stdout)["error"]["code"] == "edge_too_long"
    assert wrong.exit_code == 2
    assert "THUMBPIPE_MAX_EDGE_PIXELS" in wrong.stderr


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
        "message": "The file has 26,214,401 bytes; at most 26,214,400 are allowed.",
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
        (["--fit", "cover"], "--fit cover and --size go together"),
        (["--size", "20x20"], "--fit cover and --size go together"),
        (["--fit", "cover", "--size", "20"], "--size takes width x height"),
        (["--fit", "cover", "--size", "0x20"], "A size is 1 to"),
        (["--fit", "cover", "--size", "20x20", "--widths", "20"], "--widths goes with --fit inside"),
        (["--fit", "stretch"], "--fit"),
        (["--gravity", "attention"], "--gravity goes with --fit cover"),
        (["--gravity", "north"], "--gravity"),
        (["--quality", "best"], "--quality takes 1 to 100"),
        (["--quality", "101"], "A quality is 1 to"),
        (["--quality", "bmp=80"], "--quality takes 1 to 100"),
    ],
)
def test_options_that_make_no_valid_recipe_are_a_usage_error(
    run: Run, photo: Path, tmp_path: Path, options: list[str], sentence: str
) -> None:
    result = run("render", photo, "-o", tmp_path / "out", *options, env={"COLUMNS": "200"})

    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_missing_file_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    assert run("render", tmp_path / "nothing.jpg", "-o", tmp_path).exit_code == 2


def test_standard_input_twice_is_wrong_usage(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    assert run("render", "-", "-", "-o", tmp_path, input=jpeg).exit_code == 2


def test_an_output_folder_that_cannot_be_created_is_reported(run: Run, photo: Path) -> None:
    result = run("render", photo, "-o", photo)

    assert result.exit_code == 1
    assert "cannot be created" in result.stderr


def test_a_result_that_cannot_be_written_fails_its_file_alone(run: Run, tmp_path: Path, jpeg: bytes) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(jpeg)
    (tmp_path / "out/a.jpg/16.webp/in the way").mkdir(parents=True)

    result = run("render", tmp_path / "a.jpg", tmp_path / "b.jpg", "-o", tmp_path / "out", "--json", "--widths", "16")

    first, second = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 1
    assert first["error"]["code"] == "unwritable"
    assert second["ok"]


def test_a_killed_process_fails_only_its_own_file(tmp_path: Path, jpeg: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # A decoder that crashes: no picture that is known does that to ours, or it would be mended.
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        "import os, signal\n"
        "import thumbpipe.cli.outcome as outcome\n"
        "whole = outcome._read\n"
        "def read(job):\n"
        "    if job.path.name == 'bad.jpg': os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    return whole(job)\n"
        "outcome._read = read\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(hook), *sys.path]))
    paths = [tmp_path / name for name in ("a.jpg", "bad.jpg", "b.jpg")]
    for path in paths:
        path.write_bytes(jpeg)

    with Workers() as workers:
        jobs = [Job(path=path, folder=tmp_path / "out" / path.name, recipe=Recipe(), limits=Limits()) for path in paths]
        first, bad, last = map(workers.carry_out, jobs)

    assert (bad.code, bad.message) == ("crashed", "The decoder crashed (SIGSEGV).")
    assert first.facts == last.facts is not None


def test_thumbnails_find_a_place_beside_their_own_photo(run: Run, photo: Path, jpeg: bytes) -> None:
    assert run("render", photo, "-o", photo.parent, "--widths", "16").exit_code == 0

    assert photo.read_bytes() == jpeg
    assert (photo.parent / "beach (2).jpg/16.webp").is_file()


def test_a_progress_bar_is_shown_on_a_terminal_only(photo: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from thumbpipe.cli.main import main; main()"]
    command += ["render", str(photo), "-o", str(tmp_path), "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"}
    ours, theirs = pty.openpty()

    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment, check=True, timeout=60)
    quiet = subprocess.run(command, capture_output=True, env=environment, check=True, timeout=60)

    assert b"Rendering" in os.read(ours, 10_000)
    assert quiet.stderr == b""


def test_ctrl_c_ends_the_command_and_its_processes(tmp_path: Path) -> None:
    pipe = tmp_path / "endless.jpg"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", INTERRUPTIBLE, "render", str(pipe)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with (
        subprocess.Popen([*command, "-o", str(tmp_path / "out")], env=environment, stderr=subprocess.PIPE) as process,
        pipe.open("wb"),  # it opens once the worker reads from the other end
    ):
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=20) == 130
        finally:
            process.kill()
