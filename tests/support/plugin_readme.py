"""The tables of the plugin's README."""

import re
from pathlib import Path
from typing import Final

README: Final = Path(__file__).parents[2] / "src" / "thumbpipe_localstack" / "README.md"


def read_rows(heading: str) -> list[list[str]]:
    """Return the cells of a section's table, row by row, without its head."""
    text = README.read_text(encoding="utf-8")
    found = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {heading!r}"
    rows = [row.split("|")[1:-1] for row in found[1].splitlines() if row.startswith("|")]
    return rows[2:]


def read_names(cell: str) -> list[str]:
    """Return the names of a cell; `_SUFFIX` stands for the first name with that suffix."""
    names = re.findall(r"`(\w+)`", cell)
    return [names[0].partition("_")[0] + name if name.startswith("_") else name for name in names]
