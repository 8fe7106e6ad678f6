import json
from collections.abc import Callable
from typing import Final

import pytest
from typer.testing import Result

from fakes.thumbpipe_api import FakeThumbpipeApi

Run = Callable[..., Result]

UNKNOWN_ID: Final = "9" * 26


def test_list_shows_the_newest_first_up_to_the_limit(run_api: Run, api: FakeThumbpipeApi) -> None:
    ids = [api.add(f"{number}.jpg") for number in range(5)]

    result = run_api("list", "--limit", "3")

    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert [row[0] for row in rows] == ids[:1:-1]
    assert rows[0] == [ids[4], "ready", "4.jpg", "5 bytes", "4000 x 3000", "2026-11-25 08:54:17"]


def test_on_a_terminal_the_list_is_a_table_that_names_cannot_break(run_api: Run, api: FakeThumbpipeApi) -> None:
    api.add("[red]beach\x1b[2J.jpg")

    result = run_api("list", env={"FORCE_COLOR": "1", "COLUMNS": "120"})

    assert "┃" in result.stdout
    assert "[red]beach\N{REPLACEMENT CHARACTER}[2J.jpg" in result.stdout


@pytest.mark.parametrize(
    "name", ["a\x9b2J.jpg", "a\x7f.jpg", "photo\u202egpj.exe", "half \ud83d.jpg", "a\U000e0001.jpg"]
)
def test_json_carries_a_name_whole_without_moving_a_terminals_cursor(
    run_api: Run, api: FakeThumbpipeApi, name: str
) -> None:
    api.add(name)

    result = run_api("list", "--json")

    assert result.exit_code == 0, result.output
    assert result.stdout.removesuffix("\n").isprintable()
    assert json.loads(result.stdout)["filename"] == name


def test_list_reads_all_pages(run_api: Run, api: FakeThumbpipeApi) -> None:
    ids = [api.add(f"{number}.jpg") for number in range(230)]

    everything = run_api("list", "--all", "--json")
    some = run_api("list", "--limit", "150")

    assert [json.loads(line)["id"] for line in everything.stdout.splitlines()] == ids[::-1]
    assert len(some.stdout.splitlines()) == 150


def test_show_prints_everything_about_an_image(run_api: Run, api: FakeThumbpipeApi) -> None:
    image_id = api.add("beach.jpg", placeholder=None)

    lines = run_api("show", image_id).stdout.splitlines()

    assert "filename\tbeach.jpg" in lines
    assert not [line for line in lines if line.startswith("placeholder")]
    assert lines[-1] == f"webp\t160 x 120\t11 bytes\t{api.url}/store/{image_id}/160.webp"
    assert json.loads(run_api("show", image_id, "--json").stdout) == api.images[image_id]


def test_show_prints_why_an_image_failed(run_api: Run, api: FakeThumbpipeApi) -> None:
    image_id = api.add("x.jpg", state="failed", renditions=[], error={"code": "corrupt", "message": "It is damaged."})

    assert "error\tIt is damaged. (corrupt)" in run_api("show", image_id).stdout


def test_an_unknown_id_is_the_problems_own_sentence(run_api: Run) -> None:
    result = run_api("show", UNKNOWN_ID)

    assert result.exit_code == 1
    assert result.stderr == f"thumbpipe: There is no image {UNKNOWN_ID}.\n"


@pytest.mark.parametrize("command", ["show", "delete", "download"])
@pytest.mark.parametrize("wrong", ["beach.jpg", "../uploads", "0123456789abcdefghijklmnop"])
def test_a_malformed_id_is_not_requested(run_api: Run, api: FakeThumbpipeApi, command: str, wrong: str) -> None:
    result = run_api(command, wrong)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"thumbpipe: {wrong} is not an image's id")
    assert api.requests == []


def test_delete_deletes_each(run_api: Run, api: FakeThumbpipeApi) -> None:
    first, second, kept = (api.add(name) for name in ("a.jpg", "b.jpg", "c.jpg"))

    result = run_api("delete", first, second)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"{first} deleted", f"{second} deleted"]
    assert list(api.images) == [kept]


def test_delete_continues_after_a_failure_and_exits_with_status_1(run_api: Run, api: FakeThumbpipeApi) -> None:
    first, second = api.add("a.jpg"), api.add("b.jpg")
    api.faults = [(500, "application/problem+json", '{"title": "Internal Server Error", "detail": "It broke."}')]

    result = run_api("delete", first, second, "--json")

    assert result.exit_code == 1
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": first, "ok": False, "error": "It broke."},
        {"id": second, "ok": True, "error": None},
    ]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ((200, "text/html", "<html>A web page</html>"), "200 OK, but not with JSON. Is this a thumbpipe API?"),
        ((404, "text/html", "<html>Not here</html>"), "answered 404 Not Found. Is this a thumbpipe API?"),
        ((403, "application/json", '{"message": "Missing Authentication Token"}'), "Missing Authentication Token"),
        ((200, "application/json", '{"items": 1}'), "The API's response is not a list of images."),
        ((200, "application/json", '{"items": [{"id": "x"}]}'), "The API's response is not an image"),
        ((200, "application/json", "[]"), "but not with JSON"),
    ],
)
def test_an_answer_of_something_else_is_a_sentence(
    run_api: Run, api: FakeThumbpipeApi, fault: tuple[int, str, str], sentence: str
) -> None:
    api.faults = [fault]

    result = run_api("list")

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
