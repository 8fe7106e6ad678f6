"""The README's commands, run in an empty folder; and what a start says where LocalStack cannot be loaded."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from support.plugin_engine import pick_port

PLUGIN: Final = Path(__file__).parents[2] / "src" / "thumbpipe_localstack"
PATH_IN_README: Final = "path/to/thumbpipe_localstack"
PORT_IN_README: Final = "4566"
SECONDS: Final = 1_100  # 600 MB, on a machine that has other work
OFFLINE: Final = re.compile("NewConnectionError|NameResolutionError|ConnectTimeoutError|Network is unreachable")


def read_commands(heading: str) -> str:
    """Return the indented block of a section."""
    text = (PLUGIN / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(?:(?!##)[^\n]*\n)*?((?:    [^\n]*\n)+)", text, re.MULTILINE)
    assert found, f"the README has no commands under {heading!r}"
    return found[1]


def write_script(folder: Path, runtime: str) -> Path:
    commands = read_commands("Install") + read_commands("Ten lines that work")
    commands = commands.replace(PATH_IN_README, str(PLUGIN)).replace(PORT_IN_README, str(pick_port()))
    commands = commands.replace("python3.13", runtime)
    if runtime == "python3.11":
        commands = commands.replace("constraints-4.14.0", "constraints-4.13.1")
    script = folder / "readme.sh"
    script.write_text(f"set -eu\n{commands}")
    return script


def run(script: Path, folder: Path, **environ: str) -> tuple[int, str]:
    """Run a script and end whatever it has started."""
    log = script.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", str(script)],  # noqa: S607 - wherever it is
            cwd=folder,
            env=os.environ | environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout=SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return status, log.read_text(errors="replace")


@pytest.fixture
def python3(tmp_path: Path) -> Path:
    """A folder for the PATH in which python3 is the Python of this test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").write_text(f'#!/bin/sh\nexec {shlex.quote(sys._base_executable)} "$@"\n')  # type: ignore[attr-defined] # noqa: SLF001 - not a virtual one
    (folder / "python3").chmod(0o755)
    return folder


@pytest.mark.timeout(SECONDS + 60)
def test_the_commands_of_the_readme_work_in_an_empty_folder(tmp_path: Path, python3: Path, runtime: str) -> None:
    folder = tmp_path / "empty folder"
    folder.mkdir()
    path = f"{python3}{os.pathsep}{os.environ['PATH']}"

    status, log = run(write_script(tmp_path, runtime), folder, PATH=path, PYTHONPATH="", DNS_ADDRESS="0")
    if status and OFFLINE.search(log):
        pytest.skip("no package index can be reached")

    assert status == 0, log[-3000:]
    assert json.loads((folder / "out.json").read_text()) == {"hello": "you"}
    shutil.rmtree(folder)  # 600 MB


@pytest.fixture
def broken_python(engine_python: Path, tmp_path: Path) -> Path:
    """An environment over the engine's, with a cbor2 that lacks what LocalStack imports, as 6 does."""
    made = tmp_path / "broken"
    subprocess.run([engine_python, "-m", "venv", "--without-pip", made], check=True, timeout=60)
    packages = next(made.glob("lib/python3*/site-packages"))
    below = next(engine_python.parents[1].glob("lib/python3*/site-packages"))
    (packages / "engine.pth").write_text(f"import site; site.addsitedir({str(below)!r})\n")
    (packages / "cbor2").mkdir()
    (packages / "cbor2" / "__init__.py").touch()
    (packages / "cbor2-6.0.0.dist-info").mkdir()
    (packages / "cbor2-6.0.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: cbor2\nVersion: 6.0.0\n")
    return made / "bin" / "python"


def test_a_start_that_fails_names_the_package_that_does_not_fit(broken_python: Path) -> None:
    environ = os.environ | {"GATEWAY_LISTEN": f"127.0.0.1:{pick_port()}", "DNS_ADDRESS": "0", "DISABLE_EVENTS": "1"}

    ended = subprocess.run(
        [broken_python, "-m", "localstack.runtime.main"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 1
    assert "LocalStack cannot be loaded: ModuleNotFoundError: No module named 'cbor2._decoder'" in ended.stdout
    assert "(cbor2 6.0.0 is installed)" in ended.stdout
    assert "under Install" in ended.stdout
