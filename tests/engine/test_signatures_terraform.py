"""Terraform, with the real provider, on an engine that verifies signatures."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from support.distributions import make_name
from support.plugin_engine import Engine, zip_files
from support.terraform_runs import RUN_SECONDS, TerraformFolder

CONFIGURATION: Final = Path(__file__).parent / "terraform" / "signatures.tf"


@pytest.mark.timeout(1200)
def test_terraform_makes_and_removes_a_stack_with_the_roots_key_alone(
    verifying_engine: Engine, runtime: str, tmp_path: Path
) -> None:
    engine = verifying_engine
    shutil.copy(CONFIGURATION, tmp_path)
    tmp_path.joinpath("function.zip").write_bytes(zip_files({"main.py": "def handler(event, context): return event"}))
    values = {"name": make_name("sig"), "runtime": runtime}
    tmp_path.joinpath("terraform.tfvars.json").write_text(json.dumps(values))
    terraform = TerraformFolder.open(tmp_path, engine.url, access_key=engine.access_key, secret_key=engine.secret_key)
    terraform.apply()
    assert terraform.plan() == {}, "a second plan finds nothing to do"
    assert terraform.outputs()["arn"] == "arn:aws:iam::000000000000:root"

    stranger = TerraformFolder(terraform.folder, terraform.program, terraform.mirror, engine.url)
    ran = subprocess.run(
        [str(stranger.program), "plan"],
        cwd=tmp_path,
        env=stranger.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert ran.returncode != 0
    assert "InvalidClientTokenId" in ran.stderr

    terraform.destroy()
