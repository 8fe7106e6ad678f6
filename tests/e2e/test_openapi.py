"""Schemathesis against the API: whatever it thinks up, the answers are those of the document."""

import subprocess
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from support.stack import NAMED, Stack

DOCUMENT: Final = Path(__file__).parents[2] / "infra" / "openapi.yaml"
FINDINGS_WITH_REASONS: Final = Path(__file__).with_name("schemathesis.toml")
EXAMPLES: Final = 40
SECONDS: Final = 500


def test_every_answer_is_as_the_document_says(signed_stack: Stack, tmp_path: Path) -> None:
    # All checks are on by default; `--checks all` would override what the configuration excepts.
    # The firewall of this stack lets this machine through: what is asked here would be too much for one address.
    address = urlsplit(signed_stack.api_url)
    headers = {**NAMED, "Host": address.netloc}
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(FINDINGS_WITH_REASONS)]
    command += ["run", str(DOCUMENT)]
    command += ["--url", f"http://127.0.0.1:{address.port}", "--mode", "all", "--no-color"]
    command += ["--max-examples", str(EXAMPLES), "--generation-deterministic", "--continue-on-failure"]
    command += [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert ended.returncode == 0, ended.stdout[-10_000:] + ended.stderr[-2_000:]
