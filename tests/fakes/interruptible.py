"""The `thumbpipe` command for tests that interrupt it."""

from typing import Final

INTERRUPTIBLE: Final = """
import signal
# Whoever runs the tests in the background may have them ignore SIGINT, and a child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
from thumbpipe.cli.main import main
main()
"""
