"""`python -m thumbpipe_devkit.locks`: regenerate all locks, which requires uv and a network.

With `--check` nothing is written: the exit status says whether all locks are up to date. Other arguments are passed to
`uv pip compile`: `--upgrade` takes the newest version of everything that is not pinned.
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
        The exit status: 1 if a lock is out of date or cannot be generated.
    """
    if list(arguments) == ["--check"]:
        problems = list(problems_of_checkout(CHECKOUT))
        sys.stderr.write("".join(f"{problem}\n" for problem in problems))
        return 1 if problems else 0
    for lock in plan(CHECKOUT):
        try:
            changes = renew(lock, CHECKOUT, arguments)
        except subprocess.CalledProcessError:
            sys.stderr.write(f"{lock.file} is unchanged: see uv's error above.\n")
            return 1
        sys.stdout.write(
            "".join(
                f"{line}\n"
                for line in (f"{lock.file}:{'' if changes else ' unchanged'}", *(f"  {change}" for change in changes))
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
