from pathlib import Path

import pytest

from thumbpipe_devkit.docs import links


@pytest.fixture
def page(tmp_path: Path) -> Path:
    tmp_path.joinpath("docs").mkdir()
    tmp_path.joinpath("docs", "other.md").write_text("# What's `in` it?\n")
    tmp_path.joinpath("infra").mkdir()
    tmp_path.joinpath("infra", "api.tf").touch()
    return tmp_path / "docs" / "page.md"


@pytest.mark.parametrize(
    "text",
    [
        "[a page](other.md)",
        "[a heading of it](other.md#whats-in-it)",
        "# Here\n\n[a heading of this one](#here)",
        "| a |\n| --- |\n| [a folder](../infra) |",
        "[elsewhere](https://example.com/none.md)",
        "`infra/api.tf`, `infra/*.tf`, `infra/<name>.tf` and `nox -s infra/none`",
        "    [this is code](none.md)",
    ],
)
def test_what_is_there_passes(page: Path, text: str) -> None:
    page.write_text(text)
    assert not list(links.missing(page, page.parents[1]))


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("[a page](none.md)", "none.md"),
        ("[a heading](other.md#none)", "other.md#none"),
        ("[a heading of this one](#none)", "#none"),
        ("![a picture](images/none.png)", "images/none.png"),
        ("| a |\n| --- |\n| [in a table](none.md) |", "none.md"),
        ("`infra/none.tf`", "infra/none.tf"),
        ("`tests/*/none_*.py`", "tests/*/none_*.py"),
    ],
)
def test_a_missing_target_is_reported(page: Path, text: str, missing: str) -> None:
    page.write_text(text)
    assert list(links.missing(page, page.parents[1])) == [missing]


def test_a_missing_target_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: Path
) -> None:
    monkeypatch.setattr(links, "CHECKOUT", page.parents[1])
    page.write_text("[a page](other.md)")
    assert links.main() == 0
    page.write_text("[a page](none.md)")
    assert links.main() == 1
    assert capsys.readouterr().err == f"{Path('docs', 'page.md')}: none.md does not exist\n"


def test_pages_of_environments_and_builds_are_not_ours(page: Path) -> None:
    checkout = page.parents[1]
    for folder in (".nox/lint", "build/bundle"):
        checkout.joinpath(folder).mkdir(parents=True)
        checkout.joinpath(folder, "README.md").touch()
    assert [file.name for file in links.pages(checkout)] == ["other.md"]
