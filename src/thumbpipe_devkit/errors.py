"""Everything that can go wrong while the stack is set up: one message each, with its cause and its way out."""

import errno
import os
from pathlib import Path
from typing import ClassVar


class SetupError(Exception):
    """The set-up cannot go on. Shown as one message, without a traceback.

    Attributes:
        title: What failed, in the words that docs/troubleshooting.md lists.
        way_out: What the reader can do about it.
    """

    title: ClassVar[str] = "The set-up failed"
    way_out: ClassVar[str] = "Read the log."

    def __init__(self, cause: str, *, log: Path | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.cause}", f"Way out: {self.way_out}"]
        if self.log is not None:
            lines.append(f"Log: {self.log}")
        return "\n".join(lines)


class WrongPythonError(SetupError):
    """The devkit runs on a Python that no engine exists for."""

    title = "Wrong Python"
    way_out = "Run nox with Python 3.11, 3.12 or 3.13, for example `python3.13 -m nox`."


class DiskFullError(SetupError):
    """Writing failed for want of space."""

    title = "The disk is full"
    way_out = "Free 2 GB, or name another disk's folder in THUMBPIPE_CACHE; the next run carries on."


def of_disk(err: OSError) -> DiskFullError | None:
    """Return the message for a full disk, if that is the error."""
    # shutil.Error has no number: it lists what several files met.
    if err.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(err):
        return DiskFullError(str(err))
    return None


class EngineInstallError(SetupError):
    """Pip could not install LocalStack or the plugin."""

    title = "LocalStack could not be installed"
    way_out = (
        "Check the network and pip's index settings (`pip config list`), then run again; nothing half-made is kept."
    )


class PackageCorruptError(SetupError):
    """A downloaded package does not have the hash in the lock."""

    title = "A package is not the file that was locked"
    way_out = (
        "Run `python3 -m pip cache purge`, then this again; where it repeats, your index or something on the way "
        "changes files, and nothing of it should be installed."
    )


class CacheNotPrivateError(SetupError):
    """Another user of the machine could read or replace what a run keeps."""

    title = "The cache folder is not yours alone"
    way_out = "Name another one in THUMBPIPE_CACHE: a folder of yours, below folders that nobody else may write in."


class PortTakenError(SetupError):
    """The port that was asked for belongs to another process."""

    title = "The port is taken"
    way_out = "Choose another one with `--port`, or leave the option out: a free port is found."


class EngineDiedError(SetupError):
    """The engine's process ended, or never became ready."""

    title = "The engine died"
    way_out = "Read the end of the log above; run again, and report the log if it happens twice."


class EndpointUnreachableError(SetupError):
    """Nobody answers at the endpoint that was given."""

    title = "The endpoint does not answer"
    way_out = "Start your LocalStack, and check the URL given with `--endpoint`."


class TerraformMissingError(SetupError):
    """No Terraform is here and none could be fetched."""

    title = "No Terraform"
    way_out = (
        "Put Terraform or OpenTofu 1.11 or newer on PATH, name it in THUMBPIPE_TERRAFORM, or connect the network: "
        "the pinned release is then downloaded."
    )


class DownloadCorruptError(SetupError):
    """A download's bytes are not those that its publisher lists."""

    title = "The Terraform download is corrupt"
    way_out = "Run again; where it repeats, something on the way changes files: install Terraform by hand."


class ProviderUnavailableError(SetupError):
    """The registry does not answer and no mirror holds the provider."""

    title = "The Terraform registry does not answer, and there is no mirror"
    way_out = (
        "Connect the network, or name in THUMBPIPE_TF_MIRROR a folder made by `terraform providers mirror` "
        "or one with registry.terraform.io/hashicorp/aws in it."
    )


class TerraformFailedError(SetupError):
    """Terraform ran and refused."""

    title = "Terraform failed"
    way_out = "Read the errors above; the whole story is in the log."


class BundleFailedError(SetupError):
    """The Lambda zips could not be built."""

    title = "The Lambda zips could not be built"
    way_out = "Run `nox -s bundle` alone; without a network, run it once with one: the wheels are kept."


class KeysUnchangedError(SetupError):
    """The keys of signed URLs were not changed, since a URL would have stopped working, or there are none."""

    title = "The keys are as they were"
    way_out = (
        "`nox -s up -- --signed` starts a stack that signs; where an older pair is still needed, run again after the "
        "time above, or with `--wait`."
    )


class NothingRunsError(SetupError):
    """No stack is running whose credentials could be shown."""

    title = "Nothing runs"
    way_out = "Start a stack with `nox -s up` or `nox -s demo`, and ask again while it runs."


class NoPhotosError(SetupError):
    """What was named holds no photo."""

    title = "No photos"
    way_out = "Name files or folders with photos, or nothing at all: the samples are then sent."


class StackLostError(SetupError):
    """The running stack ended or stopped answering while it was in use."""

    title = "The stack stopped answering"
    way_out = "Run again: what the lost run left is swept away at the next start."
