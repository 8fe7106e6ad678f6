"""Forms that a browser posts to S3: who signed their policy, and whether they meet it."""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from support.plugin_engine import Engine
from support.signed_requests import Answer, Keys, make, s3_client, send

Fields = list[tuple[str, str]]
BOUNDARY: Final = "a-boundary"
DENIED: Final = (403, "AccessDenied")


@pytest.fixture(scope="module")
def bucket(verifying_engine: Engine) -> str:
    name = f"forms-{uuid.uuid4().hex[:8]}"
    verifying_engine.client("s3").create_bucket(Bucket=name)
    return name


def presign(  # noqa: PLR0913 - each is part of a form
    engine: Engine,
    bucket: str,
    key: str = "raw/${filename}",
    *,
    keys: Keys | None = None,
    version: str = "s3v4",
    fields: Mapping[str, str] | None = None,
    conditions: Sequence[object] = (),
    expires: int = 60,
) -> Fields:
    s3 = s3_client(engine, keys, version)
    made = s3.generate_presigned_post(bucket, key, dict(fields or {}), list(conditions), expires)
    return list(made["fields"].items())


def post(
    engine: Engine, bucket: str, fields: Fields, content: bytes = b"content", filename: str | None = "a photo.jpg"
) -> Answer:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    if filename is not None:
        head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + content)
    body = b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    return send(engine, make(engine, "POST", f"/{bucket}", body=body, Content_Type=content_type))


def change(fields: Fields, **changes: str | None) -> Fields:
    """Return the fields with others in their place, or without those that are None."""
    named = {name if "action" in name else name.replace("_", "-"): value for name, value in changes.items()}
    kept = [(name, named.pop(name, value)) for name, value in fields]
    return [(name, value) for name, value in [*kept, *named.items()] if value is not None]


def rewrite(fields: Fields, old: str, new: str) -> Fields:
    """Return the fields with another policy and the same signature."""
    policy = base64.b64decode(dict(fields)["policy"]).decode()
    assert old in policy
    return change(fields, policy=base64.b64encode(policy.replace(old, new).encode()).decode())


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_form_made_by_boto3_is_accepted(verifying_engine: Engine, bucket: str, version: str) -> None:
    fields = presign(
        verifying_engine,
        bucket,
        version=version,
        fields={"Content-Type": "image/jpeg", "x-amz-meta-who": "me", "success_action_status": "201"},
        conditions=[
            {"Content-Type": "image/jpeg"},
            ["starts-with", "$x-amz-meta-who", ""],
            {"success_action_status": "201"},
            ["content-length-range", 1, 10],
        ],
    )
    answer = post(verifying_engine, bucket, fields)
    assert answer.status == 201
    assert answer.element("Key") == "raw/a photo.jpg"
    found = verifying_engine.client("s3").get_object(Bucket=bucket, Key="raw/a photo.jpg")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (b"content", "image/jpeg", {"who": "me"})


def test_a_redirect_url_is_used_as_signed(verifying_engine: Engine, bucket: str) -> None:
    target = "http://example.com/done"
    fields = presign(
        verifying_engine,
        bucket,
        fields={"success_action_redirect": target},
        conditions=[{"success_action_redirect": target}],
    )
    answer = post(verifying_engine, bucket, fields)
    assert answer.status == 303
    assert answer.headers["Location"].startswith(target)
    assert post(verifying_engine, bucket, change(fields, success_action_redirect=None)).status == 403


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_form_without_a_policy_is_refused(verifying_engine: Engine, bucket: str, version: str) -> None:
    fields = presign(verifying_engine, bucket, version=version)
    answer = post(verifying_engine, bucket, change(fields, policy=None))
    assert (answer.status, answer.code) == DENIED
    answer = post(verifying_engine, bucket, [("key", "raw/x")])
    assert (answer.status, answer.code) == DENIED
    answer = post(verifying_engine, bucket, [field for field in fields if field[0] in ("key", "policy")])
    assert (answer.status, answer.code) == DENIED


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_another_policy_is_not_what_was_signed(verifying_engine: Engine, bucket: str, version: str) -> None:
    fields = presign(verifying_engine, bucket, version=version)
    other = presign(verifying_engine, bucket, "other/${filename}", version=version)
    for changed in (
        rewrite(fields, "raw/", "thumbs/"),
        rewrite(fields, '"conditions"', ' "conditions"'),
        change(fields, policy=dict(other)["policy"]),
        change(fields, policy="bm9uZQ=="),
    ):
        answer = post(verifying_engine, bucket, changed)
        assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
        assert Keys.of(verifying_engine).secret_key.encode() not in answer.body


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"x_amz_signature": "0" * 64}, 403, "SignatureDoesNotMatch"),
        ({"x_amz_signature": None}, 400, "InvalidArgument"),
        ({"x_amz_credential": None}, 400, "InvalidArgument"),
        ({"x_amz_algorithm": "AWS4-ECDSA-P256-SHA256"}, 400, "InvalidArgument"),
        ({"x_amz_date": "20200101T000000Z"}, 400, "InvalidArgument"),
        ({"x_amz_security_token": "a token"}, 400, "InvalidToken"),
        ({"key": "thumbs/x"}, 403, "AccessDenied"),
        ({"acl": "public-read"}, 403, "AccessDenied"),
        ({"Content_Type": "text/html"}, 403, "AccessDenied"),
        ({"tagging": "<Tagging/>"}, 403, "AccessDenied"),
        ({"x_amz_meta_more": "x"}, 403, "AccessDenied"),
        ({"success_action_status": "201"}, 403, "AccessDenied"),
        ({"x_amz_website_redirect_location": "/x"}, 403, "AccessDenied"),
    ],
)
def test_no_field_can_be_changed_or_added(
    verifying_engine: Engine, bucket: str, changes: dict[str, str | None], status: int, code: str
) -> None:
    fields = presign(verifying_engine, bucket)
    answer = post(verifying_engine, bucket, change(fields, **changes))
    assert (answer.status, answer.code) == (status, code)


