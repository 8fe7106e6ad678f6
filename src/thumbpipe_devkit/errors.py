"""Errors of the set-up: each has one message, which names the cause and the solution."""

import errno
import os
from pathlib import Path
from typing import ClassVar


class SetupError(Exception):
    """The set-up cannot continue. It is shown as one message, without a traceback.

    Attributes:
        title: What failed; a heading of docs/troubleshooting.md.
        way_out: What the reader can do about it.
    """

    title: ClassVar[str] = "The set-up failed"
    way_out: ClassVar[str] = "Read the log."

    def __init__(self, cause: str, *, log: Path | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.cause}", f"Solution: {self.way_out}"]
        if self.log is not None:
            lines.append(f"Log: {self.log}")
        return "\n".join(lines)


class WrongPythonError(SetupError):
    """No engine supports the running Python."""

    title = "Wrong Python"
    way_out = "Run nox with Python 3.11, 3.12 or 3.13, for example `python3.13 -m nox`."


class DiskFullError(SetupError):
    """Writing failed because the disk is full."""

    title = "The disk is full"
    way_out = "Free 2 GB, or set THUMBPIPE_CACHE to a folder on another disk, then run again."


def of_disk(err: OSError) -> DiskFullError | None:
    """Return the error for a full disk, if that is the cause."""
    # shutil.Error has no errno: its text lists the errors of several files.
    if err.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(err):
        return DiskFullError(str(err))
    return None


class EngineInstallError(SetupError):
    """pip could not install LocalStack or the plugin."""

    title = "LocalStack could not be installed"
    way_out = "Check the network and pip's index settings (`pip config list`), then run again; nothing partial is left."


class PackageCorruptError(SetupError):
    """A downloaded package does not match its hash in the lock."""

    title = "A package does not match the lock"
    way_out = (
        "Run `python3 -m pip cache purge`, then try again. If it happens again, your package index or a proxy modifies "
        "files: do not install anything from it."
    )


class CacheNotPrivateError(SetupError):
    """Another user of the machine could read or replace a run's files."""

    title = "The cache folder is not private"
    way_out = "Set THUMBPIPE_CACHE to a folder that you own, and whose parent folders no other user can write to."


class PortTakenError(SetupError):
    """Another process listens on the requested port."""

    title = "The port is in use"
    way_out = "Choose another port with `--port`, or omit the option to use a free one."


class EngineDiedError(SetupError):
    """The engine's process ended, or never became ready."""

    title = "The engine failed"
    way_out = "Read the end of the log above and run again. If it happens again, report it with the log."


class EndpointUnreachableError(SetupError):
    """The given endpoint does not answer."""

    title = "The endpoint does not answer"
    way_out = "Start your LocalStack, and check the URL of `--endpoint`."


class TerraformMissingError(SetupError):
    """Terraform is not installed, and could not be downloaded."""

    title = "Terraform not found"
    way_out = (
        "Put Terraform or OpenTofu 1.11 or newer on PATH, set THUMBPIPE_TERRAFORM to its path, or connect to the "
        "network: the pinned release is then downloaded."
    )


class DownloadCorruptError(SetupError):
    """A download does not match its checksum."""

    title = "The Terraform download is corrupt"
    way_out = "Run again. If it happens again, a proxy modifies the download: install Terraform yourself."


class ProviderUnavailableError(SetupError):
    """The registry does not answer, and no mirror has the provider."""

    title = "The Terraform registry does not answer, and there is no mirror"
    way_out = (
        "Connect to the network, or set THUMBPIPE_TF_MIRROR to a folder made by `terraform providers mirror`, or to "
        "one that contains registry.terraform.io/hashicorp/aws."
    )


class TerraformFailedError(SetupError):
    """Terraform reported errors."""

    title = "Terraform failed"
    way_out = "Read the errors above; the complete output is in the log."


class BundleFailedError(SetupError):
    """The Lambda zips could not be built."""

    title = "The Lambda zips could not be built"
    way_out = "Run `nox -s bundle` by itself, the first time with a network; later builds use the cached packages."


class KeysUnchangedError(SetupError):
    """The signing keys were not changed, because a valid URL would have stopped working, or because there are none."""

    title = "The signing keys were not changed"
    way_out = (
        "`nox -s up -- --signed` starts a stack with signed URLs. If an older pair is still needed, run again after "
        "the time above, or with `--wait`."
    )


class NothingRunsError(SetupError):
    """No stack is running, so there are no credentials to print."""

    title = "No stack is running"
    way_out = "Start a stack with `nox -s up` or `nox -s demo`, and run this again while it is running."


class NoPhotosError(SetupError):
    """The named files and folders contain no photo."""

    title = "No photos"
    way_out = "Name files or folders with photos, or name none to use the samples."


class StackLostError(SetupError):
    """The stack ended or stopped answering while it was in use."""

    title = "The stack stopped answering"
    way_out = "Run again: the next start removes what this run left."
