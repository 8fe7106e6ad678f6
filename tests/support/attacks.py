"""Attacks on a stack: calls to AWS, forms, and the engine's own routes."""

import base64
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from support.target import Target

Call = Callable[[Any], object]


def _code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("evil.py", "def handler(event, context): return 'mine'")
    return archive.getvalue()


def calls(target: Target) -> list[tuple[str, str, Call]]:
    """Return the calls of an attacker: the service, a name, and the call on its client."""
    stack = target.stack
    bucket, gallery = stack.image_bucket, stack.function_names["gallery"]
    role = stack.role_arns["gallery"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    return [
        ("ssm", "the cursor key", lambda ssm: ssm.get_parameter(Name=target.cursor_key_name, WithDecryption=True)),
        ("ssm", "all parameters", lambda ssm: ssm.describe_parameters()),
        (
            "ssm",
            "a new cursor key",
            lambda ssm: ssm.put_parameter(Name=target.cursor_key_name, Value="x", Type="String"),
        ),
        ("lambda", "list", lambda functions: functions.list_functions()),
        ("lambda", "read", lambda functions: functions.get_function(FunctionName=gallery)),
        ("lambda", "invoke", lambda functions: functions.invoke(FunctionName=gallery, Payload=b"{}")),
        (
            "lambda",
            "create",
            lambda functions: functions.create_function(
                FunctionName=f"evil-{uuid.uuid4().hex[:8]}",
                Runtime="python3.13",
                Role=role,
                Handler="evil.handler",
                Code={"ZipFile": _code()},
            ),
        ),
        (
            "lambda",
            "change",
            lambda functions: functions.update_function_code(FunctionName=gallery, ZipFile=_code()),
        ),
        ("sqs", "list", lambda sqs: sqs.list_queues()),
        ("sqs", "send", lambda sqs: sqs.send_message(QueueUrl=stack.queue_url, MessageBody="{}")),
        ("sqs", "receive", lambda sqs: sqs.receive_message(QueueUrl=stack.queue_url)),
        ("sqs", "receive dead letters", lambda sqs: sqs.receive_message(QueueUrl=stack.dead_letter_queue_url)),
        ("sqs", "purge", lambda sqs: sqs.purge_queue(QueueUrl=stack.queue_url)),
        ("s3", "buckets", lambda s3: s3.list_buckets()),
        ("s3", "create", lambda s3: s3.create_bucket(Bucket=f"evil-{uuid.uuid4().hex[:12]}")),
        ("s3", "list", lambda s3: s3.list_objects_v2(Bucket=bucket)),
        ("s3", "list the site", lambda s3: s3.list_objects_v2(Bucket=stack.site_bucket)),
        ("s3", "read", lambda s3: s3.get_object(Bucket=bucket, Key=target.raw_key)),
        ("s3", "ask for", lambda s3: s3.head_object(Bucket=bucket, Key=target.raw_key)),
        ("s3", "write", lambda s3: s3.put_object(Bucket=bucket, Key="raw/evil.jpg", Body=b"evil")),
        ("s3", "deface", lambda s3: s3.put_object(Bucket=stack.site_bucket, Key="index.html", Body=b"evil")),
        ("s3", "delete", lambda s3: s3.delete_object(Bucket=bucket, Key=target.raw_key)),
        ("s3", "read the policy", lambda s3: s3.get_bucket_policy(Bucket=bucket)),
        ("s3", "open the bucket", lambda s3: s3.delete_public_access_block(Bucket=bucket)),
        ("dynamodb", "read", lambda dynamodb: dynamodb.scan(TableName=stack.catalog_table)),
        ("dynamodb", "delete", lambda dynamodb: dynamodb.delete_table(TableName=stack.catalog_table)),
        ("iam", "list", lambda iam: iam.list_users()),
        ("iam", "create a role", lambda iam: iam.create_role(RoleName="evil", AssumeRolePolicyDocument=trust)),
        ("iam", "create a user", lambda iam: iam.create_user(UserName="evil")),
        ("iam", "create a key", lambda iam: iam.create_access_key(UserName="evil")),
        ("sts", "take a role", lambda sts: sts.assume_role(RoleArn=role, RoleSessionName="evil")),
        ("sts", "a session", lambda sts: sts.get_session_token()),
        ("logs", "list", lambda logs: logs.describe_log_groups()),
        ("logs", "read", lambda logs: logs.filter_log_events(logGroupName=f"/aws/lambda/{gallery}")),
        ("apigateway", "list", lambda apigateway: apigateway.get_rest_apis()),
        ("apigateway", "keys", lambda apigateway: apigateway.get_api_keys(includeValues=True)),
        ("cloudfront", "list", lambda cloudfront: cloudfront.list_distributions()),
        ("cloudfront", "keys", lambda cloudfront: cloudfront.list_public_keys()),
        ("kms", "list", lambda kms: kms.list_keys()),
        ("wafv2", "list", lambda wafv2: wafv2.list_web_acls(Scope="CLOUDFRONT")),
        ("secretsmanager", "list", lambda secrets: secrets.list_secrets()),
        ("events", "list", lambda events: events.list_rules()),
        ("cloudformation", "list", lambda cloudformation: cloudformation.list_stacks()),
    ]


def _changed(policy: str, **parts: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A policy with other parts."""
    return base64.b64encode(json.dumps(json.loads(base64.b64decode(policy)) | parts).encode()).decode()


def forms(fields: Mapping[str, str], other: Mapping[str, str], bucket: str, key: str) -> dict[str, Mapping[str, str]]:
    """Return forged forms, made from an issued one.

    Args:
        fields: The one that he was given.
        other: Another one.
        bucket: Where they lead.
        key: What he would like to write.
    """
    policy = fields["policy"]
    conditions = json.loads(base64.b64decode(policy))["conditions"]
    signature = next(name for name in fields if name.lower() == "x-amz-signature")
    bare = {name: value for name, value in fields.items() if name in {"key", "Content-Type"}}
    loose = [{"bucket": bucket}, ["starts-with", "$key", ""], *conditions]
    return {
        "without a policy": bare,
        "without a policy, another key": {**bare, "key": key},
        "without a signature": {name: value for name, value in fields.items() if name != signature},
        "a changed signature": {**fields, signature: "0" * 64},
        "a changed policy": {**fields, "policy": _changed(policy, conditions=loose)},
        "a longer life": {**fields, "policy": _changed(policy, expiration="2099-01-01T00:00:00Z")},
        "no conditions": {**fields, "policy": _changed(policy, conditions=[])},
        "another form's policy": {**fields, "policy": other["policy"]},
        "another key": {**fields, "key": key},
        "a field that the policy does not name": {**fields, "Content-Disposition": "inline"},
    }


def messages_route(target: Target) -> str:
    """Where LocalStack shows what is in the queue."""
    return f"/_aws/sqs/messages?QueueUrl={quote(target.stack.queue_url, safe='')}"


def routes(target: Target) -> list[tuple[str, str]]:
    """Return the routes of LocalStack and the plugin other than AWS's APIs, and alternative spellings of them."""
    messages = messages_route(target)
    path = urlsplit(target.stack.queue_url).path
    return [
        ("GET", messages),
        ("GET", f"/_aws/sqs/messages/us-east-1{path}"),
        ("POST", messages),
        ("GET", "/_aws/cloudfront/distributions"),
        ("DELETE", "/_aws/dynamodb/expired"),
        ("GET", "/_aws/ses"),
        ("GET", "/_aws/lambda/runtimes"),
        ("GET", "/_localstack/state"),
        ("POST", "/_localstack/state/reset"),
        ("GET", "/_localstack/config"),
        ("POST", "/_localstack/config"),
        ("GET", "/_localstack/diagnose"),
        ("GET", "/_localstack/plugins"),
        ("GET", "/_localstack/usage"),
        ("GET", "/_localstack/info"),
        ("POST", "/_localstack/health"),
        ("PUT", "/_localstack/health"),
        ("HEAD", "/_localstack/diagnose"),
        ("GET", "//_localstack/diagnose"),
        ("GET", "/%5Flocalstack/diagnose"),
        ("GET", "/_localstack%2Fdiagnose"),
        ("GET", "/_localstack/health/../diagnose"),
        ("GET", "/_localstack/./diagnose"),
        ("GET", "/_localstack/diagnose/"),
        ("GET", "/_localstack/diagnose?_localstack/health"),
    ]
