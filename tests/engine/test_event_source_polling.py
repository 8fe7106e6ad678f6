"""The poller of queues, in the engine's Python: its requests to a queue, and their timing."""

import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Final

BEGIN: Final = """
import threading
from types import SimpleNamespace
from thumbpipe_localstack.lambda_executor.integration.sqs_polling import ParallelSqsPoller

class Queue:
    def __init__(self, *batches):
        self.batches, self.asked = list(batches), []

    def receive_message(self, **asked):
        self.asked.append(asked)
        return {"Messages": self.batches.pop(0)} if self.batches else {}

def make(queue, handle, limit, window=0):
    # What LocalStack's poller is asked for, and no more.
    poller = SimpleNamespace(
        source_client=queue, queue_url="q", batch_size=3, maximum_batching_window=window, source_arn="arn",
        handle_messages=handle, close=lambda: None,
    )
    return ParallelSqsPoller(poller, limit)
"""


def run(python: Path, code: str) -> None:
    """Run code in the engine's Python; its assertions are the test's."""
    ran = subprocess.run([python, "-c", BEGIN + dedent(code)], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr


def test_an_empty_queue_is_asked_again_and_again_each_time_with_a_wait(engine_python: Path) -> None:
    run(
        engine_python,
        """
        queue = Queue()
        poller = make(queue, None, limit=1)
        for _ in range(5):
            poller.poll_events()  # an exception would have LocalStack leave the queue alone for a while
        assert [asked["WaitTimeSeconds"] for asked in queue.asked] == [2] * 5
        assert {asked["MaxNumberOfMessages"] for asked in queue.asked} == {3}
        """,
    )


def test_a_mappings_own_window_is_waited_for(engine_python: Path) -> None:
    run(
        engine_python,
        """
        for window, waited in ((1, 1), (20, 20), (300, 20)):
            queue = Queue()
            make(queue, None, limit=1, window=window).poll_events()
            assert queue.asked[0]["WaitTimeSeconds"] == waited, window
            assert queue.asked[0]["sqs_override_wait_time_seconds"] == window
        """,
    )


def test_concurrent_batches_are_limited_and_a_failure_frees_its_slot(engine_python: Path) -> None:
    run(
        engine_python,
        """
        at_work, most, lock, go_on = 0, 0, threading.Lock(), threading.Event()

        def handle(messages):
            global at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            assert go_on.wait(30)
            with lock:
                at_work -= 1
            raise ValueError("no good")

        queue = Queue(*[["a message"]] * 6)
        poller = make(queue, handle, limit=2)
        polling = threading.Thread(target=lambda: [poller.poll_events() for _ in range(6)])
        polling.start()
        polling.join(0.2)  # as far as it gets
        assert polling.is_alive()
        assert len(queue.asked) == 2, "no message is taken that nobody can work at"
        go_on.set()
        polling.join(30)
        assert not polling.is_alive()
        assert (len(queue.asked), most) == (6, 2)
        """,
    )


def test_a_failed_receive_does_not_occupy_a_slot(engine_python: Path) -> None:
    run(
        engine_python,
        """
        class Broken(Queue):
            def receive_message(self, **asked):
                self.asked.append(asked)
                raise ConnectionError

        queue = Broken()
        poller = make(queue, None, limit=1)
        for _ in range(3):
            try:
                poller.poll_events()
            except ConnectionError:
                pass
        assert len(queue.asked) == 3
        """,
    )
