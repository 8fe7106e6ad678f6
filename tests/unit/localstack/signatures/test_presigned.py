"""The syntax of presigned URLs, and for how long they are valid."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import pytest

from support.signature_examples import ACCESS_KEY, BUCKET, KEY, NOW, body, receive
from thumbpipe_localstack.signatures.presigned import PARAMETERS, is_presigned, read_presigned
from thumbpipe_localstack.signatures.received import Received
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError
from thumbpipe_localstack.signatures.verify import verify

PARTS: Final = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": f"{ACCESS_KEY}/20130524/us-east-1/s3/aws4_request",
    "X-Amz-Date": "20130524T000000Z",
    "X-Amz-Expires": "86400",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "0" * 64,
}


def ask(parts: dict[str, str], *headers: tuple[str, str], more: str = "") -> Received:
    return receive("GET", f"/test.txt?{urlencode(parts)}{more}", BUCKET, *headers)


@pytest.mark.parametrize("name", PARAMETERS)
def test_no_parameter_may_be_missing_or_repeated(name: str) -> None:
    without = {key: value for key, value in PARTS.items() if key != name}
    for received in (ask(without), ask(PARTS, more=f"&{name}=x")):
        assert is_presigned(received)
        with pytest.raises(RefusedError, match="requires the X-Amz-Algorithm") as refused:
            read_presigned(received)
        assert refused.value.code == "AuthorizationQueryParametersError"


def test_a_second_token_is_refused() -> None:
    with pytest.raises(RefusedError):
        read_presigned(ask(PARTS, more="&X-Amz-Security-Token=a&X-Amz-Security-Token=b"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256"}, "only supports"),
        ({"X-Amz-Credential": "AKIA/s3/aws4_request"}, "mal-formed"),
        ({"X-Amz-Date": "2013-05-24"}, "ISO8601 Long Format"),
        ({"X-Amz-Date": "Fri, 24 May 2013 00:00:00 GMT"}, "ISO8601 Long Format"),
        ({"X-Amz-SignedHeaders": "Host"}, "X-Amz-SignedHeaders"),
        ({"X-Amz-Expires": "604801"}, "less than a week"),
        ({"X-Amz-Expires": "9" * 5000}, "less than a week"),
        ({"X-Amz-Expires": "-1"}, "non-negative"),
        ({"X-Amz-Expires": "1.5"}, "should be a number"),
        ({"X-Amz-Expires": ""}, "should be a number"),
        ({"X-Amz-Expires": "²"}, "should be a number"),
    ],
)
def test_another_form_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(RefusedError, match=message) as refused:
        read_presigned(ask(PARTS | changes))
    assert (refused.value.reason, refused.value.code) == (Reason.MALFORMED, "AuthorizationQueryParametersError")


def test_a_date_that_is_not_the_scopes_is_refused() -> None:
    received = ask(PARTS | {"X-Amz-Date": "20130525T000000Z"})
    with pytest.raises(RefusedError, match="Invalid credential date") as refused:
        verify(received, read_presigned(received), KEY, body(), NOW)
    assert refused.value.code == "AuthorizationQueryParametersError"


def test_a_url_is_not_valid_before_it_was_made() -> None:
    received = ask(PARTS)
    with pytest.raises(RefusedError, match="not yet valid") as refused:
        verify(received, read_presigned(received), KEY, body(), NOW - timedelta(minutes=16))
    assert refused.value.reason is Reason.EXPIRED


def test_an_expired_url_states_when_it_expired() -> None:
    received = ask(PARTS | {"X-Amz-Expires": "60"})
    with pytest.raises(RefusedError, match="Request has expired") as refused:
        verify(received, read_presigned(received), KEY, body(), datetime(2013, 5, 24, 0, 2, tzinfo=UTC))
    assert refused.value.details == {
        "X-Amz-Expires": "60",
        "Expires": "2013-05-24T00:01:00Z",
        "ServerTime": "2013-05-24T00:02:00Z",
    }


def test_a_header_of_awss_that_is_not_signed_is_refused_but_for_the_bodys_hash() -> None:
    received = ask(PARTS, ("x-amz-acl", "public-read"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))
    with pytest.raises(RefusedError) as refused:
        verify(received, read_presigned(received), KEY, body(), NOW)
    assert refused.value.details == {"HeadersNotSigned": "x-amz-acl"}
