"""The page in a real browser against the real stack: the tests of `tests/browser` that any backend must pass."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from support.stack import Stack

TESTS: Final = Path(__file__).parents[1] / "browser" / "test_page_anywhere.py"
ENDED_WITHIN_S: Final = 240


@pytest.mark.skipif(find_spec("playwright") is None, reason="nox found no Chromium, and installed no Playwright")
def test_the_page_works_in_a_browser(stack: Stack) -> None:
    """In a process of its own, since the browser's event loop would stay in this one."""
    browser = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(TESTS)],
        env=os.environ | {"THUMBPIPE_PAGE_URL": stack.page_url},
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN_S,
        check=False,
    )
    assert browser.returncode == 0, browser.stdout + browser.stderr
