"""Each threat of docs/security.md has an answer, and tests that prove it."""

from pathlib import Path

import pytest

from thumbpipe_devkit.docs import proofs
from thumbpipe_devkit.paths import CHECKOUT


def _rows() -> list[list[str]]:
    text = CHECKOUT.joinpath("docs", "security.md").read_text(encoding="utf-8")
    table = text.split("<!-- threats -->")[1].split("<!-- /threats -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]


def test_every_threat_has_an_answer_and_tests() -> None:
    rows = _rows()
    proven = proofs.threats(CHECKOUT)
    assert len(rows) > 20
    assert all(answer for _, answer in rows)
    assert [threat for threat, _ in rows] == list(proven)
    assert all(proven.values())


def test_every_proof_is_a_test() -> None:
    named = {name for names in proofs.threats(CHECKOUT).values() for name in names}
    assert named - proofs.tests(CHECKOUT).keys() == set()


def test_a_reference_to_a_missing_test_is_refused(tmp_path: Path) -> None:
    folders = ("docs", "tests", "infra/tests")
    for folder in folders:
        tmp_path.joinpath(folder).mkdir(parents=True)
    tmp_path.joinpath("docs", "security-tests.toml").write_text('[[threat]]\nname = "x"\ntests = ["test_nothing"]\n')
    with pytest.raises(proofs.UnknownTestError, match="test_nothing"):
        proofs.page(tmp_path)


def test_the_page_of_the_tests_is_up_to_date() -> None:
    assert proofs.main(["--check"]) == 0
