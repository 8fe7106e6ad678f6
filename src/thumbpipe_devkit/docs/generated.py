"""The command line of generated pages."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from thumbpipe_devkit.paths import CHECKOUT


def write_or_check(
    page: Path, generate: Callable[[Path], str], arguments: Sequence[str], checkout: Path = CHECKOUT
) -> int:
    """Write a page, or with `--check` only compare it.

    Args:
        page: Its path in the checkout.
        generate: Returns the page's content.
        arguments: The command line's arguments.
        checkout: The checkout.

    Returns:
        The exit status: 1 if `--check` finds the page out of date.
    """
    parser = argparse.ArgumentParser(description=f"Write {page}.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is out of date")
    check = parser.parse_args(arguments).check
    file, wanted = checkout / page, generate(checkout)
    if not check:
        file.write_text(wanted, encoding="utf-8")
        return 0
    if file.exists() and file.read_text(encoding="utf-8") == wanted:
        return 0
    sys.stderr.write(f"{page} is out of date: run `nox -s format`.\n")
    return 1
