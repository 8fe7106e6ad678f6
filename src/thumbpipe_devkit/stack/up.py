"""`up` and `down`: a stack that outlives the command that starts it.

`up` starts a keeper, a separate process that holds engine and stack, relays its output, and exits when the stack
is ready. Until then the keeper ends with `up`, so that an interrupted or killed `up` leaves nothing behind.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console

from thumbpipe_devkit.credentials import AWS_CLI
from thumbpipe_devkit.errors import StackLostError
from thumbpipe_devkit.paths import cache_folder
from thumbpipe_devkit.private import private_folder
from thumbpipe_devkit.processes import signals
from thumbpipe_devkit.runs import running_file
from thumbpipe_devkit.stack.lifecycle import Options, running_stack

_STAY: Final = b"stay"
_POLL_S: Final = 0.1
_DOWN_WITHIN_S: Final = 180.0
_HEALTH_EVERY_S: Final = 5.0


def up(options: Options, console: Console) -> int:
    """Start the engine and the stack, and leave them running.

    Returns:
        The exit status.
    """
    there = running_file.of_this_checkout("up")
    if there is not None:
        console.print("The stack is already up:")
        _show(there, console)
        return 0
    log = _log_file()
    command = [sys.executable, "-P", "-m", "thumbpipe_devkit", "keep"]
    command += ["--endpoint", options.endpoint_url] if options.endpoint_url else []
    command += ["--port", str(options.port)] if options.port else []
    command += ["--signed"] if options.variables.get("delivery") == "signed" else []
    with log.open("wb") as output:
        keeper = subprocess.Popen(  # noqa: S603 - the devkit's own command line
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if name != "THUMBPIPE_END_WITH_PARENT"},
            start_new_session=True,
        )
    try:
        told = _relay(keeper, log, console)
        if told is not None and keeper.stdin is not None:
            keeper.stdin.write(_STAY)
            keeper.stdin.flush()
    finally:
        signals.Shield().block()
        if keeper.stdin is not None:
            keeper.stdin.close()
        if running_file.of_this_checkout("up") is None:
            keeper.wait()
    if told is None:
        return keeper.returncode or 1
    _show(told, console)
    return 0


def keep(options: Options, console: Console) -> int:
    """Hold engine and stack until a signal, or until `up` ends before the stack is ready.

    Raises:
        StackLostError: The engine ended unexpectedly.
    """
    threading.Thread(target=_watch_leash, daemon=True).start()
    with running_stack(options, console) as stack:
        try:
            while stack.engine.is_healthy():
                time.sleep(_HEALTH_EVERY_S)
        except signals.Interrupted:
            return 0
        raise StackLostError("the engine ended unexpectedly", log=stack.engine.log)


def down(console: Console) -> int:
    """Stop what `up` left running in this checkout.

    Returns:
        The exit status.
    """
    told = running_file.of_this_checkout("up")
    if told is None:
        console.print("No stack is up in this checkout.")
        return 0
    with contextlib.suppress(psutil.NoSuchProcess):
        keeper = psutil.Process(told.pid)
        keeper.send_signal(signal.SIGTERM)
        try:
            keeper.wait(_DOWN_WITHIN_S)
        except psutil.TimeoutExpired:
            keeper.kill()
            keeper.wait(_DOWN_WITHIN_S)
    console.print("Down.")
    return 0


def _relay(keeper: subprocess.Popen[bytes], log: Path, console: Console) -> running_file.RunningFile | None:
    """Print the keeper's output until its stack is ready; return None if the keeper ends before."""
    with log.open(errors="replace") as words:
        while True:
            ended = keeper.poll() is not None
            for line in words:
                console.print(line, end="", markup=False, highlight=False, soft_wrap=True)
            told = running_file.of_this_checkout("up")
            if told is not None and told.pid == keeper.pid:
                return told
            if ended:
                return None
            time.sleep(_POLL_S)


def _watch_leash() -> None:
    received = b""
    while part := os.read(0, 16):
        received += part
    if received != _STAY:
        os.kill(os.getpid(), signal.SIGTERM)


def _show(told: running_file.RunningFile, console: Console) -> None:
    for name, value in (("page", told.page_url), ("API", told.api_url), ("AWS", told.endpoint_url)):
        console.print(f"  {name:<5}{value}", highlight=False, soft_wrap=True)
    console.print(AWS_CLI, highlight=False, markup=False, soft_wrap=True)
    console.print("Stop it with `nox -s down`.", highlight=False)


def _log_file() -> Path:
    # Next to the runs' logs, and removed with old ones.
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-up-{os.getpid()}"
    return private_folder(private_folder(cache_folder() / "logs") / name) / "up.log"
