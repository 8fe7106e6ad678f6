"""`keys`: the commands for a stack that runs on this machine."""

from collections.abc import Mapping

from rich.console import Console

from thumbpipe_devkit.aws import client
from thumbpipe_devkit.errors import KeysUnchangedError
from thumbpipe_devkit.keys.parameter import KeyParameter
from thumbpipe_devkit.keys.rotation import Rotation
from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.processes.children import Children
from thumbpipe_devkit.progress import Steps
from thumbpipe_devkit.runs import running_file
from thumbpipe_devkit.terraform import binary
from thumbpipe_devkit.terraform.workspace import Workspace


class RunningDeployment:
    """A stack of `up`, `demo` or a test, changed in its own Terraform folder.

    Args:
        workspace: The folder.
        told: The running file's contents.
        steps: Where Terraform's progress is shown.
    """

    spreads_within_s = 0.0  # LocalStack has only one edge.

    def __init__(self, workspace: Workspace, told: running_file.RunningFile, steps: Steps) -> None:
        self._workspace = workspace
        self._told = told
        self._steps = steps

    @property
    def public_keys(self) -> Mapping[str, str]:
        """The public keys that it was applied with."""
        keys: Mapping[str, str] = self._workspace.variables().get("signing_public_keys", {})
        return keys

    @property
    def url_expires_seconds(self) -> int:
        """How long a signed URL is valid, from the gallery function's settings."""
        functions = client("lambda", self._told.endpoint_url, self._told.region, self._told.credentials)
        gallery = functions.get_function_configuration(
            FunctionName=self._workspace.outputs()["function_names"]["gallery"]
        )
        return int(gallery["Environment"]["Variables"]["THUMBPIPE_URL_EXPIRES_SECONDS"])

    def key_ids(self) -> Mapping[str, str]:
        """CloudFront's ids."""
        ids: Mapping[str, str] = self._workspace.outputs()["public_key_ids"]
        return ids

    def apply(self, public_keys: Mapping[str, str]) -> None:
        """Apply."""
        with self._steps.step("Terraform has applied the keys") as step:
            variables = {**self._workspace.variables(), "signing_public_keys": dict(public_keys)}
            # Without a refresh: other changes do not concern the keys, and looking for them takes a while.
            self._workspace.apply(self._told.endpoint_url, self._told.credentials, variables, step, refresh=False)


def run(action: str, console: Console, *, name: str | None, wait: bool) -> int:
    """Show the keys of a running stack, rotate them, or retire the older one.

    Args:
        action: `show`, `rotate` or `retire`.
        console: The output.
        name: The run; None for the one that `up` left running in this checkout.
        wait: Wait instead of failing while older URLs are valid.

    Returns:
        The exit status.

    Raises:
        SetupError: The message names the cause and the solution.
    """
    told = running_file.of_this_checkout("up") if name is None else running_file.named(name)
    if told is None:
        raise KeysUnchangedError("no stack is up in this checkout" if name is None else f"there is no run {name}")
    with Steps(console) as steps, Children() as children:
        workspace = Workspace(
            children,
            folder=cache_folder() / "runs" / told.run / "stack",
            log=cache_folder() / "logs" / told.run / "terraform.log",
            terraform=binary.find(steps.say),
            fresh=False,
        )
        ssm = client("ssm", told.endpoint_url, told.region, told.credentials)
        parameter = KeyParameter(ssm, str(workspace.outputs()["signing_key_parameter"]))
        rotation = Rotation(RunningDeployment(workspace, told, steps), parameter, steps.say)
        match action:
            case "rotate":
                rotation.rotate(wait=wait)
            case "retire":
                rotation.retire(wait=wait)
            case _:
                state = rotation.state()
                console.print(f"  active  {state.in_use}", highlight=False)
                console.print(f"  older   {', '.join(state.older) or 'none'}", highlight=False)
    return 0
