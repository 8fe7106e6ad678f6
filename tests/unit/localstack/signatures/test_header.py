"""The syntax of the Authorization header."""

from typing import Final

import pytest

from support.signature_examples import ACCESS_KEY, DATE, receive
from thumbpipe_localstack.signatures.claim import parse_signed_headers
from thumbpipe_localstack.signatures.header import read_header
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.scope import Scope

CREDENTIAL: Final = f"Credential={ACCESS_KEY}/20130524/us-east-1/s3/aws4_request"
BEYOND: Final = (
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2024 00:00:00 +99999999999999999999",
    "Fri, 31 Dec 9999 23:59:59 -0100",
    "Mon, 01 Jan 0900 00:00:00 GMT",
    "99999999991324T000000Z",
)
REST: Final = "SignedHeaders=host;x-amz-date, Signature=abc"


def test_the_parts_are_read_with_and_without_spaces() -> None:
    for separator in (",", ", ", " , "):
        value = f"AWS4-HMAC-SHA256 {separator.join([CREDENTIAL, 'SignedHeaders=host;x-amz-date', 'Signature=abc'])}"
        claim = read_header(receive("GET", "/", DATE, ("Authorization", value), ("X-Amz-Security-Token", "t")))
        assert claim.scope == Scope(access_key=ACCESS_KEY, date="20130524", region="us-east-1", service="s3")
        assert claim.signed_headers == ("host", "x-amz-date")
        assert (claim.signature, claim.token, claim.payload, claim.is_presigned) == ("abc", "t", None, False)


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("AWS AKIA:abc=", "InvalidRequest", "Please use AWS4-HMAC-SHA256"),
        ("AWS4-ECDSA-P256-SHA256 Credential=x", "InvalidRequest", "Signature Version 4A"),
        ("AWS4-HMAC-SHA512 Credential=x", "InvalidArgument", "Unsupported"),
        ("Bearer token", "InvalidArgument", "Unsupported"),
        ("Basic dXNlcjpwYXNz", "InvalidArgument", "Unsupported"),
        ("", "InvalidArgument", "Unsupported"),
        ("AWS4-HMAC-SHA256", "", "three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}", "", "three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}, More=x", "", "three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, {CREDENTIAL}, {REST}", "", "three components"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}, Signature=def", "", "three components"),
        (f"AWS4-HMAC-SHA256 Credential=AKIA/20130524/s3/aws4_request, {REST}", "", "mal-formed"),
        (f"AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s3/aws4_request, {REST}", "", "mal-formed"),
        (f"AWS4-HMAC-SHA256 Credential=AKIA/20130524/us-east-1//aws4_request, {REST}", "", "mal-formed"),
        (f"AWS4-HMAC-SHA256 Credential=AKIA/20130524/us-east-1/s3/aws3_request, {REST}", "", "mal-formed"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=, Signature=abc", "", "mal-formed"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=Host, Signature=abc", "", "mal-formed"),
        (f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;;x, Signature=abc", "", "mal-formed"),
    ],
)
def test_another_form_is_refused(value: str, code: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message) as refused:
        read_header(receive("GET", "/", DATE, ("Authorization", value)))
    assert (refused.value.reason, refused.value.code) == (Reason.MALFORMED, code)


def test_a_repeated_header_counts_as_missing() -> None:
    value = f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}"
    with pytest.raises(RefusedError, match="three components"):
        read_header(receive("GET", "/", DATE, ("Authorization", value), ("Authorization", value)))


@pytest.mark.parametrize(
    ("headers", "timestamp"),
    [
        ([("X-Amz-Date", "20130524T010203Z")], "20130524T010203Z"),
        ([("Date", "Fri, 24 May 2013 01:02:03 GMT")], "20130524T010203Z"),
        ([("Date", "Fri, 24 May 2013 03:02:03 +0200")], "20130524T010203Z"),
        ([("Date", "Fri, 24 May 2013 01:02:03 -0000")], "20130524T010203Z"),
        ([("Date", "20130524T010203Z")], "20130524T010203Z"),
        ([("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("X-Amz-Date", "20130524T010203Z")], "20130524T010203Z"),
    ],
)
def test_either_date_header_states_the_time_of_signing(headers: list[tuple[str, str]], timestamp: str) -> None:
    value = f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}"
    assert read_header(receive("GET", "/", ("Authorization", value), *headers)).timestamp == timestamp


@pytest.mark.parametrize("date", ["", "today", "2013-05-24T00:00:00Z", "20131324T000000Z", "20130524", *BEYOND])
def test_a_malformed_date_is_refused(date: str) -> None:
    value = f"AWS4-HMAC-SHA256 {CREDENTIAL}, {REST}"
    with pytest.raises(RefusedError, match="valid Date or x-amz-date"):
        read_header(receive("GET", "/", ("Authorization", value), ("X-Amz-Date", date)))


@pytest.mark.parametrize("text", ["", "host;", "Host", "host x", "ä", "host\n"])
def test_a_malformed_list_of_headers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a list of headers"):
        parse_signed_headers(text)