def test_a_field_without_a_condition_is_named(verifying_engine: Engine, bucket: str) -> None:
    fields = presign(verifying_engine, bucket)
    answer = post(verifying_engine, bucket, change(fields, acl="private"))
    assert answer.element("Message") == "Invalid according to Policy: Extra input fields: acl"
    assert post(verifying_engine, bucket, change(fields, x_ignore_this="x")).status == 204


@pytest.mark.parametrize(("first", "second"), [("KEY", "key"), ("key", "Key"), ("key", "key")])
def test_a_second_key_smuggles_nothing_in(verifying_engine: Engine, bucket: str, first: str, second: str) -> None:
    """LocalStack checks the one and writes to the other."""
    rest = [field for field in presign(verifying_engine, bucket) if field[0] != "key"]
    for values in (("raw/x", "smuggled"), ("smuggled", "raw/x")):
        answer = post(verifying_engine, bucket, [(first, values[0]), (second, values[1]), *rest])
        assert (answer.status, answer.code) == (400, "InvalidArgument")
    listed = verifying_engine.client("s3").list_objects_v2(Bucket=bucket, Prefix="smuggled")
    assert listed["KeyCount"] == 0


def test_capitals_of_a_fields_name_do_not_matter(verifying_engine: Engine, bucket: str) -> None:
    fields = presign(
        verifying_engine,
        bucket,
        "case",
        fields={"CONTENT-TYPE": "image/png"},
        conditions=[{"content-type": "image/png"}],
    )
    upper = [(name.upper() if name != "policy" else name, value) for name, value in fields]
    assert post(verifying_engine, bucket, upper).status == 204
    assert verifying_engine.client("s3").head_object(Bucket=bucket, Key="case")["ContentType"] == "image/png"


@pytest.mark.parametrize("filename", ["../../thumbs/x", "C:\\thumbs\\x", "/x"])
def test_a_files_name_does_not_lead_elsewhere(verifying_engine: Engine, bucket: str, filename: str) -> None:
    answer = post(verifying_engine, bucket, presign(verifying_engine, bucket), filename=filename)
    assert answer.status == 204
    assert verifying_engine.client("s3").head_object(Bucket=bucket, Key="raw/x")


def test_the_file_name_is_filled_in_before_the_policy_is_checked(verifying_engine: Engine, bucket: str) -> None:
    fields = presign(verifying_engine, bucket, "raw/allowed.jpg")
    assert post(verifying_engine, bucket, change(fields, key="raw/${filename}"), filename="allowed.jpg").status == 204
    assert post(verifying_engine, bucket, change(fields, key="raw/${filename}"), filename="other.jpg").status == 403


@pytest.mark.parametrize(
    ("size", "status", "code"), [(4, 400, "EntityTooSmall"), (5, 204, ""), (8, 204, ""), (9, 400, "EntityTooLarge")]
)
def test_the_size_is_kept_to(verifying_engine: Engine, bucket: str, size: int, status: int, code: str) -> None:
    fields = presign(verifying_engine, bucket, conditions=[["content-length-range", 5, 8]])
    answer = post(verifying_engine, bucket, fields, b"x" * size)
    assert (answer.status, answer.code) == (status, code)


