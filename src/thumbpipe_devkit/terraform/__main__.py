"""`python -m thumbpipe_devkit.terraform`: check the Terraform files without an account."""

import shutil
import sys
from collections.abc import Sequence

from rich.console import Console

from thumbpipe_devkit.errors import SetupError
from thumbpipe_devkit.processes import signals
from thumbpipe_devkit.processes.children import Children
from thumbpipe_devkit.progress import Steps
from thumbpipe_devkit.runs.folders import open_run
from thumbpipe_devkit.terraform import binary
from thumbpipe_devkit.terraform.workspace import Workspace


def main(arguments: Sequence[str]) -> int:
    """Check format, validity and (if tflint is installed) style, and run the tests.

    Args:
        arguments: Arguments of `terraform test`, for example `-filter=tests/names.tftest.hcl`.

    Returns:
        The exit status.
    """
    signals.listen()
    console = Console()
    try:
        return _check(console, arguments)
    except SetupError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except signals.Interrupted as error:
        return error.exit_status


def _check(console: Console, arguments: Sequence[str]) -> int:
    with open_run() as run, Children() as children:
        with Steps(console) as steps, steps.step("Terraform has its provider") as step:
            workspace = Workspace(
                children,
                folder=run.folder / "stack",
                log=run.logs / "terraform.log",
                terraform=binary.find(steps.say),
            )
            workspace.init(step)
        plain = [] if console.is_terminal else ["-no-color"]
        checks = [
            ["terraform", "fmt", "-check", "-diff", "-recursive"],
            ["terraform", "validate", *plain],
            ["tflint"],
            ["terraform", "test", *plain, *arguments],
        ]
        if shutil.which("tflint") is None:
            console.print("tflint is not installed: skipping its check")
            checks.remove(["tflint"])
        return max([_shown(console, workspace, command) for command in checks])


def _shown(console: Console, workspace: Workspace, command: Sequence[str]) -> int:
    console.print(f"\n$ {' '.join(command)}", markup=False, highlight=False)
    return workspace.show(*command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
