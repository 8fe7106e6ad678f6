"""A stack that is attacked: its processes, sockets, files and secrets."""

import contextlib
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from support.pipeline_client import Image, PipelineClient
from support.sockets import listening_of
from support.stack import Stack
from support.waiting import wait_until
from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack


@dataclass(frozen=True, kw_only=True)
class Target:
    """A stack that runs, with a photo in it.

    Attributes:
        raw_key: The photo's key in the image bucket.
        cursor_key_name: The parameter with the secret that seals cursors.
        dead_letters: How many messages the dead-letter queue held before.
    """

    deployed: DevkitStack
    stack: Stack
    pipeline: PipelineClient
    image: Image
    raw_key: str
    cursor_key_name: str
    dead_letters: int

    @classmethod
    def prepare(cls, deployed: DevkitStack, stack: Stack, pipeline: PipelineClient, jpeg: bytes) -> "Target":
        image = pipeline.ready(pipeline.upload("private.jpg", jpeg))
        gallery = stack.client("lambda").get_function_configuration(FunctionName=stack.function_names["gallery"])
        return cls(
            deployed=deployed,
            stack=stack,
            pipeline=pipeline,
            image=image,
            raw_key=f"raw/{image['id']}.jpg",
            cursor_key_name=gallery["Environment"]["Variables"]["THUMBPIPE_CURSOR_KEY_PARAMETER"],
            dead_letters=stack.depth(stack.dead_letter_queue_url),
        )

    @property
    def port(self) -> int:
        """The engine's port."""
        return urlsplit(self.stack.endpoint_url).port or 0

    @property
    def engine(self) -> psutil.Process:
        """LocalStack's process."""
        return next(
            process
            for process in psutil.Process().children(recursive=True)
            if self.port in {each.port for each in listening_of(process)}
        )

    @property
    def family(self) -> list[psutil.Process]:
        """LocalStack, what it started, and what watches over it."""
        supervisor = self.engine.parent()
        assert supervisor is not None
        assert "thumbpipe_devkit.processes.supervisor" in supervisor.cmdline()
        return [supervisor, *supervisor.children(recursive=True)]


def secrets_of(target: Target) -> list[str]:
    """The secrets: the root user's, the key that seals cursors, and the one that signs URLs."""
    ssm = target.stack.client("ssm")
    found = [target.stack.credentials.secret_access_key]
    names = [target.cursor_key_name]
    if target.deployed.variables["delivery"] == "signed":
        names.append(target.deployed.outputs["signing_key_parameter"])
    for name in names:
        value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        # Of a private key, the lines between its marks.
        found += json.loads(value)["private_key"].splitlines()[1:-1] if "PRIVATE KEY" in value else [value]
    return found


def files_of(target: Target) -> Iterator[Path]:
    """Return all files of the run, including its running file."""
    run = target.deployed.run
    yield cache_folder() / "running" / f"{run.name}.json"
    for folder in (run.logs, run.folder):
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


@contextlib.contextmanager
def planning(target: Target, out: Path) -> Iterator[psutil.Process]:
    """Terraform at work beside us; afterwards the file holds its plan."""
    with target.deployed.steps.step("a plan that is looked into") as step:
        thread = threading.Thread(target=target.deployed.workspace.plan, args=(step,), kwargs={"out": out})
        thread.start()

        def terraform() -> psutil.Process | None:
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if process.cmdline()[1:2] == ["plan"]:
                        return process
            return None

        try:
            yield wait_until("Terraform", terraform)
        finally:
            thread.join()
    assert out.exists()


def own_ports(target: Target) -> set[int]:
    """The distribution's own ports."""
    return {port for url in target.deployed.other_page_urls() if (port := urlsplit(url).port)}


def is_behind(path: Path) -> bool:
    """Whether a folder above a file is closed to others."""
    return any(not folder.stat().st_mode & 0o011 for folder in path.parents)


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and those of what is packed in it."""
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
