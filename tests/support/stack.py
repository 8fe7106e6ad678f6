"""A deployed stack, as the end-to-end tests see it: addresses, names and AWS clients."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
import httpx

from thumbpipe_devkit.aws import Credentials
from thumbpipe_devkit.loopback import local_client
from thumbpipe_devkit.stack.lifecycle import Stack as DevkitStack

PARTNER: Final = "https://partner.example"
"""An origin that the stack of the tests lets in, besides its own page's."""

NAMED: Final = {"User-Agent": "thumbpipe-tests"}
"""The firewall refuses who does not name his program."""

RATE_LIMIT: Final = 150
UPLOAD_RATE_LIMIT: Final = 20
"""The rate limit per address and minute of the stack with a low limit."""


@dataclass(frozen=True)
class Answer:
    """An answer to a request that was sent as it is; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Stack:
    """One deployed stack and the engine that it runs on.

    Attributes:
        credentials: The key of the engine's root.
        api_url: The distribution's address, without a slash at the end.
        page_url: The same with one.
        direct_api_url: The REST API's own address on the engine.
    """

    endpoint_url: str
    credentials: Credentials
    api_url: str
    page_url: str
    distribution_id: str
    direct_api_url: str
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

    @classmethod
    def of(cls, deployed: DevkitStack) -> "Stack":
        """Describe a stack that the devkit has deployed."""
        outputs = deployed.outputs
        names = ("region", "image_bucket", "site_bucket", "catalog_table", "queue_url", "queue_arn", "distribution_id")
        dead_letters = ("dead_letter_queue_url", "dead_letter_queue_arn")
        api = f"{outputs['rest_api_id']}/{outputs['stage_name']}"
        return cls(
            endpoint_url=deployed.endpoint_url,
            credentials=deployed.credentials,
            api_url=deployed.api_url,
            page_url=deployed.page_url,
            direct_api_url=f"{deployed.endpoint_url}/_aws/execute-api/{api}",
            **{name: str(outputs[name]) for name in (*names, *dead_letters)},
            function_names=outputs["function_names"],
            role_arns=outputs["role_arns"],
        )

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a boto3 client, of the account's root or with temporary credentials as STS returns them.

        boto3's clients are made at run time: there is no one type to return. `close` ends them.
        """
        root = self.credentials
        keys = credentials or {"AccessKeyId": root.access_key_id, "SecretAccessKey": root.secret_access_key}
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

    @cached_property
    def http(self) -> httpx.Client:
        """A client that finds the distribution by its name."""
        return local_client(timeout=30)

    @property
    def origin(self) -> str:
        """The page's origin, as a browser names it."""
        return self.api_url

    def raw(self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Ask the distribution for a target byte for byte, where an HTTP client would tidy it up."""
        parts = urlsplit(self.api_url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": parts.netloc, **NAMED, **(headers or {})}.items():
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def close(self) -> None:
        """Close the clients' connections."""
        self.http.close()
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
