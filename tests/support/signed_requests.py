"""Requests to an engine, signed or not, of which each part can be changed before they are sent."""

import http.client
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import Message
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED, auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from support.plugin_engine import Engine

SECONDS: Final = 60


@dataclass(frozen=True)
class Keys:
    """An access key."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, engine: Engine) -> "Keys":
        return cls(engine.access_key, engine.secret_key)

    @classmethod
    def read(cls, credentials: Mapping[str, Any]) -> "Keys":
        """Take what STS or IAM answered."""
        token = credentials.get("SessionToken")
        return cls(credentials["AccessKeyId"], credentials["SecretAccessKey"], token)

    def client(self, engine: Engine, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        return engine.client(service, **keys, **({"aws_session_token": self.token} if self.token else {}))


def s3_client(
    engine: Engine, keys: Keys | None = None, version: str = "s3v4", *, in_host: bool = False, verify: bool = True
) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of S3 that signs, and presigns, in one of its two ways."""
    mine = keys or Keys.of(engine)
    create: Callable[..., Any] = boto3.client
    return create(
        "s3",
        endpoint_url=engine.url,
        region_name="us-east-1",
        verify=verify,
        aws_access_key_id=mine.access_key,
        aws_secret_access_key=mine.secret_key,
        aws_session_token=mine.token,
        config=Config(signature_version=version, s3={"addressing_style": "virtual" if in_host else "path"}),
    )


def unsigned_client(engine: Engine, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client that signs nothing."""
    config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    create: Callable[..., Any] = boto3.client
    return create(service, endpoint_url=engine.url, region_name="us-east-1", config=config)


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    def change(self, **changes: Any) -> "Sent":  # noqa: ANN401 - values of the fields
        """Return it with other fields; headers are added, and None takes one away."""
        headers = {**self.headers, **changes.pop("headers", {})}
        kept = {name: value for name, value in headers.items() if value is not None}
        return replace(self, headers=kept, **changes)


@dataclass(frozen=True)
class Answer:
    """The engine's response."""

    status: int
    headers: Message
    body: bytes

    @property
    def code(self) -> str:
        """The error's code, whatever the document."""
        if self.body.lstrip().startswith(b"<"):
            return self.element("Code") or ""
        told = json.loads(self.body or b"{}")
        return str(told.get("__type") or self.headers.get("x-amzn-ErrorType") or told.get("message") or "")

    def element(self, name: str) -> str | None:
        """Return the text of an XML document's first element of that name."""
        root = ET.fromstring(self.body)  # noqa: S314 - of an engine of this test
        return next((item.text for item in root.iter() if item.tag.rpartition("}")[2] == name), None)


def make(engine: Engine, method: str, target: str, *, body: bytes = b"", **headers: str) -> Sent:
    """Return an unsigned request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(method, target, {"Host": urlsplit(engine.url).netloc, **named}, body)


def sign(  # noqa: PLR0913 - each is part of a signature
    sent: Sent,
    keys: Keys,
    service: str,
    *,
    region: str = "us-east-1",
    at: datetime | None = None,
    signer: Any = None,  # noqa: ANN401 - botocore ships no types
) -> Sent:
    """Sign a request as botocore does."""
    request = AWSRequest(sent.method, f"http://{sent.headers['Host']}{sent.target}", data=sent.body)
    for name, value in sent.headers.items():
        request.headers[name] = value
    chosen = signer or (auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth)
    credentials = Credentials(keys.access_key, keys.secret_key, keys.token)
    with patch.object(auth, "get_current_datetime", lambda: at or datetime.now(UTC)):
        chosen(credentials, service, region).add_auth(request)
    parts = urlsplit(str(request.url))
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return replace(sent, target=target, headers={name: _text(value) for name, value in request.headers.items()})


def _text(value: Any) -> str:  # noqa: ANN401 - botocore has texts and bytes
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def send(engine: Engine, sent: Sent) -> Answer:
    """Send a request as it is: nothing is encoded, added or left out but the body's length."""
    connection = http.client.HTTPConnection(urlsplit(engine.url).netloc, timeout=SECONDS)
    try:
        connection.putrequest(sent.method, sent.target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.headers.items():
            connection.putheader(name, value.encode("latin-1"))
        if sent.body or sent.method in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(sent.body)))
        connection.endheaders(sent.body or None)
        answer = connection.getresponse()
        return Answer(answer.status, answer.msg, answer.read())
    finally:
        connection.close()
