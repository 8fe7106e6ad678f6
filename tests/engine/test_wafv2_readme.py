"""What the plugin's README says of WAF."""

import json
import subprocess
from pathlib import Path

from support.plugin_readme import read_names, read_rows


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
