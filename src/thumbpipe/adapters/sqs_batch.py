"""The order in which a batch of messages is processed, so that a photo that kills the function affects no other.

An invocation that runs out of time or memory ends without a response, and every message of its batch is delivered
again. It is unknown which photo was the cause. So of the messages that were delivered before and are still unfinished,
an invocation starts only one, as its last; the others are handed back, to be delivered alone. The messages finished by
then are acknowledged first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError

from thumbpipe.adapters.photo_queue import PhotoQueue
from thumbpipe.core.errors import ThumbpipeError

_SHARE_OF_TIME: Final = 3
"""The most expensive photo within the limits takes less than a third of the function's timeout."""


class NotStartedError(ThumbpipeError):
    """The message was handed back to the queue without an attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done with the messages of a batch.

    Attributes:
        handed_back: Are returned to the queue, each to be delivered alone.
        ready: Are processed first: none of them is a suspect.
        last: Are processed last, one after another.
    """

    handed_back: tuple[SQSRecord, ...]
    ready: tuple[SQSRecord, ...]
    last: tuple[SQSRecord, ...]

    @property
    def order(self) -> tuple[SQSRecord, ...]:
        """All messages in the order of their processing."""
        return (*self.handed_back, *self.ready, *self.last)


def receive_count(record: SQSRecord) -> int:
    """Return how often a message was delivered, this time included."""
    return int(record.attributes.approximate_receive_count or 1)


def plan_batch(
    records: Sequence[SQSRecord], *, max_receive_count: int, is_unfinished: Callable[[SQSRecord], bool]
) -> Plan:
    """Decide on the order of a batch.

    Args:
        records: The messages.
        max_receive_count: How often the queue delivers a message.
        is_unfinished: Says whether a photo of the message is still to be rendered; asked only of those that were
            delivered before.
    """
    suspects = [record for record in records if receive_count(record) > 1 and is_unfinished(record)]
    # A message that would not be delivered again must not be handed back.
    final = [record for record in suspects if receive_count(record) >= max_receive_count]
    last = final or suspects[:1]
    return Plan(
        handed_back=tuple(record for record in suspects if record not in last),
        ready=tuple(record for record in records if record not in suspects),
        last=tuple(last),
    )


@dataclass(kw_only=True)
class Invocation:
    """Processes the messages of one batch.

    Attributes:
        plan: Their order.
        queue: Where they come from.
        process: Processes one.
        remaining_ms: Returns the function's remaining time, in milliseconds.
        max_receive_count: How often the queue delivers a message.
        logger: The function's.
    """

    plan: Plan
    queue: PhotoQueue
    process: Callable[[SQSRecord], None]
    remaining_ms: Callable[[], int]
    max_receive_count: int
    logger: Logger
    _done: list[SQSRecord] = field(default_factory=list)
    _whole_ms: int = field(init=False)

    def __post_init__(self) -> None:
        self._whole_ms = self.remaining_ms()

    def handle(self, record: SQSRecord) -> None:
        """Process a message, or hand it back.

        Raises:
            NotStartedError: It was handed back.
        """
        if record in self.plan.handed_back:
            seconds = self.plan.handed_back.index(record) * ceil(self._whole_ms / 1000)
            self._hand_back(record, seconds, "It may have ended an earlier invocation, so it is processed alone.")
        if self._done and self._is_short_of_time() and receive_count(record) < self.max_receive_count:
            self._hand_back(record, 0, "Too little time remains.")
        if record in self.plan.last:
            self._acknowledge()
        self.process(record)
        self._done.append(record)

    def _is_short_of_time(self) -> bool:
        return self.remaining_ms() < self._whole_ms / _SHARE_OF_TIME

    def _hand_back(self, record: SQSRecord, seconds: int, reason: str) -> None:
        self._try(lambda: self.queue.hand_back(record, seconds=seconds))
        self.logger.info("Message handed back", message_id=record.message_id, seconds=seconds, reason=reason)
        raise NotStartedError(reason)

    def _acknowledge(self) -> None:
        done, self._done = self._done, []
        self._try(lambda: self.queue.acknowledge(done))

    def _try(self, call: Callable[[], None]) -> None:
        """Call the queue; if that fails, messages are delivered again after their visibility timeout."""
        try:
            call()
        except (BotoCoreError, ClientError):
            self.logger.warning("Queue request failed", exc_info=True)
