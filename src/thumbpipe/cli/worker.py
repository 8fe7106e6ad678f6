"""Worker processes: a crashing decoder fails one file, not the whole command."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import BinaryIO, Final, Self

from thumbpipe.cli.outcome import Job, Outcome, Stopwatch, carry_out

# The child imports from the same folders as the parent, and not from the current folder.
_START: Final = "import sys; sys.path[:] = sys.argv[1:]; from thumbpipe.cli.worker import serve; serve()"
_KILLED: Final = -9  # SIGKILL, which does not exist on Windows


class Workers:
    """Processes that render one file at a time each; they are started on demand."""

    def __init__(self) -> None:
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._all: list[subprocess.Popen[bytes]] = []
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        with self._lock:
            self._closed = True
        for process in self._all:
            process.kill()
            process.communicate()

    def carry_out(self, job: Job) -> Outcome:
        """Render a file in one of the processes; several threads may call it."""
        watch = Stopwatch()
        process = self._take()
        try:
            outcome = _ask(process, job)
        except (EOFError, OSError, pickle.UnpicklingError):
            return Outcome(
                path=job.path, elapsed_ms=watch.elapsed_ms, code="crashed", message=_last_words(process.wait())
            )
        self._idle.put(process)
        return outcome

    def _take(self) -> "subprocess.Popen[bytes]":
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        with self._lock:
            if self._closed:
                raise RuntimeError("The workers are closed.")
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-P", "-c", _START, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            self._all.append(process)
        return process


def _ask(process: "subprocess.Popen[bytes]", job: Job) -> Outcome:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    pickle.dump(job, process.stdin)
    process.stdin.flush()
    answer: Outcome = pickle.load(process.stdout)  # noqa: S301 - written by our own child process
    return answer


def _last_words(status: int) -> str:
    if status == _KILLED:
        return "The process that rendered it was killed (SIGKILL), perhaps for lack of memory."
    if status < 0:
        return f"The decoder crashed ({signal.Signals(-status).name})."
    return f"The process that rendered it ended with status {status}."


def serve() -> None:
    """Run a worker: do the jobs that arrive until there are no more."""
    # Ctrl-C is sent to the whole process group; the parent handles it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # decoders warn about files that they can read
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a decoder prints must not mix with the outcomes
    _serve(sys.stdin.buffer, answers)


def _serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    while True:
        try:
            job: Job = pickle.load(jobs)  # noqa: S301 - written by our own parent process
        except EOFError:
            return
        pickle.dump(carry_out(job), answers)
        answers.flush()
