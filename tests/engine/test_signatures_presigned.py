"""Presigned URLs: by both versions of S3's signatures, and by version 4 of other services."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from botocore import auth
from botocore.credentials import Credentials

from support.plugin_engine import Engine
from support.signed_requests import Answer, Keys, Sent, make, s3_client, send, sign

KEY: Final = "ä b+c%/d//e/../f"
VERSIONS: Final = ["s3v4", "s3"]


@pytest.fixture(scope="module")
def bucket(verifying_engine: Engine) -> str:
    name = f"presigned-{uuid.uuid4().hex[:8]}"
    s3 = verifying_engine.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key=KEY, Body=b"content")
    return name


def presign(
    engine: Engine,
    operation: str,
    version: str = "s3v4",
    keys: Keys | None = None,
    **parameters: Any,  # noqa: ANN401 - an operation's
) -> str:
    expires = parameters.pop("expires", 60)
    s3 = s3_client(engine, keys, version, in_host=parameters.pop("in_host", False))
    return str(s3.generate_presigned_url(operation, Params=parameters, ExpiresIn=expires))


def ask(engine: Engine, url: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
    return send(engine, make_request(engine, url, method, body, **headers))


def make_request(engine: Engine, url: str, method: str = "GET", body: bytes = b"", **headers: str) -> Sent:
    parts = urlsplit(url)
    return make(engine, method, f"{parts.path}?{parts.query}", body=body, Host=parts.netloc, **headers)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_url_reads_its_object(verifying_engine: Engine, bucket: str, version: str) -> None:
    url = presign(verifying_engine, "get_object", version, Bucket=bucket, Key=KEY, ResponseContentType="text/x y+z")
    answer = ask(verifying_engine, url)
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"content", "text/x y+z")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_presigned_url_writes_its_object_with_the_headers_that_are_signed(
    verifying_engine: Engine, bucket: str, version: str
) -> None:
    url = presign(
        verifying_engine, "put_object", version, Bucket=bucket, Key="put", ContentType="image/png", Metadata={"a": "b"}
    )
    headers = {"Content_Type": "image/png", "x_amz_meta_a": "b"}
    assert ask(verifying_engine, url, "PUT", b"new", **headers).status == 200
    found = verifying_engine.client("s3").get_object(Bucket=bucket, Key="put")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (b"new", "image/png", {"a": "b"})
    assert ask(verifying_engine, url, "PUT", b"new", **(headers | {"Content_Type": "text/html"})).status == 403
    assert ask(verifying_engine, url, "PUT", b"new", **headers, x_amz_acl="public-read").status == 403


@pytest.mark.parametrize("version", VERSIONS)
def test_a_bucket_in_the_hosts_name_is_signed(verifying_engine: Engine, bucket: str, version: str) -> None:
    parts = urlsplit(verifying_engine.url)
    host = f"s3.localhost.localstack.cloud:{parts.port}"
    at_host = replace(verifying_engine, url=f"http://{host}")
    url = presign(at_host, "get_object", version, in_host=True, Bucket=bucket, Key=KEY)
    assert urlsplit(url).netloc == f"{bucket}.{host}"
    assert ask(verifying_engine, url).body == b"content"
    other = make_request(verifying_engine, url).change(headers={"Host": f"other.{host}"})
    assert send(verifying_engine, other).status == 403


@pytest.mark.parametrize("version", VERSIONS)
def test_no_part_of_the_url_can_be_changed(verifying_engine: Engine, bucket: str, version: str) -> None:
    url = presign(verifying_engine, "get_object", version, Bucket=bucket, Key=KEY)
    good = make_request(verifying_engine, url)
    assert send(verifying_engine, good).status == 200
    signature = "X-Amz-Signature=" if version == "s3v4" else "Signature="
    changes: list[dict[str, Any]] = [
        {"method": "DELETE"},
        {"method": "PUT", "body": b"x"},
        {"target": good.target.replace("%2Bc", "%2Bd")},
        {"target": good.target.replace(f"/{bucket}/", "/other/")},
        {"target": good.target.replace(signature, f"{signature}0")},
        {"target": f"{good.target}&versionId=1"},
        {"target": f"{good.target}&acl"},
        {"target": f"{good.target}&tagging"},
        {"target": f"{good.target}&retention"},
        {"target": f"{good.target}&response-content-type=text/html"},
        {"target": f"{good.target}&x-amz-acl=public-read"},
        {"target": f"{good.target}&X-Amz-Security-Token=a"},
    ]
    if version == "s3v4":
        changes += [
            {"target": good.target.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")},
            {"target": good.target.replace("us-east-1", "eu-west-1")},
            {"headers": {"Host": "localhost:1"}},
            {"headers": {"x-amz-copy-source": f"{bucket}/{quote(KEY)}"}},
        ]
    else:
        changes += [{"target": good.target.replace("Expires=", "Expires=1")}]
    for change in changes:
        answer = send(verifying_engine, good.change(**change))
        assert answer.status in (400, 403), change


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ([("X-Amz-Expires=60", "X-Amz-Expires=604801")], 400, "AuthorizationQueryParametersError"),
        ([("X-Amz-Expires=60", "X-Amz-Expires=-1")], 400, "AuthorizationQueryParametersError"),
        ([("X-Amz-Expires=60", "X-Amz-Expires=x")], 400, "AuthorizationQueryParametersError"),
        ([("&X-Amz-Expires=60", "")], 400, "AuthorizationQueryParametersError"),
        ([("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date")], 403, "AccessDenied"),
        ([("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")], 400, "AuthorizationQueryParametersError"),
        ([("%2Faws4_request", "")], 400, "AuthorizationQueryParametersError"),
        ([("X-Amz-Credential=", "X-Amz-Credential=x")], 403, "InvalidAccessKeyId"),
    ],
)
def test_errors_of_a_url_have_s3s_messages(
    verifying_engine: Engine, bucket: str, changes: list[tuple[str, str]], status: int, code: str
) -> None:
    url = presign(verifying_engine, "get_object", Bucket=bucket, Key=KEY)
    for old, new in changes:
        assert old in url
        url = url.replace(old, new)
    answer = ask(verifying_engine, url)
    assert (answer.status, answer.code) == (status, code)


def presign_at(engine: Engine, bucket: str, at: datetime, expires: int) -> Answer:
    def make_signer(credentials: Credentials, service: str, region: str) -> auth.S3SigV4QueryAuth:
        return auth.S3SigV4QueryAuth(credentials, service, region, expires=expires)

    sent = make(engine, "GET", f"/{bucket}/{quote(KEY)}")
    return send(engine, sign(sent, Keys.of(engine), "s3", at=at, signer=make_signer))


def test_a_url_is_valid_for_its_stated_lifetime_of_at_most_a_week(verifying_engine: Engine, bucket: str) -> None:
    now = datetime.now(UTC)
    week = 7 * 24 * 3600
    assert presign_at(verifying_engine, bucket, now - timedelta(seconds=week - 60), week).status == 200
    assert presign_at(verifying_engine, bucket, now + timedelta(minutes=14), 60).status == 200
    late = presign_at(verifying_engine, bucket, now - timedelta(seconds=120), 60)
    assert (late.status, late.code, late.element("Message")) == (403, "AccessDenied", "Request has expired")
    assert late.element("X-Amz-Expires") == "60"
    early = presign_at(verifying_engine, bucket, now + timedelta(minutes=16), 60)
    assert (early.status, early.code, early.element("Message")) == (403, "AccessDenied", "Request is not yet valid")


def test_an_old_url_ends(verifying_engine: Engine, bucket: str) -> None:
    answer = ask(verifying_engine, presign(verifying_engine, "get_object", "s3", expires=-10, Bucket=bucket, Key=KEY))
    assert (answer.status, answer.code, answer.element("Message")) == (403, "AccessDenied", "Request has expired")


@pytest.mark.parametrize("version", VERSIONS)
def test_keys_that_were_never_issued_sign_nothing(verifying_engine: Engine, bucket: str, version: str) -> None:
    """LocalStack itself takes the secret `test` for every key that it does not know."""
    for keys in (Keys("test", "test"), Keys("AKIAIOSFODNN7EXAMPLE", "test"), Keys("000000000000", "__internal_call__")):
        answer = ask(verifying_engine, presign(verifying_engine, "get_object", version, keys, Bucket=bucket, Key=KEY))
        assert (answer.status, answer.body.find(b"content<")) == (403, -1)
        assert answer.code in ("InvalidAccessKeyId", "SignatureDoesNotMatch")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_temporary_key_signs_with_its_token(verifying_engine: Engine, bucket: str, version: str) -> None:
    keys = Keys.read(verifying_engine.client("sts").get_session_token()["Credentials"])
    url = presign(verifying_engine, "get_object", version, keys, Bucket=bucket, Key=KEY)
    assert ask(verifying_engine, url).body == b"content"
    without = Keys(keys.access_key, keys.secret_key)
    answer = ask(verifying_engine, presign(verifying_engine, "get_object", version, without, Bucket=bucket, Key=KEY))
    assert (answer.status, answer.code) == (403, "InvalidAccessKeyId")
    wrong = Keys(keys.access_key, keys.secret_key, f"{keys.token}x")
    answer = ask(verifying_engine, presign(verifying_engine, "get_object", version, wrong, Bucket=bucket, Key=KEY))
    assert (answer.status, answer.code) == (400, "InvalidToken")


def test_one_signature_is_enough(verifying_engine: Engine, bucket: str) -> None:
    sent = make_request(verifying_engine, presign(verifying_engine, "get_object", Bucket=bucket, Key=KEY))
    answer = send(verifying_engine, sign(sent, Keys.of(verifying_engine), "s3"))
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_incomplete_signature_parameters_are_no_bypass(verifying_engine: Engine, bucket: str) -> None:
    for query in (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "x-amz-signature=a",
        "Signature=a",
        "AWSAccessKeyId=test",
        "Expires=1",
    ):
        answer = send(verifying_engine, make(verifying_engine, "GET", f"/{bucket}/{quote(KEY)}?{query}"))
        assert answer.status in (400, 403), query


def presign_call(engine: Engine, keys: Keys, expires: int = 60) -> Answer:
    def make_signer(credentials: Credentials, service: str, region: str) -> auth.SigV4QueryAuth:
        return auth.SigV4QueryAuth(credentials, service, region, expires=expires)

    sent = make(engine, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
    return send(engine, sign(sent, keys, "sts", region="eu-west-1", signer=make_signer))


def test_other_services_accept_presigned_urls_and_identify_the_signer(verifying_engine: Engine) -> None:
    iam = verifying_engine.client("iam")
    name = f"u-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    keys = Keys.read(iam.create_access_key(UserName=name)["AccessKey"])
    assert f"user/{name}".encode() in presign_call(verifying_engine, keys).body
    for wrong in (Keys(keys.access_key, "wrong"), Keys("test", "test")):
        assert presign_call(verifying_engine, wrong).status == 403
    assert presign_call(verifying_engine, keys, expires=700_000).status == 400


def test_the_users_policies_hold_for_urls(verifying_engine: Engine, bucket: str) -> None:
    iam = verifying_engine.client("iam")
    name = f"u-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    keys = Keys.read(iam.create_access_key(UserName=name)["AccessKey"])
    for version in VERSIONS:
        answer = ask(verifying_engine, presign(verifying_engine, "get_object", version, keys, Bucket=bucket, Key=KEY))
        assert (answer.status, answer.code) == (403, "AccessDenied")
