"""Finds Terraform or OpenTofu: on PATH if it is new enough, else the pinned release."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thumbpipe_devkit.errors import TerraformMissingError
from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.terraform import release

OLDEST: Final = (1, 11)
_VERSION_WITHIN_S: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Terraform:
    """A Terraform or OpenTofu program.

    Attributes:
        path: The program's path.
        version: Its version, for example `1.11.4`.
        registry: The host of its default provider registry.
    """

    path: Path
    version: str
    registry: str


def find(say: Callable[[str], None]) -> Terraform:
    """Return `THUMBPIPE_TERRAFORM`, the first suitable program on PATH, or the pinned release.

    Args:
        say: Called with the choice if it is not simply the one on PATH.

    Raises:
        SetupError: There is none, and it could not be downloaded.
    """
    chosen = os.environ.get("THUMBPIPE_TERRAFORM")
    if chosen:
        found = _examine(Path(chosen))
        if found is None:
            raise TerraformMissingError(f"THUMBPIPE_TERRAFORM={chosen} is not Terraform or OpenTofu 1.11 or newer")
        return found
    for name in ("terraform", "tofu"):
        path = shutil.which(name)
        found = _examine(Path(path)) if path else None
        if found is not None:
            return found
        if path:
            say(f"skipping {path}: it does not run, or is older than 1.11")
    say(f"no Terraform on PATH: using the pinned release {release.VERSION}")
    found = _examine(release.fetch(cache_folder()))
    if found is None:
        raise TerraformMissingError("the downloaded release does not run on this machine")
    return found


def clean_environment(source: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the user's Terraform settings, and without references to missing files."""
    kept = {
        name: value
        for name, value in source.items()
        if not name.startswith(("AWS_", "TF_VAR_", "TF_CLI_ARGS")) and name not in {"TF_DATA_DIR", "TF_WORKSPACE"}
    }
    settings = kept.get("TF_CLI_CONFIG_FILE")
    if settings and not Path(settings).is_file():
        del kept["TF_CLI_CONFIG_FILE"]
    return kept | {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


def _examine(path: Path) -> Terraform | None:
    try:
        told = subprocess.run(  # noqa: S603 - the user's program on PATH
            [path, "version", "-json"],
            env=clean_environment(os.environ),
            capture_output=True,
            check=True,
            timeout=_VERSION_WITHIN_S,
        ).stdout
        version = str(json.loads(told)["terraform_version"])
        numbers = tuple(int(part) for part in version.split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None
    if numbers < OLDEST:
        return None
    registry = "registry.opentofu.org" if "tofu" in path.resolve().name else "registry.terraform.io"
    return Terraform(path=path.resolve(), version=version, registry=registry)
