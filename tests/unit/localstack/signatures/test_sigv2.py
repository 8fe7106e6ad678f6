"""Signature Version 2 in presigned URLs of S3."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.signature_examples import ACCESS_KEY, KEY, SECRET, receive
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.sigv2 import is_old, read_old, verify_old

# "Signing and authenticating REST requests (AWS Signature Version 2)" of S3's guide.
EXAMPLE: Final = (
    f"/photos/puppy.jpg?AWSAccessKeyId={ACCESS_KEY}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
)
THEN: Final = datetime.fromtimestamp(1175139600, UTC)


def verify(received: Received, *, bucket: str = "", now: datetime = THEN, key: Key = KEY) -> None:
    verify_old(received, read_old(received), key, bucket, now)


def test_the_example_of_s3_is_true_for_its_bucket_until_its_end() -> None:
    received = receive("GET", EXAMPLE)
    assert is_old(received)
    verify(received, bucket="johnsmith")
    for changed in (receive("PUT", EXAMPLE), receive("GET", EXAMPLE.replace("puppy", "kitty"))):
        with pytest.raises(RefusedError) as refused:
            verify(changed, bucket="johnsmith")
        assert refused.value.reason is Reason.MISMATCH
    with pytest.raises(RefusedError, match="Request has expired"):
        verify(received, bucket="johnsmith", now=datetime.fromtimestamp(1175139621, UTC))
    with pytest.raises(RefusedError):
        verify(received, bucket="janesmith")


def presign(method: str, url: str, token: str | None = None, **headers: str) -> Received:
    request = AWSRequest(method, url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    HmacV1QueryAuth(Credentials(ACCESS_KEY, SECRET, token), expires=60).add_auth(request)
    parts = urlsplit(str(request.url))
    return receive(method, f"{parts.path}?{parts.query}")


@pytest.mark.parametrize(
    ("method", "url", "options"),
    [
        ("GET", "http://h/b/a%20b%2Bc//d", {}),
        ("GET", "http://h/b/k?versionId=3%2F4", {}),
        ("GET", "http://h/b/k?response-content-type=text%2Fx%20y%2Bz&response-expires=0", {}),
        ("GET", "http://h/b?acl", {}),
        ("GET", "http://h/b?list-type=2&prefix=raw%2F&max-keys=3", {}),
        ("PUT", "http://h/b/k?uploadId=u&partNumber=1", {}),
        ("PUT", "http://h/b/k", {"content_type": "image/png", "x_amz_acl": "private", "X_Amz_Meta_B": "c"}),
        ("GET", "http://h/b/k", {"token": "a/token+="}),
    ],
)
def test_urls_presigned_by_botocore_are_valid(method: str, url: str, options: dict[str, Any]) -> None:
    received = presign(method, url, **options)
    key = Key(secret=SECRET, owner=Owner.PRINCIPAL, token=options.get("token"))
    verify(received, now=datetime.now(UTC), key=key)


@pytest.mark.parametrize(
    "more",
    ["&retention", "&attributes", "&encryption", "&acl", "&x-amz-acl=public-read", "&versionId=2", "&anything=1"],
)
def test_nothing_can_be_added_that_makes_another_call_of_it(more: str) -> None:
    received = presign("GET", "http://h/b/k")
    changed = receive("GET", f"{received.path}?{received.query}{more}")
    with pytest.raises(RefusedError):
        verify(changed, now=datetime.now(UTC))


def test_an_added_amz_header_breaks_the_signature() -> None:
    received = presign("PUT", "http://h/b/k")
    changed = receive("PUT", f"{received.path}?{received.query}", ("x-amz-acl", "public-read"))
    with pytest.raises(RefusedError) as refused:
        verify(changed, now=datetime.now(UTC))
    assert refused.value.reason is Reason.MISMATCH


@pytest.mark.parametrize(
    "query",
    [
        f"AWSAccessKeyId={ACCESS_KEY}&Signature=a",
        f"AWSAccessKeyId={ACCESS_KEY}&Signature=a&Expires=",
        f"AWSAccessKeyId={ACCESS_KEY}&Signature=a&Expires=soon",
        f"AWSAccessKeyId={ACCESS_KEY}&Signature=a&Expires={'9' * 5000}",
        f"AWSAccessKeyId={ACCESS_KEY}&Signature=a&Expires=1&Expires=2",
        f"AWSAccessKeyId={ACCESS_KEY}&AWSAccessKeyId=b&Signature=a&Expires=1",
    ],
)
def test_another_form_is_refused(query: str) -> None:
    with pytest.raises(RefusedError, match="requires the Signature, Expires and AWSAccessKeyId"):
        read_old(receive("GET", f"/b/k?{query}"))


def test_a_temporary_key_requires_its_token() -> None:
    key = Key(secret=SECRET, owner=Owner.PRINCIPAL, token="mine")  # noqa: S106 - no password
    with pytest.raises(RefusedError) as refused:
        verify(presign("GET", "http://h/b/k"), now=datetime.now(UTC), key=key)
    assert refused.value.reason is Reason.UNKNOWN_KEY