def test_a_form_is_for_one_bucket(verifying_engine: Engine, bucket: str) -> None:
    other = f"{bucket}-other"
    verifying_engine.client("s3").create_bucket(Bucket=other)
    fields = presign(verifying_engine, bucket)
    assert post(verifying_engine, bucket, fields).status == 204
    for named in (fields, change(fields, bucket=bucket)):
        answer = post(verifying_engine, other, named)
        assert (answer.status, answer.code) == DENIED


def test_a_form_ends(verifying_engine: Engine, bucket: str) -> None:
    answer = post(verifying_engine, bucket, presign(verifying_engine, bucket, expires=-1))
    assert (answer.status, answer.code) == DENIED
    assert answer.element("Message") == "Invalid according to Policy: Policy expired."


def test_keys_that_were_never_issued_sign_no_form(verifying_engine: Engine, bucket: str) -> None:
    root = Keys.of(verifying_engine)
    for version in ("s3v4", "s3"):
        for keys, code in (
            (Keys("test", "test"), "InvalidAccessKeyId"),
            (Keys(root.access_key, "test"), "SignatureDoesNotMatch"),
            (Keys("000000000000", "__internal_call__"), "SignatureDoesNotMatch"),
        ):
            answer = post(verifying_engine, bucket, presign(verifying_engine, bucket, keys=keys, version=version))
            assert (answer.status, answer.code) == (403, code)


def test_a_temporary_keys_form_carries_its_token(verifying_engine: Engine, bucket: str) -> None:
    keys = Keys.read(verifying_engine.client("sts").get_session_token()["Credentials"])
    other = Keys.read(verifying_engine.client("sts").get_session_token()["Credentials"])
    for version in ("s3v4", "s3"):
        fields = presign(verifying_engine, bucket, keys=keys, version=version)
        assert post(verifying_engine, bucket, fields).status == 204
        answer = post(verifying_engine, bucket, change(fields, **{"x-amz-security-token": None}))
        assert (answer.status, answer.code) == (403, "InvalidAccessKeyId")
        answer = post(verifying_engine, bucket, change(fields, **{"x-amz-security-token": other.token}))
        assert (answer.status, answer.code) == (400, "InvalidToken")


def test_a_form_may_do_what_its_signer_may(verifying_engine: Engine, bucket: str) -> None:
    iam = verifying_engine.client("iam")
    name = f"u-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    keys = Keys.read(iam.create_access_key(UserName=name)["AccessKey"])
    fields = presign(verifying_engine, bucket, keys=keys)
    answer = post(verifying_engine, bucket, fields)
    assert (answer.status, answer.code) == DENIED
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/raw/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    assert post(verifying_engine, bucket, fields).status == 204
    assert post(verifying_engine, bucket, presign(verifying_engine, bucket, "thumbs/x", keys=keys)).status == 403


def test_a_public_bucket_accepts_unsigned_forms(verifying_engine: Engine) -> None:
    s3 = verifying_engine.client("s3")
    name = f"open-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"RestrictPublicBuckets": False})
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/in/*"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert post(verifying_engine, name, [("key", "in/${filename}")], filename="x").status == 204
    assert s3.get_object(Bucket=name, Key="in/x")["Body"].read() == b"content"
    answer = post(verifying_engine, name, [("key", "out/x")])
    assert (answer.status, answer.code) == DENIED


def test_malformed_conditions_are_refused(verifying_engine: Engine, bucket: str) -> None:
    fields = presign(verifying_engine, bucket, conditions=[{"acl": "private", "tagging": "x"}])
    answer = post(verifying_engine, bucket, fields)
    assert (answer.status, answer.code) == (400, "InvalidPolicyDocument")


def test_a_form_without_a_file_has_its_content_as_a_field(verifying_engine: Engine, bucket: str) -> None:
    fields = presign(verifying_engine, bucket, "text", conditions=[["content-length-range", 1, 4]])
    assert post(verifying_engine, bucket, [*fields, ("file", "text")], filename=None).status == 204
    answer = post(verifying_engine, bucket, [*fields, ("file", "texts")], filename=None)
    assert (answer.status, answer.code) == (400, "EntityTooLarge")
    smuggled = post(verifying_engine, bucket, [*fields, ("file", "texts")], content=b"x")
    assert smuggled.status == 400
