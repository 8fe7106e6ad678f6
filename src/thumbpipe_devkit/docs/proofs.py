"""`python -m thumbpipe_devkit.docs.proofs`: write docs/security-tests.md, which says where each threat's tests are.

With `--check` nothing is written: the exit status says whether the page is up to date.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from thumbpipe_devkit.docs.generated import write_or_check
from thumbpipe_devkit.paths import CHECKOUT

_SOURCE: Final = Path("docs", "security-tests.toml")
_PAGE: Final = Path("docs", "security-tests.md")
_TEST: Final = re.compile(r'^(?:def (test_\w+)|run "(\w+)")', re.MULTILINE)
_HEAD: Final = """\
# The tests of the threats

<!-- Written by `nox -s format` from docs/security-tests.toml. -->

For each threat of [Security](security.md#threats-and-answers), the tests that prove its answer.
"""


class UnknownTestError(LookupError):
    """A threat refers to a test that does not exist."""


def tests(checkout: Path) -> Mapping[str, Path]:
    """Return the files of all Python and Terraform tests, by test name."""
    files = [*checkout.joinpath("tests").rglob("test_*.py"), *checkout.joinpath("infra", "tests").glob("*.tftest.hcl")]
    return {
        python or terraform: file.relative_to(checkout)
        for file in sorted(files)
        for python, terraform in _TEST.findall(file.read_text(encoding="utf-8"))
    }


def threats(checkout: Path) -> Mapping[str, Sequence[str]]:
    """Return the tests' names by the threat that they cover."""
    read = tomllib.loads(checkout.joinpath(_SOURCE).read_text(encoding="utf-8"))
    return {threat["name"]: threat["tests"] for threat in read["threat"]}


def page(checkout: Path) -> str:
    """Return the content of docs/security-tests.md.

    Raises:
        UnknownTestError: A test does not exist.
    """
    known = tests(checkout)
    return "\n".join([_HEAD, *(_section(threat, names, known) for threat, names in threats(checkout).items())])


def _section(threat: str, names: Sequence[str], known: Mapping[str, Path]) -> str:
    return "\n".join([f"## {threat}\n", "| test | where |", "| --- | --- |", *_rows(names, known), ""])


def _rows(names: Sequence[str], known: Mapping[str, Path]) -> Iterator[str]:
    for name in names:
        if name not in known:
            raise UnknownTestError(f"{_SOURCE} refers to {name}, which is not a test.")
        file = known[name].as_posix()
        yield f"| `{name}` | [{file}](../{file}) |"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it.

    Returns:
        The exit status: 1 where `--check` finds the page out of date.
    """
    return write_or_check(_PAGE, page, arguments, CHECKOUT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
