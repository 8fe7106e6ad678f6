"""Canonical requests are those that botocore signs, whatever paths, parameters and headers contain."""

import string
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from support.signature_examples import body
from thumbpipe_localstack.signatures.canonical import canonical_headers, canonical_path, canonical_query
from thumbpipe_localstack.signatures.header import read_header
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.presigned import read_presigned
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import RefusedError
from thumbpipe_localstack.signatures.verify import verify

SECRET: Final = "a secret/+="  # noqa: S105 - it opens nothing
KEY: Final = Key(secret=SECRET, owner=Owner.ROOT)
CREDENTIALS: Final = Credentials("AKIA", SECRET)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.text(string.ascii_letters + string.digits + " \t%+/=:;,~*'()\"", max_size=20)


@pytest.mark.parametrize(
    ("sent", "of_s3", "of_others"),
    [
        ("/", "/", "/"),
        ("/a b", "/a%20b", "/a%20b"),
        ("/a%20b", "/a%20b", "/a%2520b"),
        ("/a+b", "/a%2Bb", "/a%2Bb"),
        ("/a%2bb", "/a%2Bb", "/a%252bb"),
        ("/a%7Eb", "/a~b", "/a%257Eb"),
        ("/a//b", "/a//b", "/a/b"),
        ("/a/./b/../c", "/a/./b/../c", "/a/c"),
        ("//", "//", "/"),
        ("/%E1%88%B4", "/%E1%88%B4", "/%25E1%2588%25B4"),
        ("/ሴ", "/%E1%88%B4", "/%E1%88%B4"),
        ("/%zz", "/%25zz", "/%25zz"),
        ("/%80", "/%80", "/%2580"),
        ("/\udc80", "/%80", "/%80"),
    ],
)
def test_the_path_of_s3_is_the_keys_own_and_that_of_others_is_normalised(sent: str, of_s3: str, of_others: str) -> None:
    assert canonical_path(sent, "s3") == of_s3
    assert canonical_path(sent, "execute-api") == of_others


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("", ""),
        ("acl", "acl="),
        ("b=2&a=1", "a=1&b=2"),
        ("a=2&a=1&a=", "a=&a=1&a=2"),
        ("a=10&a=9", "a=10&a=9"),
        ("x=a.b&x=a%2Fb", "x=a%2Fb&x=a.b"),
        ("q=a+b", "q=a%20b"),
        ("q=a%2Bb", "q=a%2Bb"),
        ("q=a=b", "q=a%3Db"),
        ("&&a=1&", "a=1"),
        ("%61=%7e", "a=~"),
        ("a=%zz", "a=%25zz"),
        ("A=1&a=1&X-Amz-Signature=2&X-Amz-Signature=3", "A=1&a=1"),
    ],
)
def test_the_query_is_sorted_and_encoded_in_one_way(sent: str, canonical: str) -> None:
    assert canonical_query(sent, without="X-Amz-Signature") == canonical


def test_a_plus_in_the_query_means_a_space() -> None:
    """The service decodes it as a space, so it must not be interchangeable with a signed plus."""
    assert canonical_query("key=a%2Bb") != canonical_query("key=a+b")


def test_headers_are_trimmed_joined_and_may_be_in_the_url() -> None:
    headers = [("X-One", " a   b "), ("x-one", "c"), ("Host", "h")]
    received = Received.create("GET", "/?X-Amz-Two=d%20%20e", headers)
    assert canonical_headers(received, ["host", "x-amz-two", "x-one", "x-three"]) == (
        "host:h\nx-amz-two:d e\nx-one:a b,c\nx-three:\n"
    )


def test_a_target_may_name_the_host() -> None:
    received = Received.create("GET", "http://example.com:8080/a%20b?c=d#e", [])
    assert (received.path, received.query) == ("/a%20b", "c=d#e")
    assert Received.create("GET", "http://example.com?c", []).path == "/"
    assert Received.create("GET", "//example.com/a", []).path == "//example.com/a"


def _receive(request: AWSRequest) -> Received:
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    headers = [(name, _text(value)) for name, value in prepared.headers.items()]
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Received.create(prepared.method, target, [("Host", parts.netloc), *headers])


def _text(value: Any) -> str:  # noqa: ANN401 - botocore has texts and bytes
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


@given(path=texts, names=st.dictionaries(texts.filter(bool), texts, max_size=4), header=values, content=st.binary())
@pytest.mark.parametrize("service", ["s3", "sqs", "execute-api"])
def test_requests_signed_by_botocore_are_valid(
    service: str, path: str, names: dict[str, str], header: str, content: bytes
) -> None:
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in names.items())
    url = f"http://localhost:4566/{quote(path, safe='/~')}?{query}"
    request = AWSRequest("POST", url, headers={"X-Amz-Meta-Text": header, "Other": "x"}, data=content)
    signer(CREDENTIALS, service, "eu-west-1").add_auth(request)
    received = _receive(request)
    verify(received, read_header(received), KEY, body(content), datetime.now(UTC))
    with pytest.raises(RefusedError):
        verify(received, read_header(received), KEY, body(content + b"x"), datetime.now(UTC))


@given(path=texts, names=st.dictionaries(texts.filter(bool), texts, max_size=4))
@pytest.mark.parametrize(("signer", "service"), [(S3SigV4QueryAuth, "s3"), (SigV4QueryAuth, "sts")])
def test_urls_presigned_by_botocore_are_valid(
    signer: Any,  # noqa: ANN401 - botocore ships no types
    service: str,
    path: str,
    names: dict[str, str],
) -> None:
    request = AWSRequest("GET", f"http://localhost:4566/{quote(path, safe='/~')}", params=names)
    signer(CREDENTIALS, service, "eu-west-1", expires=60).add_auth(request)
    received = _receive(request)
    verify(received, read_presigned(received), KEY, body(), datetime.now(UTC))
