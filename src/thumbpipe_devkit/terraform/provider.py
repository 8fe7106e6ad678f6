"""The source of the AWS provider: a mirror, the cache of an earlier run, or the registry."""

import os
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from thumbpipe_devkit.errors import ProviderUnavailableError
from thumbpipe_devkit.terraform.binary import Terraform

REGISTRY_WITHIN_S: Final = 5.0
_PROVIDER: Final = Path("hashicorp") / "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of the provider.

    Attributes:
        folder: A folder that contains `<registry>/hashicorp/aws`; None for the registry itself.
        words: Its description for the user.
    """

    folder: Path | None
    words: str


def choose(terraform: Terraform, plugin_cache: Path, environment: Mapping[str, str] = os.environ) -> Source:
    """Return the provider's source, without a long wait if there is no network.

    Args:
        terraform: Its registry is used.
        plugin_cache: The plug-in cache of earlier runs.
        environment: Environment variables, for `THUMBPIPE_TF_MIRROR`.

    Raises:
        ProviderUnavailableError: There is none.
    """
    named = environment.get("THUMBPIPE_TF_MIRROR")
    if named:
        if not _holds_provider(Path(named), terraform.registry):
            raise ProviderUnavailableError(f"THUMBPIPE_TF_MIRROR={named} has no {terraform.registry}/hashicorp/aws")
        return Source(folder=Path(named).absolute(), words=f"provider from the mirror {named} (THUMBPIPE_TF_MIRROR)")
    if _holds_provider(plugin_cache, terraform.registry):
        return Source(folder=plugin_cache, words="provider from an earlier run's cache")
    if registry_answers(f"https://{terraform.registry}"):
        return Source(folder=None, words=f"provider from {terraform.registry}")
    for mirror in mirror_folders():
        if _holds_provider(mirror, terraform.registry):
            return Source(
                folder=mirror, words=f"{terraform.registry} does not answer: provider from the mirror {mirror}"
            )
    raise ProviderUnavailableError(f"{terraform.registry} did not answer within {REGISTRY_WITHIN_S:.0f} s")


def mirror_folders() -> Iterable[Path]:
    """Return Terraform's implied mirror folders, and the folders in /opt."""
    yield Path.home() / ".terraform.d" / "plugins"
    if sys.platform == "darwin":
        yield Path.home() / "Library" / "Application Support" / "io.terraform" / "plugins"
        yield Path("/Library/Application Support/io.terraform/plugins")
    data_home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    data_folders = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for folder in [data_home, *data_folders.split(":")]:
        yield Path(folder) / "terraform" / "plugins"
    yield from sorted(Path("/opt").glob("*"))


def registry_answers(url: str) -> bool:
    """Return whether a provider registry answers within a few seconds, including the look-up of its name."""
    answers: list[bool] = []
    # In a thread, since a name look-up has no timeout.
    asking = threading.Thread(target=lambda: answers.append(_asked(url)), daemon=True)
    asking.start()
    asking.join(REGISTRY_WITHIN_S)
    return answers == [True]


def _asked(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/terraform.json", timeout=REGISTRY_WITHIN_S).is_success
    except httpx.HTTPError:
        return False


def _holds_provider(folder: Path, registry: str) -> bool:
    return any((folder / registry / _PROVIDER).glob("*"))
