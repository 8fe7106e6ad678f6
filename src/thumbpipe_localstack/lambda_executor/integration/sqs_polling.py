"""Event source mappings of standard SQS queues, polled as Lambda does: without pauses, and several batches at a time.

LocalStack polls a queue, waits for the function's response, then sleeps, up to ten seconds if the queue was empty.
Lambda uses long polling and processes several batches concurrently, up to the mapping's ``MaximumConcurrency``.
"""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from localstack.aws.api.sqs import MessageSystemAttributeName
from localstack.services.lambda_.event_source_mapping import esm_worker
from localstack.services.lambda_.event_source_mapping.esm_worker_factory import EsmWorkerFactory
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller
from localstack.utils.patch import patch

_LOG: Final = logging.getLogger(__name__)
_WAIT_SECONDS: Final = 2  # how long a deleted or disabled mapping waits for its last request
_MESSAGES_A_REQUEST: Final = 10
_INTERVAL_VARIABLE: Final = "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC"
_INTERVAL_SECONDS: Final = 0.01


class ParallelSqsPoller:
    """Replaces LocalStack's poller, and has it process batches in threads.

    Args:
        poller: LocalStack's poller of a standard queue.
        limit: Most batches that are processed at a time.
    """

    def __init__(self, poller: SqsPoller, limit: int) -> None:
        self._poller = poller
        self._slots = threading.BoundedSemaphore(limit)
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix="lambda-sqs")

    def poll_events(self) -> None:
        """Receive messages, once a batch can be processed, and process them in a thread."""
        self._slots.acquire()
        try:
            messages = self._receive()
        except BaseException:
            self._slots.release()
            raise
        if messages:
            self._pool.submit(self._handle, messages)
        else:
            self._slots.release()

    def close(self) -> None:
        """Stop polling; batches in progress are finished."""
        self._pool.shutdown(wait=False)
        self._poller.close()

    def _receive(self) -> list[dict[str, Any]]:
        poller = self._poller
        # The overrides are LocalStack's own, for limits that SQS lifts for Lambda.
        answer = poller.source_client.receive_message(
            QueueUrl=poller.queue_url,
            MaxNumberOfMessages=min(poller.batch_size, _MESSAGES_A_REQUEST),
            WaitTimeSeconds=min(poller.maximum_batching_window or _WAIT_SECONDS, 20),
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=[MessageSystemAttributeName.All],
            sqs_override_max_message_count=poller.batch_size,
            sqs_override_wait_time_seconds=poller.maximum_batching_window,
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        try:
            self._poller.handle_messages(messages)
        except Exception as error:  # noqa: BLE001 - the messages return to the queue, as with LocalStack's own poller
            _LOG.warning("Processing a batch of %s failed: %s", self._poller.source_arn, error)
        finally:
            self._slots.release()


def poll_in_parallel(default_limit: int) -> None:
    """Replace the pollers of all mappings that are created from now on.

    Args:
        default_limit: Most batches that are processed at a time for a mapping without maximum concurrency.
    """
    if not os.environ.get(_INTERVAL_VARIABLE):
        esm_worker.LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC = _INTERVAL_SECONDS

    @patch(EsmWorkerFactory.get_esm_worker)  # type: ignore[untyped-decorator]
    def get_esm_worker(original: Callable[[object], Any], factory: Any) -> Any:  # noqa: ANN401 - LocalStack has no types
        worker = original(factory)
        if isinstance(worker.poller, SqsPoller) and not worker.poller.is_fifo_queue:
            limit = factory.esm_config.get("ScalingConfig", {}).get("MaximumConcurrency", default_limit)
            worker.poller = ParallelSqsPoller(worker.poller, limit)
        return worker
