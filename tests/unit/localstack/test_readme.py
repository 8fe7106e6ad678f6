"""What the plugin's README says, as far as no engine is needed to check it."""

import re
import tomllib

from support.plugin_readme import README, read_names, read_rows
from thumbpipe_localstack.wafv2.judging.managed.groups import GROUPS


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
