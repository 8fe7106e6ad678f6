"""A deployed stack, as the end-to-end tests see it: addresses, names and AWS clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3


@dataclass(frozen=True)
class Stack:
    """One deployed stack and the engine that it runs on."""

    endpoint_url: str
    api_url: str
    page_url: str
    region: str
    image_bucket: str
    site_bucket: str
    catalog_table: str
    queue_url: str
    queue_arn: str
    dead_letter_queue_url: str
    dead_letter_queue_arn: str
    function_names: Mapping[str, str]
    role_arns: Mapping[str, str]
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, init=False)

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        """Return a boto3 client, of the account's root or with temporary credentials as STS returns them.

        boto3's clients are made at run time: there is no one type to return. `close` ends them.
        """
        keys = credentials or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        name = (service, keys["AccessKeyId"])
        if name not in self._clients:
            self._clients[name] = boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.endpoint_url,
                region_name=self.region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys.get("SessionToken"),
            )
        return self._clients[name]

    def close(self) -> None:
        """Close the clients' connections."""
        for client in self._clients.values():
            client.close()

    def depth(self, queue_url: str) -> int:
        """Count the messages of a queue, those in flight included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def drained(self) -> bool:
        """Tell whether the queue is empty."""
        return self.depth(self.queue_url) == 0
