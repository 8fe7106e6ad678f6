import inspect
from pathlib import Path
from typing import Final

import pytest

from thumbpipe_devkit import errors
from thumbpipe_devkit.paths import CHECKOUT

KINDS: Final = [
    kind
    for kind in vars(errors).values()
    if inspect.isclass(kind) and issubclass(kind, errors.SetupError) and kind is not errors.SetupError
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_troubleshooting_page_has_every_message_with_its_solution(kind: type[errors.SetupError]) -> None:
    page = (CHECKOUT / "docs" / "troubleshooting.md").read_text()
    section = page.partition(f"\n## {kind.title}\n")[2].partition("\n## ")[0]
    assert kind.way_out in " ".join(section.split())


def test_the_troubleshooting_page_has_no_message_that_does_not_exist() -> None:
    page = (CHECKOUT / "docs" / "troubleshooting.md").read_text()
    setup = page.partition("\n# ")[0]
    titles = {line.removeprefix("## ") for line in setup.splitlines() if line.startswith("## ")}
    assert titles == {kind.title for kind in KINDS}


def test_a_message_names_cause_solution_and_log() -> None:
    message = str(errors.PortTakenError("something listens there", log=Path("/logs/engine.log")))
    assert message.splitlines() == [
        "The port is in use: something listens there",
        f"Solution: {errors.PortTakenError.way_out}",
        "Log: /logs/engine.log",
    ]
