"""What the plugin's README says of WAF."""

import json
import re
import subprocess
from pathlib import Path
from typing import Final

README: Final = Path(__file__).parents[2] / "src" / "thumbpipe_localstack" / "README.md"


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


def test_the_table_of_operations_is_what_the_plugin_dispatches(engine_python: Path) -> None:
    code = (
        "import json; from localstack.aws.spec import load_service;"
        "from thumbpipe_localstack.wafv2.control.table import SUPPORTED;"
        "print(json.dumps([sorted(SUPPORTED), sorted(load_service('wafv2').operation_names)]))"
    )
    ran = subprocess.run([engine_python, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    supported, known = json.loads(ran.stdout)
    ((left, right),) = read_rows("WAF operations")

    assert read_names(left) == supported
    assert read_names(right) == sorted(set(known) - set(supported))
