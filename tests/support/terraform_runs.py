"""Terraform with the real AWS provider, on a configuration of its own, against an engine."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.terraform import binary, provider

RUN_SECONDS: Final = 400


@dataclass(frozen=True)
class TerraformFolder:
    """A folder with a configuration in it.

    Attributes:
        folder: The working directory.
        program: Terraform.
        mirror: A folder with the provider, None to have it fetched.
        endpoint: The engine's address.
        access_key: The access key's id.
        secret_key: Its secret.
    """

    folder: Path
    program: Path
    mirror: Path | None
    endpoint: str
    access_key: str = "test"
    secret_key: str = field(default="test", repr=False)

    @classmethod
    def open(cls, folder: Path, endpoint: str, **keys: str) -> "TerraformFolder":
        """Return a folder that is initialized."""
        terraform = binary.find(print)
        mirror = provider.choose(terraform, cache_folder() / "terraform" / "plugins").folder
        opened = cls(folder, terraform.path, mirror, endpoint, **keys)
        opened.run("init", *([f"-plugin-dir={mirror}"] if mirror else []))
        return opened

    def run(self, *arguments: str) -> str:
        """Run Terraform, which must succeed, and return what it printed."""
        ran = subprocess.run(
            [str(self.program), *arguments],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )
        assert ran.returncode == 0, f"terraform {' '.join(arguments)}:\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    @property
    def environ(self) -> dict[str, str]:
        kept = binary.clean_environment(os.environ)
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": "us-east-1",
            "TF_CLI_ARGS": "-no-color",
        }

    def plan(self) -> dict[str, str]:
        """Return what an `apply` would do: `update`, `create` and so on by the address of each resource."""
        self.run("plan", "-out=plan.bin")
        planned = json.loads(self.run("show", "-json", "plan.bin"))
        changes = {each["address"]: "+".join(each["change"]["actions"]) for each in planned.get("resource_changes", [])}
        return {address: action for address, action in changes.items() if action not in {"no-op", "read"}}

    def apply(self) -> None:
        self.run("apply", "-auto-approve")

    def apply_plan(self) -> None:
        """Apply what was planned last."""
        self.run("apply", "plan.bin")

    def destroy(self) -> None:
        self.run("destroy", "-auto-approve")

    def outputs(self) -> dict[str, Any]:
        return {name: each["value"] for name, each in json.loads(self.run("output", "-json")).items()}

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the values of each resource by its address."""
        shown = json.loads(self.run("show", "-json"))
        return {each["address"]: each["values"] for each in shown["values"]["root_module"]["resources"]}
