"""Signatures in the Authorization header: every part is verified, and each kind of API has its own error."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from support.plugin_engine import Engine
from support.signed_requests import Keys, Sent, make, send, sign, unsigned_client

# Of each protocol one or two: what is called, and what AWS answers for an unknown key, a wrong secret, and none.
QUERY: Final = (403, "InvalidClientTokenId", "SignatureDoesNotMatch", "MissingAuthenticationToken")
JSON: Final = (400, "UnrecognizedClientException", "InvalidSignatureException", "MissingAuthenticationTokenException")
REST_JSON: Final = (403, *JSON[1:])
S3: Final = (403, "InvalidAccessKeyId", "SignatureDoesNotMatch", "MissingAuthenticationToken")
EC2: Final = (401, "AuthFailure", "AuthFailure", "AuthFailure")
SERVICES: Final = {
    "s3": ("list_buckets", S3),
    "cloudfront": ("list_distributions", QUERY),
    "iam": ("list_users", QUERY),
    "sts": ("get_caller_identity", QUERY),
    "sns": ("list_topics", QUERY),
    "cloudformation": ("describe_stacks", QUERY),
    "ec2": ("describe_vpcs", EC2),
    "sqs": ("list_queues", QUERY),
    "dynamodb": ("list_tables", JSON),
    "kms": ("list_keys", JSON),
    "ssm": ("describe_parameters", JSON),
    "logs": ("describe_log_groups", JSON),
    "events": ("list_rules", JSON),
    "secretsmanager": ("list_secrets", JSON),
    "lambda": ("list_functions", REST_JSON),
    "apigateway": ("get_rest_apis", REST_JSON),
}


def refuse(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value.response["ResponseMetadata"]["HTTPStatusCode"], refused.value.response["Error"]["Code"]


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_root_users_key_is_accepted(verifying_engine: Engine, service: str) -> None:
    operation, (status, unknown, mismatch, _) = SERVICES[service]
    root = Keys.of(verifying_engine)
    assert getattr(root.client(verifying_engine, service), operation)()["ResponseMetadata"]["HTTPStatusCode"] == 200
    stranger = Keys("test", "test").client(verifying_engine, service)
    assert refuse(getattr(stranger, operation)) == (status, unknown)
    liar = Keys(root.access_key, "test").client(verifying_engine, service)
    assert refuse(getattr(liar, operation)) == (status, mismatch)


# Without a signature, LocalStack takes a REST call of these for one of S3.
TAKEN_FOR_S3: Final = ("s3", "cloudfront", "apigateway")


@pytest.mark.parametrize("service", [name for name in SERVICES if name not in TAKEN_FOR_S3])
def test_an_unsigned_call_is_refused(verifying_engine: Engine, service: str) -> None:
    operation, (status, _, _, unsigned) = SERVICES[service]
    assert refuse(getattr(unsigned_client(verifying_engine, service), operation)) == (status, unsigned)


@pytest.mark.parametrize("service", TAKEN_FOR_S3)
def test_an_unsigned_rest_call_is_refused(verifying_engine: Engine, service: str) -> None:
    operation = SERVICES[service][0]
    assert refuse(getattr(unsigned_client(verifying_engine, service), operation))[0] == 403


@pytest.mark.parametrize("access_key", ["000000000000", "111111111111", "__internal_call__", "injectedaccesskey"])
def test_localstacks_internal_keys_are_not_accepted(verifying_engine: Engine, access_key: str) -> None:
    for secret in ("test", "__internal_call__", access_key):
        client = Keys(access_key, secret).client(verifying_engine, "s3")
        assert refuse(client.list_buckets)[0] == 403


@pytest.mark.parametrize("access_key", ["AKIAIOSFODNN7EXAMPLE", "LKIAQAAAAAAAABCDEFGH", "LSIARZPUZDIKGB2VALC4", "x"])
def test_an_invented_key_is_refused(verifying_engine: Engine, access_key: str) -> None:
    client = Keys(access_key, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY").client(verifying_engine, "sts")
    assert refuse(client.get_caller_identity) == (403, "InvalidClientTokenId")


@pytest.fixture(scope="module")
def bucket(verifying_engine: Engine) -> str:
    name = f"signed-{uuid.uuid4().hex[:8]}"
    verifying_engine.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="module")
def written(verifying_engine: Engine, bucket: str) -> Sent:
    """A PUT of an object, signed."""
    headers = {"Content-Type": "text/plain", "x-amz-meta-colour": "red"}
    sent = make(verifying_engine, "PUT", f"/{bucket}/key?x-id=PutObject", body=b"content", **headers)
    return sign(sent, Keys.of(verifying_engine), "s3")


def test_a_signed_put_is_accepted(verifying_engine: Engine, written: Sent) -> None:
    assert send(verifying_engine, written).status == 200


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"method": "DELETE"}, 403, "SignatureDoesNotMatch"),
        ({"target": "/other/key?x-id=PutObject"}, 403, "SignatureDoesNotMatch"),
        ({"target": "/key"}, 403, "SignatureDoesNotMatch"),
        ({"body": b"CONTENT"}, 400, "XAmzContentSHA256Mismatch"),
        ({"headers": {"Host": "localhost:1"}}, 403, "SignatureDoesNotMatch"),
        ({"headers": {"Content-Type": "text/html"}}, 403, "SignatureDoesNotMatch"),
        ({"headers": {"x-amz-meta-colour": "blue"}}, 403, "SignatureDoesNotMatch"),
        ({"headers": {"x-amz-meta-colour": None}}, 403, "SignatureDoesNotMatch"),
        ({"headers": {"x-amz-acl": "public-read"}}, 403, "AccessDenied"),
        ({"headers": {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}}, 403, "SignatureDoesNotMatch"),
        ({"headers": {"X-Amz-Content-SHA256": None}}, 400, "InvalidRequest"),
        ({"headers": {"X-Amz-Date": None}}, 403, "AccessDenied"),
        ({"headers": {"X-Amz-Date": "20200101T000000Z"}}, 400, "AuthorizationHeaderMalformed"),
        ({"headers": {"X-Amz-Security-Token": "a token"}}, 400, "InvalidToken"),
        ({"headers": {"Authorization": None}}, 403, "AccessDenied"),
        ({"headers": {"Authorization": "AWS key:signature"}}, 400, "InvalidRequest"),
        ({"headers": {"Authorization": "Bearer token"}}, 400, "InvalidArgument"),
        ({"headers": {"Authorization": "AWS4-HMAC-SHA256 Credential=a/b"}}, 400, "AuthorizationHeaderMalformed"),
    ],
)
def test_no_part_of_a_signed_request_can_be_changed(
    verifying_engine: Engine, written: Sent, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = send(verifying_engine, written.change(**changes))
    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    "target", ["/{0}/key2", "/{0}/key?acl", "/{0}/key?x-id=PutObject&acl", "/{0}//key", "/{0}/./key"]
)
def test_another_path_or_query_is_not_what_was_signed(
    verifying_engine: Engine, bucket: str, written: Sent, target: str
) -> None:
    answer = send(verifying_engine, written.change(target=target.format(bucket)))
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("old", "new"),
    [("us-east-1", "eu-west-1"), ("/s3/", "/sqs/"), ("aws4_request", "aws5_request"), ("Signature=", "Signature=0")],
)
def test_neither_the_scope_nor_the_signature_can_be_changed(
    verifying_engine: Engine, written: Sent, old: str, new: str
) -> None:
    authorization = written.headers["Authorization"].replace(old, new)
    answer = send(verifying_engine, written.change(headers={"Authorization": authorization}))
    assert answer.status in (400, 403)
    assert answer.code in ("SignatureDoesNotMatch", "AuthorizationHeaderMalformed")


def test_a_signature_for_another_service_is_refused(verifying_engine: Engine) -> None:
    keys = Keys.of(verifying_engine)
    target = {"X_Amz_Target": "AmazonSSM.DescribeParameters", "Content_Type": "application/x-amz-json-1.1"}
    sent = make(verifying_engine, "POST", "/", body=b"{}", **target)
    assert send(verifying_engine, sign(sent, keys, "ssm")).status == 200
    answer = send(verifying_engine, sign(sent, keys, "somethingelse"))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    listing = sign(make(verifying_engine, "GET", "/some-bucket"), keys, "nosuchservice")
    assert send(verifying_engine, listing).status == 400


def test_the_operation_of_a_signed_request_cannot_be_changed(verifying_engine: Engine) -> None:
    target = {"X_Amz_Target": "AmazonSSM.DescribeParameters", "Content_Type": "application/x-amz-json-1.1"}
    sent = sign(make(verifying_engine, "POST", "/", body=b"{}", **target), Keys.of(verifying_engine), "ssm")
    answer = send(verifying_engine, sent.change(headers={"X-Amz-Target": "AmazonSSM.DeleteParameter"}))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")
    answer = send(verifying_engine, sent.change(body=b'{"MaxResults": 1}'))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")


def test_a_target_that_is_not_signed_is_refused(verifying_engine: Engine) -> None:
    sent = sign(make(verifying_engine, "POST", "/", body=b"{}"), Keys.of(verifying_engine), "ssm")
    headers = {"X-Amz-Target": "AmazonSSM.DescribeParameters", "Content-Type": "application/x-amz-json-1.1"}
    answer = send(verifying_engine, sent.change(headers=headers))
    assert (answer.status, answer.code) == (400, "InvalidSignatureException")


@pytest.mark.parametrize("minutes", [-16, 16, -60 * 24 * 365])
@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("s3", (403, "RequestTimeTooSkewed")),
        ("sts", (403, "SignatureDoesNotMatch")),
        ("ssm", (400, "InvalidSignatureException")),
    ],
)
def test_a_clock_that_is_wrong_is_refused(
    verifying_engine: Engine, service: str, expected: tuple[int, str], minutes: int
) -> None:
    requests = {
        "s3": make(verifying_engine, "GET", "/"),
        "sts": make(verifying_engine, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15"),
        "ssm": make(
            verifying_engine,
            "POST",
            "/",
            body=b"{}",
            X_Amz_Target="AmazonSSM.DescribeParameters",
            Content_Type="application/x-amz-json-1.1",
        ),
    }
    keys = Keys.of(verifying_engine)
    assert send(verifying_engine, sign(requests[service], keys, service)).status == 200
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    answer = send(verifying_engine, sign(requests[service], keys, service, at=at))
    assert (answer.status, answer.code) == expected
    if service == "s3":
        assert answer.element("MaxAllowedSkewMilliseconds") == "900000"
        assert answer.element("RequestTime") == at.strftime("%Y%m%dT%H%M%SZ")


def test_an_error_of_s3_has_the_string_to_sign_but_neither_the_secret_nor_the_expected_signature(
    verifying_engine: Engine, bucket: str
) -> None:
    keys = Keys.of(verifying_engine)
    right = sign(make(verifying_engine, "GET", f"/{bucket}/ä%20b?b=&a"), keys, "s3")
    wrong = sign(make(verifying_engine, "GET", f"/{bucket}/ä%20b?b=&a"), Keys(keys.access_key, "wrong"), "s3")
    answer = send(verifying_engine, wrong.change(target=f"/{bucket}/%C3%A4%20b?b=&a"))
    assert answer.code == "SignatureDoesNotMatch"
    assert answer.element("AWSAccessKeyId") == keys.access_key
    assert answer.element("SignatureProvided") == wrong.headers["Authorization"].rpartition("=")[2]
    assert (answer.element("CanonicalRequest") or "").startswith(f"GET\n/{bucket}/%C3%A4%20b\na=&b=\nhost:")
    assert (answer.element("StringToSign") or "").startswith("AWS4-HMAC-SHA256\n")
    assert bytes.fromhex((answer.element("StringToSignBytes") or "").replace(" ", "")).startswith(b"AWS4-HMAC")
    assert keys.secret_key.encode() not in answer.body
    assert right.headers["Authorization"].rpartition("=")[2].encode() not in answer.body


ODD_CREDENTIAL: Final = "Credential=\x80/20200101/\xff/s3/aws4_request"


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/%80?%80=%ff", {}),
        ("/?X-Amz-Credential=%80&X-Amz-SignedHeaders=%E1%88%B4&X-Amz-Signature=%E1%88%B4", {}),
        ("/?AWSAccessKeyId=%E1%88%B4&Signature=%E1%88%B4&Expires=9999999999", {}),
        (
            "/a",
            {"Authorization": f"AWS4-HMAC-SHA256 {ODD_CREDENTIAL}, SignedHeaders=host, Signature=\x80"},
        ),
        ("/a", {"Authorization": "AWS4-HMAC-SHA256 \xff"}),
        ("/a", {"Authorization": "A" * 10_000}),
        (
            "/a",
            {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "a" * 24,
            },
        ),
    ],
)
def test_values_that_are_not_text_are_refused_and_break_nothing(
    verifying_engine: Engine, target: str, headers: dict[str, str]
) -> None:
    sent = make(verifying_engine, "GET", target).change(headers={"x-amz-date": "20200101T000000Z", **headers})
    assert send(verifying_engine, sent).status in (400, 403)


def test_a_head_request_is_refused_without_a_body(verifying_engine: Engine, bucket: str) -> None:
    answer = send(verifying_engine, make(verifying_engine, "HEAD", f"/{bucket}/key"))
    assert (answer.status, answer.body) == (403, b"")


KEYS: Final = [
    *("plain", "a b+c%/d//e/../ü~'()*!", "./x", "../y", "a//b", "//c", "x/", "%20", "a%2Fb", "é ü 日本", "a&b=c;d?e#f"),
    *(" lead", "tab\tx", "a\\b", '[x]{y}|^`<>"', "+", "a+b c", "long/" + "k" * 1000),
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_may_contain_any_characters(verifying_engine: Engine, bucket: str, key: str) -> None:
    s3 = verifying_engine.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"m": " a   b "}, Tagging="a=b+c&d=%2B")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    s3.copy_object(Bucket=bucket, Key=f"{key}-copy", CopySource={"Bucket": bucket, "Key": key})
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, Delimiter="~~~")["Contents"]
    assert {item["Key"] for item in listed} == {key, f"{key}-copy"}
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": f"{key}-copy"}]})


@pytest.mark.parametrize("target", ["/?b=2&a=1&a=0&empty&x=%20%2B~", "/?marker=a%20b%2Bc%25&prefix=%C3%A4"])
def test_a_query_may_contain_any_characters(verifying_engine: Engine, bucket: str, target: str) -> None:
    sent = make(verifying_engine, "GET", target.replace("/", f"/{bucket}", 1))
    assert send(verifying_engine, sign(sent, Keys.of(verifying_engine), "s3")).status == 200
