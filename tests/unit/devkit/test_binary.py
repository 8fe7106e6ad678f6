from pathlib import Path

import pytest

from thumbpipe_devkit.errors import TerraformMissingError
from thumbpipe_devkit.terraform import binary


def _program(folder: Path, name: str, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\necho \'{{"terraform_version": "{version}"}}\'\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("THUMBPIPE_TERRAFORM_RELEASES", "http://127.0.0.1:9")
    return folder


def test_a_new_enough_terraform_on_path_is_used(on_path: Path) -> None:
    program = _program(on_path, "terraform", "1.11.0")
    assert binary.find(print) == binary.Terraform(path=program, version="1.11.0", registry="registry.terraform.io")


def test_an_old_terraform_is_skipped_for_opentofu_with_a_message(on_path: Path) -> None:
    _program(on_path, "terraform", "1.9.8")
    tofu = _program(on_path, "tofu", "1.12.0-beta1")
    said: list[str] = []
    found = binary.find(said.append)
    assert (found.path, found.registry) == (tofu, "registry.opentofu.org")
    assert "skipping" in said[0]


def test_a_program_that_does_not_run_is_skipped(on_path: Path) -> None:
    on_path.joinpath("terraform").write_text("#!/bin/sh\nexit 127\n")
    on_path.joinpath("terraform").chmod(0o755)
    with pytest.raises(TerraformMissingError):
        binary.find(print)


def test_a_named_terraform_wins(on_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(on_path, "terraform", "1.13.0")
    named = _program(tmp_path / "own", "tf", "1.11.4")
    monkeypatch.setenv("THUMBPIPE_TERRAFORM", str(named))
    assert binary.find(print).path == named


def test_a_named_terraform_that_is_too_old_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THUMBPIPE_TERRAFORM", str(_program(tmp_path / "own", "tf", "1.10.5")))
    with pytest.raises(TerraformMissingError, match="THUMBPIPE_TERRAFORM"):
        binary.find(print)


def test_neither_terraform_nor_network_is_one_clear_error(on_path: Path) -> None:
    assert on_path.exists()
    with pytest.raises(TerraformMissingError, match="it is not on PATH"):
        binary.find(print)


def test_a_settings_file_that_is_missing_is_not_named_to_terraform(tmp_path: Path) -> None:
    there = tmp_path / "terraformrc"
    there.touch()
    assert "TF_CLI_CONFIG_FILE" not in binary.clean_environment({"TF_CLI_CONFIG_FILE": str(tmp_path / "missing")})
    assert binary.clean_environment({"TF_CLI_CONFIG_FILE": str(there)})["TF_CLI_CONFIG_FILE"] == str(there)


def test_the_users_account_and_variables_do_not_reach_terraform() -> None:
    users = {"AWS_PROFILE": "work", "TF_VAR_name": "other", "TF_CLI_ARGS_apply": "-target=x", "TF_WORKSPACE": "prod"}
    assert not users.keys() & binary.clean_environment(users).keys()
