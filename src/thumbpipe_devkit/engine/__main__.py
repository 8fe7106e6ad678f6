"""`python -m thumbpipe_devkit.engine`: install the embedded engine and print the path of its Python."""

import sys

from rich.console import Console

from thumbpipe_devkit.engine.install import install
from thumbpipe_devkit.errors import SetupError
from thumbpipe_devkit.processes import signals
from thumbpipe_devkit.processes.children import Children
from thumbpipe_devkit.progress import Steps
from thumbpipe_devkit.runs.folders import open_run


def main() -> int:
    """Install the engine, and print its Python's path.

    Returns:
        The exit status.
    """
    signals.listen()
    console = Console(stderr=True)
    try:
        with open_run() as run, Steps(console) as steps, Children() as children, steps.step("engine is installed"):
            python = install(children, run.logs / "install.log", steps.say)
    except SetupError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except signals.Interrupted as error:
        return error.exit_status
    sys.stdout.write(f"{python}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
