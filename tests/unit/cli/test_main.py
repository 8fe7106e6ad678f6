import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest
from typer.testing import Result

from thumbpipe.cli.files import content_type_of

Run = Callable[..., Result]

COMMANDS: Final = ("upload", "list", "show", "download", "delete", "render", "status")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run(command, "-h", env={"COLUMNS": "100"})

    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_without_arguments_the_commands_are_listed(run: Run) -> None:
    text = run().output

    assert all(command in text for command in COMMANDS)


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    assert run("destroy").exit_code == 2


def test_the_version_is_the_packages(run: Run) -> None:
    answer = run("--version").stdout

    assert re.fullmatch(r"thumbpipe (unknown|\d+\.\d+\.\d+)\n", answer)
    assert _is_not_installed() or version("thumbpipe") in answer


def _is_not_installed() -> bool:
    code = "import importlib.metadata as m; m.version('thumbpipe')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60).returncode != 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for_the_shell(run: Run, shell: str) -> None:
    result = run("--show-completion", shell)

    assert result.exit_code == 0 or "--show-completion" in run("-h", env={"COLUMNS": "100"}).stdout


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("photo.jpg", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("photo", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("photo.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heic"),
        ("photo.HEIF", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image/heif"),
        ("photo.avif", b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", "image/avif"),
        ("letter.JPEG", b"Dear Sir or Madam", "image/jpeg"),
        ("empty.tif", b"", "image/tiff"),
        ("letter.txt", b"Dear Sir or Madam", "text/plain"),
        ("letter", b"Dear Sir or Madam", "application/octet-stream"),
    ],
)
def test_content_types_come_from_the_content_and_else_from_the_name(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert content_type_of(path) == expected
