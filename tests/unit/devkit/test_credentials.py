import subprocess
from typing import Final

import pytest

from thumbpipe_devkit import commands
from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.runs import running_file

OUTPUTS: Final = dict.fromkeys(
    ("api_url", "page_url", "image_bucket", "catalog_table", "queue_url", "dead_letter_queue_url"), "a name"
) | {"endpoint_url": "http://127.0.0.1:4567", "region": "us-east-1"}
KEY: Final = Credentials(access_key_id="LKIA", secret_access_key="a 'secret' $HOME")  # noqa: S106 - made up


def _evaluated(printed: str) -> dict[str, str]:
    """The environment of a shell that has run what was printed."""
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{printed}env -0"],
        env={"PATH": "/usr/bin:/bin", "AWS_SESSION_TOKEN": "of another key"},
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(line.split("=", 1) for line in ran.stdout.split("\0") if line)


@pytest.mark.parametrize("command", ["up", "demo"])
def test_a_shell_gets_the_endpoint_and_the_key_of_a_running_stack(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    running_file.write("a", OUTPUTS, KEY, command)
    assert commands.main(["credentials"]) == 0
    environment = _evaluated(capsys.readouterr().out)
    assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4567",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "LKIA",
        "AWS_SECRET_ACCESS_KEY": "a 'secret' $HOME",
    }


def test_a_run_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    running_file.write("a", OUTPUTS, KEY, "e2e")
    assert commands.main(["credentials", "--run", "a"]) == 0
    assert "AWS_SECRET_ACCESS_KEY" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--run", "b"]], ids=["any", "named"])
def test_without_a_running_stack_there_is_a_message_and_no_exports(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    running_file.write("a", OUTPUTS, KEY, "e2e")
    assert commands.main(["credentials", *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "No stack is running: " in said.err
    assert "nox -s up" in said.err
