import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import hcl2
import pytest
from rich.console import Console

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.errors import DiskFullError, TerraformFailedError
from thumbpipe_devkit.paths import CHECKOUT
from thumbpipe_devkit.processes.children import Children
from thumbpipe_devkit.progress import Step, Steps
from thumbpipe_devkit.terraform.binary import Terraform
from thumbpipe_devkit.terraform.workspace import PROVIDER_ALIASES, Workspace

DENIED: Final = {
    "severity": "error",
    "summary": "creating queue",
    "detail": "denied",
    "address": "aws_sqs_queue.photos",
}
KEY: Final = Credentials.make()
FULL: Final = DENIED | {"detail": "write /state: no space left on device"}


@pytest.fixture
def step() -> Iterator[Step]:
    with Steps(Console(quiet=True)) as steps, steps.step("Terraform") as step:
        yield step


@pytest.fixture
def saying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Workspace]]:
    """Makes a workspace whose Terraform says something and fails."""
    mirror = tmp_path / "mirror"
    mirror.joinpath("registry.terraform.io", "hashicorp", "aws", "5.100.0").mkdir(parents=True)
    monkeypatch.setenv("THUMBPIPE_TF_MIRROR", str(mirror))
    with Children() as children:

        def make(words: str) -> Workspace:
            program, said = tmp_path / "terraform", tmp_path / "said"
            said.write_text(words)
            # tflocal asks for the version first.
            version = json.dumps({"terraform_version": "1.11.4"})
            program.write_text(f"#!/bin/sh\n[ $1 = version ] && echo '{version}' && exit\ncat '{said}'\nexit 1\n")
            program.chmod(0o755)
            terraform = Terraform(path=program, version="1.11.4", registry="registry.terraform.io")
            return Workspace(children, folder=tmp_path / "a run", log=tmp_path / "terraform.log", terraform=terraform)

        yield make


def test_a_provider_that_does_not_match_the_lock_is_reported_with_terraforms_message(
    saying: Callable[[str], Workspace], step: Step, tmp_path: Path
) -> None:
    with pytest.raises(TerraformFailedError) as raised:
        saying("Initializing...\nError: Failed to install provider\n\nthe checksums do not match\n").init(step)
    assert raised.value.cause == "Failed to install provider\n\nthe checksums do not match"
    assert raised.value.log == tmp_path / "terraform.log"


@pytest.mark.parametrize(
    ("diagnostic", "error"), [(DENIED, TerraformFailedError), (FULL, DiskFullError)], ids=["refused", "disk full"]
)
def test_a_failed_apply_names_what_failed_and_the_log(
    diagnostic: dict[str, str],
    error: type[TerraformFailedError | DiskFullError],
    saying: Callable[[str], Workspace],
    step: Step,
    tmp_path: Path,
) -> None:
    workspace = saying(json.dumps({"type": "diagnostic", "diagnostic": diagnostic}) + "\n")
    with pytest.raises(error) as raised:
        workspace.apply("http://127.0.0.1:9", KEY, {"name": "thumbpipe"}, step)
    assert raised.value.cause == f"aws_sqs_queue.photos: creating queue: {diagnostic['detail']}"
    assert raised.value.log == tmp_path / "terraform.log"


def test_a_failed_apply_without_a_diagnostic_is_reported_with_its_last_line(
    saying: Callable[[str], Workspace], step: Step
) -> None:
    workspace = saying("panic: runtime error\n\nsignal: killed\n\n")
    with pytest.raises(TerraformFailedError) as raised:
        workspace.apply("http://127.0.0.1:9", KEY, {"name": "thumbpipe"}, step)
    assert raised.value.cause == "signal: killed"


def test_terraform_gets_the_key_by_its_environment_and_not_from_a_file(
    saying: Callable[[str], Workspace], step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "the user's")
    # With these tflocal would write a key down, and in a file that comes last.
    monkeypatch.setenv("CUSTOMIZE_ACCESS_KEY", "1")
    monkeypatch.setenv("LS_PROVIDERS_FILE", "zzz_override.tf")
    workspace = saying("")
    program, told = tmp_path / "terraform", tmp_path / "told"
    version = json.dumps({"terraform_version": "1.11.4"})
    program.write_text(
        f"#!/bin/sh\n[ $1 = version ] && echo '{version}' && exit\n"
        f'echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY" > "{told}"\ncp -R . "{tmp_path / "seen"}"\nexit 1\n'
    )
    with pytest.raises(TerraformFailedError):
        workspace.apply("http://127.0.0.1:9", KEY, {"name": "thumbpipe"}, step)
    assert told.read_text() == f"{KEY.access_key_id} {KEY.secret_access_key}\n"
    files = [path for path in (tmp_path / "seen").rglob("*") if path.is_file()]
    names = sorted(path.name for path in files)
    # Terraform merges them in this order: what tflocal says of keys does not count.
    first, last = "localstack_providers_override.tf", "thumbpipe_override.tf.json"
    assert [name for name in names if "_override." in name] == [first, last]
    assert not [path for path in files if KEY.secret_access_key.encode() in path.read_bytes()]
    keys = json.loads((tmp_path / "seen" / last).read_text())["provider"]["aws"]
    assert [(each["access_key"], each["secret_key"]) for each in keys] == [(None, None)] * len(PROVIDER_ALIASES)


def test_every_provider_of_the_stack_takes_its_key_from_the_environment() -> None:
    parsed = [hcl2.loads(path.read_text()) for path in CHECKOUT.joinpath("infra").glob("*.tf")]
    blocks = [block for each in parsed for block in each.get("provider", [])]
    aliases = [body["alias"].strip('"') if "alias" in body else None for block in blocks for body in block.values()]
    assert len(aliases) == len(PROVIDER_ALIASES)
    assert set(aliases) == set(PROVIDER_ALIASES)
