"""What the plugin's README says, as far as no engine is needed to check it."""

import re
import tomllib
from pathlib import Path
from typing import Final

from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS

README: Final = Path(__file__).parents[3] / "src" / "thumbpipe_localstack" / "README.md"


def read_rows(heading: str) -> list[list[str]]:
    text = README.read_text(encoding="utf-8")
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {heading!r}"
    rows = [row.split("|")[1:-1] for row in found[1].splitlines() if row.startswith("|")]
    return rows[2:]


def read_names(cell: str) -> list[str]:
    """Return the names of a cell; `_SUFFIX` stands for the first name with that suffix."""
    names = re.findall(r"`(\w+)`", cell)
    return [names[0].partition("_")[0] + name if name.startswith("_") else name for name in names]


def test_the_install_command_names_constraints_that_are_there_for_each_localstack_of_the_extra() -> None:
    project = tomllib.loads(README.with_name("pyproject.toml").read_text())["project"]
    engines = re.findall(r"localstack-core\[runtime\]==([\d.]+)", " ".join(project["optional-dependencies"]["engine"]))
    named = re.findall(r"constraints-([\d.]+)\.txt", README.read_text(encoding="utf-8"))
    shipped = [file.stem.partition("-")[2] for file in README.parent.glob("constraints-*.txt")]

    assert sorted(engines) == sorted(named) == sorted(shipped) == ["4.13.1", "4.14.0"]


def test_the_constraints_are_in_the_packages_that_are_built() -> None:
    targets = tomllib.loads(README.with_name("pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]

    assert all("constraints-*.txt" in targets[target]["include"] for target in ("wheel", "sdist"))


def test_the_table_of_managed_groups_names_each_rule_that_is_served() -> None:
    told: dict[str, set[str]] = {}
    group = ""
    for name, rules, _ in read_rows("Managed groups"):
        group = (read_names(name) or [group])[0]
        told.setdefault(group, set()).update(read_names(rules))

    assert told == {group.name: {rule.name for rule in group.rules} for group in GROUPS.values()}
