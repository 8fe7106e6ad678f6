"""Terraform's apply, beside whose last minute the stack is used already."""

import subprocess
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Final

from thumbpipe_devkit.processes.background import Background
from thumbpipe_devkit.terraform.messages import Progress
from thumbpipe_devkit.terraform.workspace import Outputs

# What no photo needs, and what the AWS provider waits for longest: it reads each of these again and again, for 25 and
# 55 seconds, until it believes that AWS has it everywhere.
LATE: Final = frozenset({"aws_s3_bucket_lifecycle_configuration", "aws_sqs_queue_redrive_policy"})
_AGAIN_S: Final = 0.3


class Applying:
    """An apply that is under way.

    Args:
        background: Where it runs.
        apply: Runs it to its end and returns the outputs; calls its argument after each of Terraform's messages.
        known_outputs: Returns the outputs that are known by now.
    """

    def __init__(
        self,
        background: Background,
        apply: Callable[[Callable[[Progress], None]], Outputs],
        known_outputs: Callable[[], Outputs],
    ) -> None:
        self._known_outputs = known_outputs
        self._expected: frozenset[str] = frozenset()
        self._progressed = threading.Event()
        self._applied: futures.Future[Outputs] = background.submit(apply, self._watch)
        self._applied.add_done_callback(lambda _: self._progressed.set())

    def wait_until_usable(self) -> Outputs:
        """Wait until all but `LATE` is there, or until the end if that comes first, and return the outputs.

        Raises:
            SetupError: The apply has failed.
        """
        self._progressed.wait()
        while not self._applied.done():
            try:
                outputs = self._known_outputs()
            except subprocess.CalledProcessError:
                outputs = {}  # Terraform was writing its state
            if self._expected <= outputs.keys():
                return outputs
            futures.wait([self._applied], _AGAIN_S)
        return self._applied.result()

    def wait(self) -> Outputs:
        """Wait until the end, and return the outputs.

        Raises:
            SetupError: The apply has failed.
        """
        return self._applied.result()

    def _watch(self, progress: Progress) -> None:
        if progress.lacks_only(LATE):
            self._expected = progress.outputs
            self._progressed.set()
