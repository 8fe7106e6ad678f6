"""Each answer that docs/security.md gives to a threat names the tests that prove it, and they are there."""

import re
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]


def _rows() -> list[list[str]]:
    text = CHECKOUT.joinpath("docs", "security.md").read_text(encoding="utf-8")
    table = text.split("<!-- threats -->")[1].split("<!-- /threats -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]


def _tests() -> set[str]:
    files = [*CHECKOUT.joinpath("tests").rglob("test_*.py"), *CHECKOUT.joinpath("infra", "tests").glob("*.tftest.hcl")]
    pattern = re.compile(r'^(?:def (test_\w+)|run "(\w+)")', re.MULTILINE)
    return {one or other for file in files for one, other in pattern.findall(file.read_text(encoding="utf-8"))}


def test_every_threat_has_its_answer_and_its_proof() -> None:
    rows = _rows()
    assert len(rows) > 20
    for threat, answer, proof in rows:
        assert threat
        assert answer
        assert re.fullmatch(r"`\w+`(, `\w+`)*", proof), threat


def test_every_proof_is_a_test() -> None:
    named = {name for *_, proof in _rows() for name in re.findall(r"`(\w+)`", proof)}
    assert named - _tests() == set()
