"""The photo queue, as the function that processes its messages uses it."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class PhotoQueue:
    """The queue that messages come from.

    Args:
        make_client: Makes an SQS client; called once, when it is needed.
    """

    def __init__(self, make_client: Callable[[], "SQSClient"]) -> None:
        self._make_client = make_client
        self._urls: dict[str, str] = {}

    @cached_property
    def _client(self) -> "SQSClient":
        return self._make_client()

    def acknowledge(self, records: Sequence[SQSRecord]) -> None:
        """Delete messages now, not with the batch: then they are not delivered again if the function is killed."""
        if records:
            self._client.delete_message_batch(
                QueueUrl=self._url(records[0]),
                Entries=[
                    {"Id": str(number), "ReceiptHandle": record.receipt_handle} for number, record in enumerate(records)
                ],
            )

    def hand_back(self, record: SQSRecord, *, seconds: int) -> None:
        """Return a message to the queue, to be delivered again after some seconds, not after its visibility timeout."""
        self._client.change_message_visibility(
            QueueUrl=self._url(record), ReceiptHandle=record.receipt_handle, VisibilityTimeout=seconds
        )

    def _url(self, record: SQSRecord) -> str:
        name = record.event_source_arn.rpartition(":")[2]
        if name not in self._urls:
            self._urls[name] = self._client.get_queue_url(QueueName=name)["QueueUrl"]
        return self._urls[name]
