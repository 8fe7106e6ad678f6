"""`python -m thumbpipe_devkit.bundle.lock`: lock the functions' dependencies anew.

Needs uv. Each `requirements/<function>.in` names what the function imports; the `.txt` beside it gets the newest
versions, with the hashes of their files for every platform.
"""

import subprocess
import sys

from thumbpipe_devkit.bundle.builder import FUNCTIONS, REQUIREMENTS


def main() -> int:
    """Write `requirements/<function>.txt` of every function; further arguments go to `uv pip compile`."""
    for function in FUNCTIONS:
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
        # cffi's compiled modules run without their compiler's parser, which would come in with an environment marker.
        command += ["--no-emit-package=pycparser"]
        # The X-Ray SDK names botocore, which is the runtime's.
        command += [f"--no-emit-package={name}" for name in ("botocore", "python-dateutil", "six", "urllib3")]
        command += ["--no-annotate", "--custom-compile-command=python -m thumbpipe_devkit.bundle.lock"]
        command += [*sys.argv[1:], f"--output-file={function}.txt", f"{function}.in"]
        subprocess.run(command, cwd=REQUIREMENTS, check=True)  # noqa: S603 — our own arguments and the caller's
    return 0


if __name__ == "__main__":
    sys.exit(main())
