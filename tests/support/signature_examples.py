"""Examples that AWS publishes, and similar requests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from thumbpipe_localstack.signatures.body import Body
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.received import Received

ACCESS_KEY: Final = "AKIAIOSFODNN7EXAMPLE"
SECRET: Final = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 - AWS's example
KEY: Final = Key(secret=SECRET, owner=Owner.ROOT)
NOW: Final = datetime(2013, 5, 24, tzinfo=UTC)
EMPTY: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
BUCKET: Final = ("Host", "examplebucket.s3.amazonaws.com")
DATE: Final = ("x-amz-date", "20130524T000000Z")


def receive(method: str, target: str, *headers: tuple[str, str]) -> Received:
    return Received.create(method, target, headers)


def body(content: bytes = b"") -> Body:
    return Body({"wsgi.input": BytesIO(content)})


def authorization(
    signature: str, signed_headers: str, *, service: str = "s3", date: str = "20130524"
) -> tuple[str, str]:
    scope = f"{ACCESS_KEY}/{date}/us-east-1/{service}/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={signed_headers},Signature={signature}"
    return ("Authorization", value)


def of_s3(
    method: str, target: str, signature: str, signed_headers: str, headers: Sequence[tuple[str, str]]
) -> Received:
    """Return a request of S3's API reference, with everything but its signature as it is there."""
    return receive(method, target, BUCKET, DATE, *headers, authorization(signature, signed_headers))
