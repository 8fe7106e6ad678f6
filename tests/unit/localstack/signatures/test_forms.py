"""Forms that a browser posts to S3: their signature, their fields, and their policy."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from botocore.auth import HmacV1PostAuth, S3SigV4PostAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.signature_examples import ACCESS_KEY, KEY, NOW, SECRET
from thumbpipe_localstack.signatures.form import FormClaim, read_form, verify_form
from thumbpipe_localstack.signatures.form_fields import fill_in
from thumbpipe_localstack.signatures.form_policy import Form, require_policy
from thumbpipe_localstack.signatures.key import Key, Owner
from thumbpipe_localstack.signatures.refusals import Reason, RefusedError

# The policy of S3's API reference ("Example: Browser-Based Upload using HTTP POST"), its line ends included.
EXAMPLE: Final = """{ "expiration": "2015-12-30T12:00:00.000Z",\r
  "conditions": [\r
    {"bucket": "sigv4examplebucket"},\r
    ["starts-with", "$key", "user/user1/"],\r
    {"acl": "public-read"},\r
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},\r
    ["starts-with", "$Content-Type", "image/"],\r
    {"x-amz-meta-uuid": "14365123651274"},\r
    {"x-amz-server-side-encryption": "AES256"},\r
    ["starts-with", "$x-amz-meta-tag", ""],\r
\r
    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},\r
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},\r
    {"x-amz-date": "20151229T000000Z" }\r
  ]\r
}"""
SIGNATURE: Final = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
FIELDS: Final = {
    "key": "user/user1/photo.jpg",
    "acl": "public-read",
    "success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
    "content-type": "image/jpeg",
    "x-amz-meta-uuid": "14365123651274",
    "x-amz-server-side-encryption": "AES256",
    "x-amz-credential": f"{ACCESS_KEY}/20151229/us-east-1/s3/aws4_request",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-date": "20151229T000000Z",
    "x-amz-meta-tag": "",
    "policy": base64.b64encode(EXAMPLE.encode()).decode(),
    "x-amz-signature": SIGNATURE,
}
THEN: Final = datetime(2015, 12, 29, 1, tzinfo=UTC)


def read(fields: dict[str, str]) -> FormClaim:
    claim = read_form(fields)
    assert claim is not None
    return claim


def make_policy(*conditions: object, expiration: object = "2013-05-24T01:00:00Z", **more: object) -> str:
    return base64.b64encode(json.dumps({"expiration": expiration, "conditions": conditions, **more}).encode()).decode()


def make_form(size: int = 10, bucket: str = "photos", **fields: str) -> Form:
    return Form(fields={name.replace("_", "-"): value for name, value in fields.items()}, bucket=bucket, size=size)


def test_the_example_of_s3_is_true_and_its_form_passes() -> None:
    verify_form(read(FIELDS), KEY, THEN)
    require_policy(FIELDS["policy"], Form(fields=FIELDS, bucket="sigv4examplebucket", size=1), THEN)


@pytest.mark.parametrize("signer", [S3SigV4PostAuth, HmacV1PostAuth])
@pytest.mark.parametrize("token", [None, "a session's token"])
def test_requests_signed_by_botocore_are_valid(signer: Any, token: str | None) -> None:  # noqa: ANN401 - botocore ships no types
    policy = {"expiration": "2030-01-01T00:00:00Z", "conditions": [{"bucket": "photos"}, {"key": "a"}]}
    request = AWSRequest("POST", "http://localhost/photos")
    request.context["s3-presign-post-policy"] = policy
    request.context["s3-presign-post-fields"] = {"key": "a"}
    arguments = ("s3", "eu-west-1") if signer is S3SigV4PostAuth else ()
    signer(Credentials(ACCESS_KEY, SECRET, token), *arguments).add_auth(request)
    fields = fill_in([*request.context["s3-presign-post-fields"].items(), ("file", "content")], "")
    key = Key(secret=SECRET, owner=Owner.PRINCIPAL, token=token)
    verify_form(read(fields), key, NOW)
    require_policy(fields["policy"], Form(fields=fields, bucket="photos", size=7), NOW)
    with pytest.raises(RefusedError):
        verify_form(read(fields), Key(secret="other", owner=Owner.ROOT, token=token), NOW)  # noqa: S106 - an invented key


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": base64.b64encode(EXAMPLE.replace("user1", "user2").encode()).decode()},
        {"policy": FIELDS["policy"][:-4]},
        {"x-amz-signature": SIGNATURE[:-1] + "0"},
        {"x-amz-signature": SIGNATURE.upper()},
        {
            "x-amz-credential": f"{ACCESS_KEY}/20151228/us-east-1/s3/aws4_request",
            "x-amz-date": "20151228T000000Z",
        },
        {"x-amz-credential": f"{ACCESS_KEY}/20151229/eu-west-1/s3/aws4_request"},
    ],
    ids=["policy", "cut", "signature", "capitals", "date", "region"],
)
def test_another_policy_signature_or_scope_does_not_match(changes: dict[str, str]) -> None:
    with pytest.raises(RefusedError) as refused:
        verify_form(read(FIELDS | changes), KEY, THEN)
    assert refused.value.reason is Reason.MISMATCH
    assert SECRET not in repr(refused.value.details)


def test_a_form_without_a_policy_claims_nothing() -> None:
    assert read_form({"key": "a", "x-amz-signature": "b"}) is None
    assert read_form({"policy": ""}) is None


def test_a_policy_without_a_signature_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        read_form({"policy": "abc"})
    assert refused.value.reason is Reason.UNSIGNED


@pytest.mark.parametrize("name", ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"])
def test_half_a_signature_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match=name) as refused:
        read_form({key: value for key, value in FIELDS.items() if key != name})
    assert refused.value.code == "InvalidArgument"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x-amz-algorithm": "AWS4-HMAC-SHA1"}, "only supports"),
        ({"x-amz-credential": "AKIA"}, "mal-formed"),
        ({"x-amz-credential": f"{ACCESS_KEY}/20151229/us-east-1/sqs/aws4_request"}, 'incorrect service "sqs"'),
        ({"x-amz-date": "20151228T000000Z"}, "Invalid credential date"),
        ({"x-amz-date": "2015-12-29"}, "ISO8601 Long Format"),
    ],
)
def test_another_form_of_signature_is_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        read_form(FIELDS | changes)


@pytest.mark.parametrize(
    ("token", "reason"),
    [(None, Reason.UNKNOWN_KEY), ("another", Reason.INVALID_TOKEN), ("mine", Reason.EXPIRED_TOKEN)],
)
def test_a_temporary_key_requires_its_own_unexpired_token(token: str | None, reason: Reason) -> None:
    key = Key(secret=SECRET, owner=Owner.PRINCIPAL, token="mine", expires_at=THEN)  # noqa: S106 - no password
    given = {"x-amz-security-token": token} if token else {}
    with pytest.raises(RefusedError) as refused:
        verify_form(read(FIELDS | given), key, THEN)
    assert refused.value.reason is reason


def test_names_are_case_insensitive_and_the_file_name_is_filled_in() -> None:
    fields = [("KEY", "raw/${filename}"), ("Content-Type", "image/png"), ("X-Amz-Meta-Name", "${filename}!")]
    assert fill_in(fields, "C:\\photos\\a b.png") == {
        "key": "raw/a b.png",
        "content-type": "image/png",
        "x-amz-meta-name": "a b.png!",
    }
    assert fill_in([("key", "${filename}")], "../../x") == {"key": "x"}


@pytest.mark.parametrize("names", [("key", "key"), ("key", "KEY"), ("x-amz-meta-a", "X-Amz-Meta-A")])
def test_a_repeated_field_is_refused(names: tuple[str, str]) -> None:
    with pytest.raises(RefusedError, match="at most one field") as refused:
        fill_in([(name, "value") for name in names], "")
    assert refused.value.code == "InvalidArgument"


@pytest.mark.parametrize(
    ("conditions", "form"),
    [
        ([{"key": "a"}], make_form(key="a")),
        ([{"KEY": "a"}], make_form(key="a")),
        ([["eq", "$key", "a"]], make_form(key="a")),
        ([["EQ", "$Key", "a"]], make_form(key="a")),
        ([["starts-with", "$key", "raw/"]], make_form(key="raw/a")),
        ([["starts-with", "$key", ""]], make_form(key="")),
        ([["starts-with", "$acl", ""]], make_form()),
        ([{"bucket": "photos"}], make_form()),
        ([["starts-with", "$bucket", "pho"]], make_form()),
        ([{"bucket": "photos"}], make_form(bucket="photos")),
        ([["content-length-range", 10, 10]], make_form(10)),
        ([["content-length-range", "0", "10"]], make_form(10)),
        ([["starts-with", "$Content-Type", "image/"]], make_form(content_type="image/png, image/gif")),
        ([{"success_action_status": "201"}], Form(fields={"success_action_status": "201"}, bucket="b", size=1)),
        ([], make_form(x_ignore_me="a", file="b", policy="c", signature="d", awsaccesskeyid="e", x_amz_signature="f")),
    ],
)
def test_a_form_that_meets_its_policy_is_accepted(conditions: list[object], form: Form) -> None:
    require_policy(make_policy(*conditions), form, NOW)


@pytest.mark.parametrize(
    ("conditions", "form", "message"),
    [
        ([{"key": "a"}], make_form(key="b"), r'Policy Condition failed: \["eq", "\$key", "a"\]'),
        ([{"key": "a"}], make_form(), "Policy Condition failed"),
        ([{"key": "a"}, {"key": "b"}], make_form(key="a"), "Policy Condition failed"),
        ([["eq", "$key", "A"]], make_form(key="a"), "Policy Condition failed"),
        ([["starts-with", "$key", "raw/"]], make_form(key="thumbs/a"), "Policy Condition failed"),
        ([{"bucket": "others"}], make_form(), "Policy Condition failed"),
        ([{"bucket": "others"}], Form(fields={"bucket": "others"}, bucket="photos", size=1), "Policy Condition failed"),
        ([["starts-with", "$Content-Type", "image/"]], make_form(content_type="image/png,text/html"), "failed"),
        ([["starts-with", "$success_action_status", "2"]], make_form(), "Policy Condition failed"),
        ([{"key": "a"}], make_form(key="a", acl="public-read"), "Extra input fields: acl"),
        ([{"key": "a"}], make_form(key="a", x_amz_date="d"), "Extra input fields: x-amz-date"),
        (
            [{"key": "a"}],
            Form(fields={"key": "a", "x-amz-security-token": "t"}, bucket="photos", size=1),
            "Extra input fields: x-amz-security-token",
        ),
        (
            [{"key": "a"}],
            make_form(key="a", x_amz_meta_b="c", tagging="d"),
            "Extra input fields: x-amz-meta-b, tagging",
        ),
    ],
)
def test_a_form_that_does_not_keep_to_its_policy_is_refused(conditions: list[object], form: Form, message: str) -> None:
    with pytest.raises(RefusedError, match=message) as refused:
        require_policy(make_policy(*conditions), form, NOW)
    assert refused.value.reason is Reason.FORBIDDEN


@pytest.mark.parametrize(("size", "code"), [(9, "EntityTooSmall"), (21, "EntityTooLarge")])
def test_a_file_of_another_size_is_refused(size: int, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        require_policy(make_policy(["content-length-range", 10, 20]), make_form(size), NOW)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert refused.value.details["ProposedSize"] == str(size)


@pytest.mark.parametrize("expiration", ["2013-05-24T00:00:00Z", "2013-05-23T23:59:59.999Z", "2013-05-24T00:00:00"])
def test_an_expired_policy_is_refused(expiration: str) -> None:
    with pytest.raises(RefusedError, match="Policy expired"):
        require_policy(make_policy(expiration=expiration), make_form(), NOW)
    require_policy(make_policy(expiration="2013-05-24T00:00:01.000Z"), make_form(), NOW)
    with pytest.raises(RefusedError, match="Policy expired"):
        require_policy(make_policy(expiration="2013-05-24T00:00:01.000Z"), make_form(), NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    "policy",
    [
        "no base64!",
        base64.b64encode(b"no json").decode(),
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b"\xff").decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b'{"conditions": []}').decode(),
        base64.b64encode(b'{"expiration": "2030-01-01T00:00:00Z"}').decode(),
        make_policy(expiration="soon"),
        make_policy(expiration="\ud800"),
        make_policy(expiration="99999999999999999999-01-01T00:00:00Z"),
        make_policy(["content-length-range", 1, "9" * 5000]),
        make_policy(["content-length-range", "9" * 5000, 1]),
        make_policy(expiration=4102444800),
        make_policy({"key": "a", "acl": "b"}),
        make_policy({}),
        make_policy({"key": 1}),
        make_policy(["eq", "$key"]),
        make_policy(["eq", "key", "a"]),
        make_policy(["like", "$key", "a"]),
        make_policy(["eq", "$key", ["a"]]),
        make_policy([1, 2, 3]),
        make_policy("key"),
        make_policy(["content-length-range", 1]),
        make_policy(["content-length-range", -1, 10]),
        make_policy(["content-length-range", "a", 10]),
        make_policy(["content-length-range", True, 10]),
        make_policy(["content-length-range", 1.5, 10]),
    ],
)
def test_a_malformed_policy_is_refused(policy: str) -> None:
    with pytest.raises(RefusedError, match="Invalid Policy") as refused:
        require_policy(policy, make_form(key="a"), NOW)
    assert refused.value.code == "InvalidPolicyDocument"
