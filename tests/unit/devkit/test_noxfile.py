"""Nox's sessions run in any folder: a command's script names its Python in its first line, which takes no space."""

import ast
from collections.abc import Iterator
from typing import Final

from thumbpipe_devkit.paths import CHECKOUT

# Programs, not scripts of an environment.
PROGRAMS: Final = {"'python'", "'terraform'", "sys.executable", "str(DEVKIT / 'bin' / 'python')"}


def programs(source: str) -> Iterator[str]:
    """Yield what `session.run` starts."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "session.run":
            yield ast.unparse(node.args[0])


def test_no_session_runs_a_script_of_its_environment() -> None:
    started = set(programs((CHECKOUT / "noxfile.py").read_text(encoding="utf-8")))
    assert "'python'" in started
    assert started <= PROGRAMS


def test_a_script_would_be_noticed() -> None:
    assert set(programs("session.run('checkov', '--config-file')")) == {"'checkov'"}
