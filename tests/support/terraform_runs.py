"""Terraform with the real AWS provider, on a test's configuration, against an engine."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.terraform import binary, provider

RUN_SECONDS: Final = 400
_NO_CHANGES: Final = {"noop", "read", "import"}


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
            # WAF's schema fills the heap: with fewer collections a plan takes a fifth less processor time.
            "GOGC": "400",
        }

    def plan(self) -> dict[str, str]:
        """Return what an `apply` would do: `update`, `create` and so on by the address of each resource."""
        events = [json.loads(line) for line in self.run("plan", "-json", "-out=plan.bin").splitlines()]
        planned = [each["change"] for each in events if each["type"] == "planned_change"]
        changes = {each["resource"]["addr"]: each["action"] for each in planned}
        return {address: action for address, action in changes.items() if action not in _NO_CHANGES}

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
        """Return the values of each resource by its address.

        They are read from Terraform's own file: `terraform show` loads the provider, which takes seconds.
        """
        stored = json.loads(self.folder.joinpath("terraform.tfstate").read_text())["resources"]
        return {
            _address(resource, instance.get("index_key")): instance["attributes"]
            for resource in stored
            for instance in resource["instances"]
        }


def _address(resource: Mapping[str, str], key: str | int | None) -> str:
    name = f"{'data.' if resource['mode'] == 'data' else ''}{resource['type']}.{resource['name']}"
    return name if key is None else f"{name}[{json.dumps(key)}]"
