"""A working copy of the stack, in which Terraform runs against one endpoint."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import filelock

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.errors import DiskFullError, TerraformFailedError
from thumbpipe_devkit.paths import CHECKOUT, cache_folder
from thumbpipe_devkit.processes.children import Child, Children, Ending
from thumbpipe_devkit.progress import Step
from thumbpipe_devkit.terraform import messages, provider
from thumbpipe_devkit.terraform.binary import Terraform, clean_environment

Variables = Mapping[str, Any]
Outputs = Mapping[str, Any]

# The files that `infra/` refers to by relative paths.
_COPIED: Final = ("infra", "frontend")
_NOT_COPIED: Final = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfvars", "*_override.tf", "node_modules")
_VARIABLES: Final = "devkit.auto.tfvars.json"
# tflocal's override file makes every provider use the key "test", or one that it would write to the file. Terraform
# merges override files in the order of their names. This one comes later and reverts that: the provider then takes the
# key from the environment, and the key is in no file.
_TFLOCALS_FILE: Final = "localstack_providers_override.tf"
_KEYS_FILE: Final = "thumbpipe_override.tf.json"
PROVIDER_ALIASES: Final = (None, "us_east_1")
# The AWS provider spends minutes waiting in total; with this parallelism it waits concurrently.
_PARALLELISM: Final = 40


class Workspace:
    """A copy of `infra/` and `frontend/`, so that nothing is written to the checkout.

    Args:
        children: Starts Terraform.
        folder: The folder for the copy, including the state.
        log: Receives all of Terraform's output.
        terraform: The program.
        grace_s: How long an interrupted Terraform may take to finish operations and write its state, in seconds.
        fresh: Whether to create the copy; if not, another process has created and applied it.
    """

    def __init__(  # noqa: PLR0913 - each is named where it is given
        self,
        children: Children,
        *,
        folder: Path,
        log: Path,
        terraform: Terraform,
        grace_s: float = 0,
        fresh: bool = True,
    ) -> None:
        self._children = children
        self._infra = folder / "infra"
        self._log = log
        self._terraform = terraform
        self._grace_s = grace_s
        self._endpoint_url = ""
        # Until something is applied, no call requires valid credentials.
        self._credentials = Credentials(access_key_id="none", secret_access_key="none")  # noqa: S106
        self._child: Child | None = None
        for name in _COPIED if fresh else ():
            shutil.copytree(CHECKOUT / name, folder / name, ignore=_NOT_COPIED, dirs_exist_ok=True)

    def init(self, step: Step) -> None:
        """Install the provider that the lock file specifies.

        Raises:
            SetupError: It is not available, or does not match the lock file.
        """
        plugin_cache = cache_folder() / "terraform" / "plugins"
        plugin_cache.mkdir(parents=True, exist_ok=True)
        source = provider.choose(self._terraform, plugin_cache)
        step.say(source.words)
        if source.folder is not None:
            self._take_full_lock()
            self._run_plain(["init", "-lockfile=readonly", f"-plugin-dir={source.folder}"], {})
            return
        with filelock.FileLock(plugin_cache.with_suffix(".lock")):
            self._run_plain(["init"], {"TF_PLUGIN_CACHE_DIR": str(plugin_cache)})
        self._keep_full_lock()

    def apply(  # noqa: PLR0913 - each is named where it is given
        self,
        endpoint_url: str,
        credentials: Credentials,
        variables: Variables,
        step: Step,
        *,
        refresh: bool = True,
        watch: Callable[[messages.Progress], None] | None = None,
    ) -> Outputs:
        """Apply the stack and return its outputs.

        Args:
            endpoint_url: The endpoint of the AWS services.
            credentials: Credentials for them.
            variables: Terraform's variables.
            step: Where progress is shown.
            refresh: Whether to refresh the state first; if not, the last state is assumed to be current.
            watch: Called with the progress after each of Terraform's messages.

        Raises:
            TerraformFailedError: The message contains Terraform's errors.
        """
        self._endpoint_url = endpoint_url
        self._credentials = credentials
        self._infra.joinpath(_VARIABLES).write_text(json.dumps(variables))
        options = [] if refresh else ["-refresh=false"]
        self._run_tflocal(["apply", "-auto-approve", f"-parallelism={_PARALLELISM}", *options], step, watch)
        return self.outputs()

    def variables(self) -> Variables:
        """The variables of the last `apply`."""
        return cast("dict[str, Any]", json.loads(self._infra.joinpath(_VARIABLES).read_text()))

    def plan(self, step: Step, *, out: Path | None = None) -> tuple[str, ...]:
        """Plan, and return what another `apply` would change.

        Args:
            step: Where progress is shown.
            out: A file for the plan.

        Returns:
            The addresses of the changed resources.
        """
        options = [f"-out={out}"] if out else []
        return tuple(self._run_tflocal(["plan", *options], step).planned)

    def destroy(self, step: Step) -> None:
        """Destroy all resources.

        Raises:
            TerraformFailedError: The message contains Terraform's errors.
        """
        self._run_tflocal(["destroy", "-auto-approve", f"-parallelism={_PARALLELISM}"], step)

    def show(self, *command: str) -> int:
        """Run `terraform` or another program in the folder, show its output, and return its exit status."""
        program = str(self._terraform.path) if command[0] == "terraform" else command[0]
        arguments = [program, *command[1:]]
        return self._children.spawn(arguments, output=1, env=self._environment(), cwd=self._infra).wait()

    def interrupt(self) -> None:
        """Interrupt a running Terraform, so that it writes its state."""
        if self._child is not None:
            self._child.stop()

    def resources(self) -> tuple[str, ...]:
        """Return the addresses of all resources in the state."""
        return tuple(self._ask(["state", "list"]).splitlines())

    def outputs(self) -> Outputs:
        """The outputs of the last `apply`, or those that one under way knows by now."""
        told = cast("dict[str, dict[str, Any]]", json.loads(self._ask(["output", "-json"])))
        return {name: output["value"] for name, output in told.items()}

    def _run_tflocal(
        self, arguments: Sequence[str], step: Step, watch: Callable[[messages.Progress], None] | None = None
    ) -> messages.Progress:
        tflocal = Path(sys.executable).with_name("tflocal")
        # By its interpreter: a shebang line with a space in its path does not work.
        command: list[str | Path] = [sys.executable, tflocal, *arguments, "-json", "-input=false"]
        host = urlsplit(self._endpoint_url).hostname or "127.0.0.1"
        environment = self._environment() | {
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "S3_HOSTNAME": host,
            "LS_PROVIDERS_FILE": _TFLOCALS_FILE,
            "TF_CMD": str(self._terraform.path),
        }
        progress = messages.Progress()
        # The leftovers of a killed run would stop tflocal.
        self._infra.joinpath(_TFLOCALS_FILE).unlink(missing_ok=True)
        self._infra.joinpath(_KEYS_FILE).write_text(json.dumps(_keys_from_environment()))
        self._child = child = self._children.spawn(
            command,
            output=subprocess.PIPE,
            env=environment,
            cwd=self._infra,
            ending=Ending(by=signal.SIGINT, grace_s=self._grace_s),
        )
        last = f"`terraform {arguments[0]}` printed nothing"
        with self._log.open("a") as log:
            for line in child.lines():
                log.write(line)
                last = line.strip() or last
                message = messages.parse(line)
                words = progress.take(message) if message else None
                if words:
                    step.detail(words)
                if watch:
                    watch(progress)
        if child.wait():
            raise self._failure("\n".join(progress.errors) or last)
        return progress

    def _run_plain(self, arguments: Sequence[str], extra: Mapping[str, str]) -> None:
        start = self._log.stat().st_size if self._log.exists() else 0
        command: list[str | Path] = [
            self._terraform.path,
            f"-chdir={self._infra}",
            *arguments,
            "-no-color",
            "-input=false",
        ]
        if self._children.run(command, log=self._log, env={**self._environment(), **extra}):
            said = self._log.read_bytes()[start:].decode(errors="replace")
            raise self._failure(said.partition("Error: ")[2].strip() or said.strip())

    def _ask(self, arguments: Sequence[str]) -> str:
        return subprocess.run(  # noqa: S603 - the devkit's own command line
            [self._terraform.path, f"-chdir={self._infra}", *arguments],
            env=self._environment(),
            capture_output=True,
            check=True,
            text=True,
        ).stdout

    def _failure(self, errors: str) -> TerraformFailedError | DiskFullError:
        if "no space left on device" in errors.lower():
            return DiskFullError(errors, log=self._log)
        return TerraformFailedError(errors, log=self._log)

    def _environment(self) -> dict[str, str]:
        return clean_environment(os.environ) | {
            **self._credentials.as_environment(),
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    # The committed lock file lists the hashes of the provider's archives for all platforms. An unpacked provider is
    # verified by another kind of hash, which the first verified installation from the registry adds; that lock file
    # is kept next to the plug-in cache.
    def _kept_lock(self) -> Path:
        committed = hashlib.sha256((CHECKOUT / "infra" / ".terraform.lock.hcl").read_bytes()).hexdigest()[:12]
        return cache_folder() / "terraform" / f"lock-{committed}.hcl"

    def _keep_full_lock(self) -> None:
        shutil.copyfile(self._infra / ".terraform.lock.hcl", self._kept_lock())

    def _take_full_lock(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(self._kept_lock(), self._infra / ".terraform.lock.hcl")


def _keys_from_environment() -> dict[str, Any]:
    """Return an override that makes each provider of the stack read its key from the environment."""
    nothing = {"access_key": None, "secret_key": None}
    return {"provider": {"aws": [({"alias": alias} if alias else {}) | nothing for alias in PROVIDER_ALIASES]}}
