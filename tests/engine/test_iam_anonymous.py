"""Requests to S3 that nobody signed, with IAM enforced."""

import json
import uuid

import httpx
import pytest

from support.plugin_engine import Engine


@pytest.fixture(scope="module")
def engine(enforcing_engine: Engine) -> Engine:
    return enforcing_engine


@pytest.fixture
def bucket(engine: Engine) -> str:
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=name)
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    s3.put_object(Bucket=name, Key="a", Body=b"photo")
    return name


def open_up(engine: Engine, bucket: str, *actions: str, resource: str = "/*") -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions),
        "Resource": f"arn:aws:s3:::{bucket}{resource}",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    engine.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_stranger_reaches_no_object(engine: Engine, bucket: str, method: str) -> None:
    answer = httpx.request(method, f"{engine.url}/{bucket}/a")
    assert answer.status_code == 403
    assert method == "HEAD" or "<Code>AccessDenied</Code>" in answer.text
    assert engine.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"photo"


@pytest.mark.parametrize("path", ["", "?list-type=2", "?policy", "?uploads", "?versions", "?acl"])
def test_an_anonymous_caller_learns_nothing_about_a_bucket(engine: Engine, bucket: str, path: str) -> None:
    assert httpx.get(f"{engine.url}/{bucket}{path}").status_code == 403


def test_a_stranger_uploads_nothing_by_a_form(engine: Engine, bucket: str) -> None:
    answer = httpx.post(f"{engine.url}/{bucket}", data={"key": "b"}, files={"file": b"photo"})
    assert answer.status_code == 403
    assert [one["Key"] for one in engine.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]


def test_a_virtual_hosted_style_name_is_no_bypass(engine: Engine, bucket: str) -> None:
    port = engine.url.rpartition(":")[2]
    answer = httpx.get(f"{engine.url}/a", headers={"Host": f"{bucket}.s3.localhost.localstack.cloud:{port}"})
    assert answer.status_code == 403


def test_a_public_policy_allows_the_resources_that_it_names(engine: Engine, bucket: str) -> None:
    open_up(engine, bucket, "s3:GetObject")
    assert httpx.get(f"{engine.url}/{bucket}/a").content == b"photo"
    assert httpx.put(f"{engine.url}/{bucket}/a", content=b"x").status_code == 403
    assert httpx.get(f"{engine.url}/{bucket}").status_code == 403


def test_a_bucket_that_restricts_public_policies_ignores_them(engine: Engine, bucket: str) -> None:
    open_up(engine, bucket, "s3:GetObject")
    engine.client("s3").put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    assert httpx.get(f"{engine.url}/{bucket}/a").status_code == 403


def test_a_public_acl_allows_access_to_its_object(engine: Engine, bucket: str) -> None:
    s3 = engine.client("s3")
    s3.put_object(Bucket=bucket, Key="open", Body=b"open", ACL="public-read")
    assert httpx.get(f"{engine.url}/{bucket}/open").content == b"open"
    assert httpx.get(f"{engine.url}/{bucket}/a").status_code == 403
    assert httpx.delete(f"{engine.url}/{bucket}/open").status_code == 403
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert httpx.get(f"{engine.url}/{bucket}/open").status_code == 403


def test_a_preflight_is_answered_only_by_the_buckets_cors_rules(engine: Engine, bucket: str) -> None:
    rule = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["POST"]}
    engine.client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    assert httpx.options(f"{engine.url}/{bucket}", headers=headers).status_code == 200
    headers["Origin"] = "https://b.example"
    assert httpx.options(f"{engine.url}/{bucket}", headers=headers).status_code == 403


def test_a_presigned_url_of_the_account_keeps_working(engine: Engine, bucket: str) -> None:
    s3 = engine.client("s3")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    assert httpx.get(url).content == b"photo"
