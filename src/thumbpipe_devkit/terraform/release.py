"""Downloads the pinned Terraform release if no Terraform is installed."""

import errno
import hashlib
import os
import platform
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import filelock
import httpx

from thumbpipe_devkit.errors import DiskFullError, DownloadCorruptError, TerraformMissingError

VERSION: Final = "1.11.4"
RELEASES_URL: Final = "https://releases.hashicorp.com"
# The release's SHA256SUMS by platform. Whoever could replace a release on its server could replace its checksums, too;
# these are in the repository.
PINNED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
        "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
        "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
        "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
    }
)
_TIMEOUT_S: Final = 20.0


def fetch(cache: Path, releases_url: str | None = None, *, pinned: Mapping[str, str] = PINNED) -> Path:
    """Return the pinned Terraform from the cache; download it first if necessary.

    Args:
        cache: The devkit's cache folder.
        releases_url: The server; `THUMBPIPE_TERRAFORM_RELEASES` by default, else HashiCorp's.
        pinned: The required checksums of the archives, by platform.

    Raises:
        TerraformMissingError: The server does not answer, or the connection was interrupted.
        DownloadCorruptError: The file matches neither the release's SHA256SUMS nor the pinned checksum.
        DiskFullError: The disk is full.
    """
    base = releases_url or os.environ.get("THUMBPIPE_TERRAFORM_RELEASES") or RELEASES_URL
    folder = cache / "terraform" / VERSION
    binary = folder / "terraform"
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / "download.lock"):
        if not binary.exists():
            try:
                _download(f"{base}/terraform/{VERSION}", binary, pinned[platform_name()])
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise DiskFullError(str(folder)) from error
                raise
    return binary


def platform_name() -> str:
    """Return this machine's platform, as in the names of releases."""
    system = "darwin" if sys.platform == "darwin" else "linux"
    machine = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "amd64"
    return f"{system}_{machine}"


def archive_name() -> str:
    """Return the name of the release's archive for this machine."""
    return f"terraform_{VERSION}_{platform_name()}.zip"


def _download(url: str, binary: Path, expected: str) -> None:
    archive = binary.with_name(archive_name())
    part = binary.with_suffix(".part")
    try:
        with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True) as client:
            sums = client.get(f"{url}/terraform_{VERSION}_SHA256SUMS").raise_for_status().text
            found = _save(client, f"{url}/{archive.name}", archive)
        if found != _listed(sums, archive.name):
            raise DownloadCorruptError(f"the SHA-256 of {archive.name} is {found}, which SHA256SUMS does not list")
        if found != expected:
            raise DownloadCorruptError(f"the SHA-256 of {archive.name} is {found}, not that of {VERSION}'s release")
        with zipfile.ZipFile(archive) as content:
            part.write_bytes(content.read("terraform"))
        part.chmod(0o755)
        # Last and atomically: the name exists only for a complete and verified file.
        part.replace(binary)
    except httpx.HTTPError as error:
        raise TerraformMissingError(f"it is not on PATH, and the download from {url} failed ({error})") from error
    finally:
        archive.unlink(missing_ok=True)
        part.unlink(missing_ok=True)


def _save(client: httpx.Client, url: str, target: Path) -> str:
    digest = hashlib.sha256()
    with client.stream("GET", url) as answer, target.open("wb") as output:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            digest.update(chunk)
            output.write(chunk)
    return digest.hexdigest()


def _listed(sums: str, name: str) -> str | None:
    by_name = {words[1]: words[0] for line in sums.splitlines() if len(words := line.split()) == 2}  # noqa: PLR2004 - the figure says what it is
    return by_name.get(name)
