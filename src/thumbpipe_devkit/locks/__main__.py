"""`python -m thumbpipe_devkit.locks`: make all locks anew, which needs uv and a network.

With `--check` nothing is written: the exit status says whether all is in step. Other arguments go to
`uv pip compile`: `--upgrade` takes the newest of everything that no pin holds.
"""

import subprocess
import sys
from collections.abc import Sequence

from thumbpipe_devkit.locks.check import problems_of_checkout
from thumbpipe_devkit.locks.plan import plan
from thumbpipe_devkit.locks.renew import renew
from thumbpipe_devkit.paths import CHECKOUT


def main(arguments: Sequence[str]) -> int:
    """Renew the locks, or check them.

    Returns:
        The exit status: 1 where a lock is out of step or cannot be made.
    """
    if list(arguments) == ["--check"]:
        problems = list(problems_of_checkout(CHECKOUT))
        sys.stderr.write("".join(f"{problem}\n" for problem in problems))
        return 1 if problems else 0
    for lock in plan(CHECKOUT):
        try:
            changes = renew(lock, CHECKOUT, arguments)
        except subprocess.CalledProcessError:
            sys.stderr.write(f"{lock.file} is as it was; uv's reason is above.\n")
            return 1
        sys.stdout.write(
            "".join(
                f"{line}\n"
                for line in (f"{lock.file}:{'' if changes else ' as it was'}", *(f"  {change}" for change in changes))
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
