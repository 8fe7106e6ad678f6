"""`python -m thumbpipe_devkit`: run a command, and clean up however it ends."""

import sys

from thumbpipe_devkit.private import keep_files_private
from thumbpipe_devkit.processes import signals


def main() -> int:
    """Run the command that the arguments name.

    Returns:
        The exit status: the command's, or 128 + the signal that ended it.
    """
    signals.listen()
    keep_files_private()
    try:
        # Imported here: it takes half a second, during which Ctrl-C is already handled.
        from thumbpipe_devkit import commands  # noqa: PLC0415

        return commands.main()
    except signals.Interrupted as error:
        sys.stderr.write("Stopped.\n")
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
