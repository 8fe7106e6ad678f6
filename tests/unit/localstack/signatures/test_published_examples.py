"""The examples that AWS publishes are valid, and variations of them are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from support.signature_examples import ACCESS_KEY, BUCKET, EMPTY, KEY, NOW, body, of_s3, receive
from thumbpipe_localstack.signatures.header import read_header
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.presigned import read_presigned
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.verify import verify

HASH: Final = ("x-amz-content-sha256", EMPTY)
WELCOME: Final = b"Welcome to Amazon S3."
PUT: Final = of_s3(
    "PUT",
    "/test%24file.text",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    [
        ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ],
)
GET: Final = of_s3(
    "GET",
    "/test.txt",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    "host;range;x-amz-content-sha256;x-amz-date",
    [("Range", "bytes=0-9"), HASH],
)
LIFECYCLE: Final = of_s3(
    "GET",
    "/?lifecycle",
    "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    "host;x-amz-content-sha256;x-amz-date",
    [HASH],
)
LIST: Final = of_s3(
    "GET",
    "/?max-keys=2&prefix=J",
    "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    "host;x-amz-content-sha256;x-amz-date",
    [HASH],
)
PRESIGNED: Final = (
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    f"&X-Amz-Credential={ACCESS_KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
    "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)


@pytest.mark.parametrize("received", [GET, LIFECYCLE, LIST], ids=["object", "lifecycle", "list"])
def test_the_examples_of_s3_are_true(received: Received) -> None:
    verify(received, read_header(received), KEY, body(), NOW)


def test_the_documented_put_example_verifies_only_with_its_own_body() -> None:
    verify(PUT, read_header(PUT), KEY, body(WELCOME), NOW)
    with pytest.raises(RefusedError) as refused:
        verify(PUT, read_header(PUT), KEY, body(WELCOME + b"!"), NOW)
    assert refused.value.reason is Reason.WRONG_BODY


def test_the_example_of_a_presigned_url_is_true_for_a_day() -> None:
    received = receive("GET", PRESIGNED, BUCKET)
    verify(received, read_presigned(received), KEY, body(), datetime(2013, 5, 24, 23, 59, tzinfo=UTC))
    with pytest.raises(RefusedError) as refused:
        verify(received, read_presigned(received), KEY, body(), datetime(2013, 5, 25, 0, 1, tzinfo=UTC))
    assert refused.value.reason is Reason.EXPIRED


@pytest.mark.parametrize(
    "changed",
    [
        replace(GET, method="DELETE"),
        replace(GET, path="/test.tx"),
        replace(GET, path="/test.txt/"),
        replace(GET, query="acl"),
        replace(GET, headers={**GET.headers, "host": ("otherbucket.s3.amazonaws.com",)}),
        replace(GET, headers={**GET.headers, "range": ("bytes=0-99",)}),
        replace(GET, headers={name: value for name, value in GET.headers.items() if name != "range"}),
    ],
    ids=["method", "path", "slash", "query", "host", "header", "header-gone"],
)
def test_signed_parts_cannot_be_changed(changed: Received) -> None:
    with pytest.raises(RefusedError) as refused:
        verify(changed, read_header(changed), KEY, body(), NOW)
    assert refused.value.reason is Reason.MISMATCH


def test_neither_the_secret_nor_the_expected_signature_is_revealed() -> None:
    other = Key(secret="another secret", owner=Owner.ROOT)  # noqa: S106 - it is no password
    changed = replace(GET, path="/other.txt")
    with pytest.raises(RefusedError) as refused:
        verify(changed, read_header(changed), other, body(), NOW)
    told = repr(refused.value.details) + refused.value.message + repr(other)
    assert other.secret not in told
    assert refused.value.details["SignatureProvided"] == read_header(GET).signature
    assert "/other.txt" in refused.value.details["CanonicalRequest"]


# AWS's Signature Version 4 test suite, which signs for a service by the name of "service".
SUITE_KEY: Final = Key(secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", owner=Owner.ROOT)  # noqa: S106 - AWS's example
SUITE_NOW: Final = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SUITE: Final = {
    "get-vanilla": ("/", [], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    "get-unreserved": (
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        [],
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
    ),
    "get-slashes": ("//example//", [], "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
    "get-vanilla-query-order-key-case": (
        "/?Param2=value2&Param1=value1",
        [],
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-vanilla-query-order-value": (
        "/?Param1=value2&Param1=value1",
        [],
        "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
    ),
    "get-vanilla-utf8-query": (
        "/?ሴ=bar",
        [],
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ),
    "get-header-value-order": (
        "/",
        [("My-Header1", value) for value in ("value4", "value1", "value3", "value2")],
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    ),
    "get-header-key-duplicate": (
        "/",
        [("My-Header1", value) for value in ("value2", "value2", "value1")],
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    "get-header-value-trim": (
        "/",
        [("My-Header1", " value1"), ("My-Header2", '"a   b   c"')],
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
}


@pytest.mark.parametrize("name", SUITE)
def test_the_requests_of_awss_test_suite_are_true(name: str) -> None:
    target, headers, signature = SUITE[name]
    signed = ";".join(sorted({"host", "x-amz-date", *(header.lower() for header, _ in headers)}))
    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
    common = [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"), ("Authorization", value)]
    received = receive("GET", target, *common, *headers)
    verify(received, read_header(received), SUITE_KEY, body(), SUITE_NOW)


def test_the_body_of_other_services_is_signed_even_without_a_hash_header() -> None:
    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=content-type;host;x-amz-date, Signature={signature}"
    headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Host", "example.amazonaws.com"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("Authorization", value),
    ]
    received = receive("POST", "/", *headers)
    verify(received, read_header(received), SUITE_KEY, body(b"Param1=value1"), SUITE_NOW)
    with pytest.raises(RefusedError):
        verify(received, read_header(received), SUITE_KEY, body(b"Param1=value2"), SUITE_NOW)
    claimed = receive("POST", "/", *headers, ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))
    with pytest.raises(RefusedError):
        verify(claimed, read_header(claimed), SUITE_KEY, body(b"Param1=value2"), SUITE_NOW)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_more_than_a_quarter_of_an_hour_off_is_refused(minutes: int) -> None:
    with pytest.raises(RefusedError) as refused:
        verify(GET, read_header(GET), KEY, body(), NOW + timedelta(minutes=minutes))
    assert refused.value.reason is Reason.SKEWED
    verify(GET, read_header(GET), KEY, body(), NOW + timedelta(minutes=minutes * 14 / 16))


def test_a_header_of_awss_that_is_not_signed_is_refused() -> None:
    added = replace(GET, headers={**GET.headers, "x-amz-acl": ("public-read",)})
    with pytest.raises(RefusedError) as refused:
        verify(added, read_header(added), KEY, body(), NOW)
    assert refused.value.reason is Reason.UNSIGNED_HEADERS
    assert refused.value.details == {"HeadersNotSigned": "x-amz-acl"}


def test_a_signature_without_the_host_is_refused() -> None:
    received = of_s3("GET", "/test.txt", "0" * 64, "x-amz-content-sha256;x-amz-date", [HASH])
    with pytest.raises(RefusedError) as refused:
        verify(received, read_header(received), KEY, body(), NOW)
    assert refused.value.details == {"HeadersNotSigned": "host"}


def test_s3_requires_the_bodys_hash() -> None:
    received = of_s3("GET", "/test.txt", "0" * 64, "host;x-amz-date", [])
    with pytest.raises(RefusedError, match="Missing required header") as refused:
        verify(received, read_header(received), KEY, body(), NOW)
    assert refused.value.code == "InvalidRequest"


@pytest.mark.parametrize("payload", ["", "0" * 63, "Ä" * 64, "STREAMING", "unsigned-payload"])
def test_a_malformed_hash_is_refused(payload: str) -> None:
    headers = [("x-amz-content-sha256", payload)]
    received = of_s3("GET", "/test.txt", "0" * 64, "host;x-amz-content-sha256;x-amz-date", headers)
    with pytest.raises(RefusedError, match="x-amz-content-sha256 must be") as refused:
        verify(received, read_header(received), KEY, body(), NOW)
    assert refused.value.code == "InvalidArgument"


def test_a_date_that_is_not_the_scopes_is_refused() -> None:
    changed = replace(GET, headers={**GET.headers, "x-amz-date": ("20130525T000000Z",)})
    with pytest.raises(RefusedError, match="Invalid credential date") as refused:
        verify(changed, read_header(changed), KEY, body(), NOW)
    assert refused.value.reason is Reason.MALFORMED
