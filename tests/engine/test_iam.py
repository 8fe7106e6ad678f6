import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from botocore.exceptions import ClientError

from support.plugin_engine import Engine

ACCOUNT: Final = "000000000000"
Statement = dict[str, Any]


@pytest.fixture(scope="module")
def engine(enforcing_engine: Engine) -> Engine:
    return enforcing_engine


def _policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(action: str | list[str], resource: str | list[str] = "*", **elements: object) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def _deny(action: str, resource: str = "*", **elements: object) -> Statement:
    return {**_allow(action, resource, **elements), "Effect": "Deny"}


@dataclass(frozen=True)
class Role:
    """A role with one session."""

    name: str
    arn: str
    engine: Engine
    credentials: dict[str, str]

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self.engine.client(service, **self.credentials)

    def permit(self, *statements: Statement) -> None:
        self.engine.client("iam").put_role_policy(
            RoleName=self.name, PolicyName="inline", PolicyDocument=_policy(*statements)
        )


def _assume(engine: Engine, arn: str, by: Any = None, **options: str) -> dict[str, str]:  # noqa: ANN401
    sts = by or engine.client("sts")
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="test", **options)["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }


@pytest.fixture
def create_role(engine: Engine) -> Callable[..., Role]:
    def create(*statements: Statement, session_policy: str = "", trusted: object = None, **options: str) -> Role:
        name = f"role-{uuid.uuid4().hex[:12]}"
        principal = trusted or {"Service": "lambda.amazonaws.com"}
        trust = _policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        iam = engine.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **options)["Role"]["Arn"]
        limit = {"Policy": session_policy} if session_policy else {}
        role = Role(name, arn, engine, _assume(engine, arn, **limit))
        if statements:
            role.permit(*statements)
        return role

    return create


@pytest.fixture
def bucket(engine: Engine) -> str:
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="raw/a", Body=b"photo")
    return name


@pytest.fixture
def queue(engine: Engine) -> str:
    url: str = engine.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    return url


def _objects(bucket: str, prefix: str = "") -> str:
    return f"arn:aws:s3:::{bucket}/{prefix}*"


def _refuse(call: Callable[..., object], **arguments: object) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    answer = refused.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def test_a_role_may_only_do_what_its_policy_allows(
    create_role: Callable[..., Role], bucket: str
) -> None:  # fmt: skip
    role = create_role(_allow(["s3:GetObject", "s3:PutObject"], _objects(bucket, "raw/")))
    s3 = role.client("s3")

    assert s3.get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"photo"
    s3.put_object(Bucket=bucket, Key="raw/b", Body=b"more")
    for refused in (
        _refuse(s3.get_object, Bucket=bucket, Key="thumbs/a"),
        _refuse(s3.delete_object, Bucket=bucket, Key="raw/a"),
        _refuse(s3.list_objects_v2, Bucket=bucket),
        _refuse(s3.list_buckets),
        _refuse(s3.put_object_tagging, Bucket=bucket, Key="raw/a", Tagging={"TagSet": []}),
        _refuse(s3.put_object, Bucket=bucket, Key="raw/c", Body=b"", ACL="public-read"),
        _refuse(s3.copy_object, Bucket=bucket, Key="raw/d", CopySource=f"{bucket}/thumbs/a"),
    ):
        assert refused[:2] == (403, "AccessDenied")


def test_refused_writes_change_nothing(engine: Engine, create_role: Callable[..., Role], bucket: str) -> None:
    role = create_role(_allow("s3:GetObject", _objects(bucket)))

    _refuse(role.client("s3").put_object, Bucket=bucket, Key="raw/a", Body=b"other")

    assert engine.client("s3").get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"photo"


def test_the_message_is_awss(create_role: Callable[..., Role]) -> None:
    role = create_role()

    refused = _refuse(
        role.client("dynamodb").query,
        TableName="catalog",
        IndexName="by_month",
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "a"}},
    )

    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.name}/test"
    index = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/catalog/index/by_month"
    message = (
        f"User: {session} is not authorized to perform: dynamodb:Query on resource: {index} "
        "because no identity-based policy allows the dynamodb:Query action"
    )
    assert refused == (400, "AccessDeniedException", message)


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "error"),
    [
        ("dynamodb", "put_item", {"TableName": "t", "Item": {"id": {"S": "a"}}}, (400, "AccessDeniedException")),
        ("sqs", "get_queue_url", {"QueueName": "q"}, (403, "AccessDenied")),
        ("sns", "create_topic", {"Name": "t"}, (403, "AuthorizationError")),
        ("lambda", "invoke", {"FunctionName": "f"}, (403, "AccessDeniedException")),
        ("logs", "create_log_stream", {"logGroupName": "g", "logStreamName": "s"}, (400, "AccessDeniedException")),
        ("ssm", "get_parameter", {"Name": "p"}, (400, "AccessDeniedException")),
        ("secretsmanager", "get_secret_value", {"SecretId": "s"}, (400, "AccessDeniedException")),
        ("kms", "create_key", {}, (400, "AccessDeniedException")),
        ("iam", "list_roles", {}, (403, "AccessDenied")),
        ("ec2", "describe_instances", {}, (403, "UnauthorizedOperation")),
        ("stepfunctions", "list_state_machines", {}, (400, "AccessDeniedException")),
        ("events", "put_events", {"Entries": [{"Source": "a"}]}, (400, "AccessDeniedException")),
        ("apigateway", "get_rest_apis", {}, (403, "AccessDeniedException")),
        ("cloudwatch", "list_metrics", {}, None),
    ],
)
def test_each_service_refuses_in_its_own_form(
    create_role: Callable[..., Role],
    service: str,
    operation: str,
    arguments: dict[str, Any],
    error: tuple[int, str] | None,
) -> None:
    status, code, message = _refuse(getattr(create_role().client(service), operation), **arguments)

    assert "is not authorized to perform" in message
    if error is not None:  # CloudWatch has three protocols, and a form for each
        assert (status, code) == error


def test_anyone_may_call_get_caller_identity(create_role: Callable[..., Role]) -> None:
    role = create_role(_deny("sts:*"))

    assert role.client("sts").get_caller_identity()["Arn"].endswith(f"assumed-role/{role.name}/test")


def test_root_may_do_everything(engine: Engine, bucket: str) -> None:
    for key in ("test", "anything", ACCOUNT):
        credentials = {"aws_access_key_id": key, "aws_secret_access_key": "test"}
        s3 = engine.client("s3", **credentials)
        assert s3.get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"photo"


def test_a_changed_policy_counts_at_the_next_request(
    engine: Engine, create_role: Callable[..., Role], bucket: str
) -> None:
    role = create_role(_allow("s3:GetObject", _objects(bucket)))
    s3 = role.client("s3")
    s3.get_object(Bucket=bucket, Key="raw/a")

    engine.client("iam").delete_role_policy(RoleName=role.name, PolicyName="inline")
    _refuse(s3.get_object, Bucket=bucket, Key="raw/a")
    role.permit(_allow("s3:*"))
    s3.get_object(Bucket=bucket, Key="raw/a")
    role.permit(_allow("s3:*"), _deny("s3:GetObject"))
    assert _refuse(s3.get_object, Bucket=bucket, Key="raw/a")[2].endswith(
        "with an explicit deny in an identity-based policy"
    )


def test_a_missing_key_is_forbidden_unless_one_may_list(create_role: Callable[..., Role], bucket: str) -> None:
    role = create_role(_allow("s3:GetObject", _objects(bucket)))
    s3 = role.client("s3")

    assert _refuse(s3.get_object, Bucket=bucket, Key="raw/none")[:2] == (403, "AccessDenied")
    assert _refuse(s3.head_object, Bucket=bucket, Key="raw/none")[0] == 403
    role.permit(_allow("s3:GetObject", _objects(bucket)), _allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    assert _refuse(s3.get_object, Bucket=bucket, Key="raw/none")[:2] == (404, "NoSuchKey")
    assert _refuse(s3.head_object, Bucket=bucket, Key="raw/none")[0] == 404


def test_versions_need_separate_actions(engine: Engine, create_role: Callable[..., Role], bucket: str) -> None:
    root = engine.client("s3")
    root.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = root.put_object(Bucket=bucket, Key="raw/v", Body=b"v")["VersionId"]
    role = create_role(_allow(["s3:GetObject", "s3:DeleteObject"], _objects(bucket)))
    s3 = role.client("s3")

    assert "s3:GetObjectVersion" in _refuse(s3.get_object, Bucket=bucket, Key="raw/v", VersionId=version)[2]
    assert "s3:DeleteObjectVersion" in _refuse(s3.delete_object, Bucket=bucket, Key="raw/v", VersionId=version)[2]
    role.permit(_allow(["s3:GetObjectVersion", "s3:DeleteObjectVersion"], _objects(bucket)))
    s3.get_object(Bucket=bucket, Key="raw/v", VersionId=version)
    s3.delete_object(Bucket=bucket, Key="raw/v", VersionId=version)


def _status(answer: httpx.Response) -> int:
    if answer.is_error:
        assert "<Code>AccessDenied</Code>" in answer.text
    return answer.status_code


def test_a_presigned_url_carries_its_signers_rights(create_role: Callable[..., Role], bucket: str) -> None:
    s3 = create_role(_allow("s3:GetObject", _objects(bucket, "raw/"))).client("s3")

    def fetch(key: str) -> int:
        return _status(httpx.get(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})))

    assert (fetch("raw/a"), fetch("thumbs/a")) == (200, 403)


def _post(s3: Any, bucket: str, key: str) -> int:  # noqa: ANN401
    form = s3.generate_presigned_post(bucket, key)
    return _status(httpx.post(form["url"], data=form["fields"], files={"file": ("a b.jpg", b"photo")}))


def test_a_presigned_form_carries_its_signers_rights(
    engine: Engine, create_role: Callable[..., Role], bucket: str
) -> None:
    s3 = create_role(_allow("s3:PutObject", _objects(bucket, "raw/"))).client("s3")

    assert (_post(s3, bucket, "raw/new"), _post(s3, bucket, "thumbs/new")) == (204, 403)
    assert _post(s3, bucket, "raw/${filename}") == 204

    listing = engine.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in listing] == ["raw/a", "raw/a b.jpg", "raw/new"]


def test_a_bucket_policy_may_allow_and_deny(engine: Engine, create_role: Callable[..., Role], bucket: str) -> None:
    role = create_role(_allow("s3:PutObject", _objects(bucket)))
    s3 = role.client("s3")
    only_tls = {"Bool": {"aws:SecureTransport": "false"}}
    engine.client("s3").put_bucket_policy(
        Bucket=bucket,
        Policy=_policy(
            _allow("s3:GetObject", _objects(bucket), Principal={"AWS": role.arn}),
            _deny("s3:*", _objects(bucket, "secret/"), Principal="*"),
            _deny("s3:*", _objects(bucket), Principal="*", Condition=only_tls),
        ),
    )

    s3.get_object(Bucket=bucket, Key="raw/a")
    s3.put_object(Bucket=bucket, Key="raw/b", Body=b"b")
    assert _refuse(s3.put_object, Bucket=bucket, Key="secret/b", Body=b"b")[2].endswith(
        "with an explicit deny in a resource-based policy"
    )


def test_a_queue_policy_may_deny(engine: Engine, create_role: Callable[..., Role], queue: str) -> None:
    role = create_role(_allow("sqs:*"))
    sqs = role.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    arn = engine.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]

    policy = _policy(_deny("sqs:SendMessage", arn, Principal={"AWS": role.arn}))
    engine.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})

    assert _refuse(sqs.send_message, QueueUrl=queue, MessageBody="b")[:2] == (403, "AccessDenied")


def test_a_topic_policy_may_allow(engine: Engine, create_role: Callable[..., Role]) -> None:
    role = create_role()
    topic = engine.client("sns").create_topic(Name=f"topic-{uuid.uuid4().hex[:12]}")["TopicArn"]
    _refuse(role.client("sns").publish, TopicArn=topic, Message="a")

    policy = _policy(_allow("sns:Publish", topic, Principal={"AWS": role.arn}))
    engine.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    role.client("sns").publish(TopicArn=topic, Message="a")


def test_attached_policies_count_awss_own_and_new_versions(
    engine: Engine, create_role: Callable[..., Role], queue: str
) -> None:
    iam, role = engine.client("iam"), create_role()
    sqs = role.client("sqs")
    own = iam.create_policy(PolicyName=f"p-{uuid.uuid4().hex[:12]}", PolicyDocument=_policy(_allow("sqs:SendMessage")))
    arn = own["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_policy(_allow("sqs:ListQueues")), SetAsDefault=True)
    _refuse(sqs.send_message, QueueUrl=queue, MessageBody="a")

    iam.attach_role_policy(RoleName=role.name, PolicyArn="arn:aws:iam::aws:policy/AmazonSQSFullAccess")

    sqs.send_message(QueueUrl=queue, MessageBody="a")


def test_a_boundary_and_a_session_policy_limit_a_role(
    engine: Engine, create_role: Callable[..., Role], queue: str
) -> None:
    only_list = _policy(_allow("sqs:ListQueues"))
    policy = engine.client("iam").create_policy(PolicyName=f"p-{uuid.uuid4().hex[:12]}", PolicyDocument=only_list)
    roles = {
        "permissions boundary": create_role(_allow("sqs:*"), PermissionsBoundary=policy["Policy"]["Arn"]),
        "session policy": create_role(_allow("sqs:*"), session_policy=only_list),
    }

    for kind, role in roles.items():
        role.client("sqs").list_queues()
        message = _refuse(role.client("sqs").send_message, QueueUrl=queue, MessageBody="a")[2]
        assert message.endswith(f"because no {kind} allows the sqs:SendMessage action")


def test_a_user_has_the_policies_of_its_groups(engine: Engine, queue: str) -> None:
    iam, name = engine.client("iam"), f"user-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    sqs = engine.client(
        "sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )  # fmt: skip
    assert (
        f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not"
        in _refuse(sqs.send_message, QueueUrl=queue, MessageBody="a")[2]
    )

    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName="send", PolicyDocument=_policy(_allow("sqs:SendMessage")))
    iam.add_user_to_group(GroupName=name, UserName=name)

    sqs.send_message(QueueUrl=queue, MessageBody="a")


def test_a_role_is_assumed_by_those_it_trusts(engine: Engine, create_role: Callable[..., Role]) -> None:
    caller = create_role(_allow("sts:AssumeRole"))
    trusting = create_role(trusted={"AWS": caller.arn})
    stranger = create_role()

    assert _assume(engine, trusting.arn, by=caller.client("sts"))
    assert _refuse(caller.client("sts").assume_role, RoleArn=stranger.arn, RoleSessionName="test")[:2] == (
        403,
        "AccessDenied",
    )


def test_a_key_is_used_by_its_alias_and_a_secret_by_its_name(engine: Engine, create_role: Callable[..., Role]) -> None:
    key = engine.client("kms").create_key()["KeyMetadata"]
    alias, secret = f"alias/{uuid.uuid4().hex}", uuid.uuid4().hex
    engine.client("kms").create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    arn = engine.client("secretsmanager").create_secret(Name=secret, SecretString="s")["ARN"]
    role = create_role(_allow("kms:Encrypt", key["Arn"]), _allow("secretsmanager:GetSecretValue", arn))

    role.client("kms").encrypt(KeyId=alias, Plaintext=b"a")
    role.client("secretsmanager").get_secret_value(SecretId=secret)
    assert "kms:DescribeKey" in _refuse(role.client("kms").describe_key, KeyId=alias)[2]


def test_conditions_see_the_request(create_role: Callable[..., Role], bucket: str) -> None:
    role = create_role()
    conditions = {
        "ArnEquals": {"aws:PrincipalArn": role.arn},
        "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"},
        "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
        "StringEquals": {"aws:RequestedRegion": "us-east-1", "aws:PrincipalAccount": ACCOUNT},
        "StringLike": {"s3:prefix": "raw/*", "aws:UserAgent": "*Boto3*"},
    }
    s3 = role.client("s3")

    role.permit(_allow("s3:ListBucket", Condition=conditions))
    s3.list_objects_v2(Bucket=bucket, Prefix="raw/")
    _refuse(s3.list_objects_v2, Bucket=bucket, Prefix="thumbs/")
    role.permit(_allow("s3:ListBucket", Condition=conditions | {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    _refuse(s3.list_objects_v2, Bucket=bucket, Prefix="raw/")


def test_a_policy_variable_is_the_role_tag(engine: Engine, create_role: Callable[..., Role], bucket: str) -> None:
    role = create_role(_allow("s3:GetObject", f"arn:aws:s3:::{bucket}/${{aws:PrincipalTag/folder}}/*"))
    s3 = role.client("s3")
    _refuse(s3.get_object, Bucket=bucket, Key="raw/a")

    engine.client("iam").tag_role(RoleName=role.name, Tags=[{"Key": "folder", "Value": "raw"}])

    s3.get_object(Bucket=bucket, Key="raw/a")


def test_a_deleted_role_may_do_nothing(engine: Engine, create_role: Callable[..., Role], bucket: str) -> None:
    role = create_role(_allow("s3:*"))
    iam = engine.client("iam")
    iam.delete_role_policy(RoleName=role.name, PolicyName="inline")
    iam.delete_role(RoleName=role.name)

    _refuse(role.client("s3").list_objects_v2, Bucket=bucket)


FOREIGN_ACCOUNT: Final = "444455556666"


@pytest.fixture
def foreign_root(engine: Engine) -> Callable[[str], Any]:
    """Makes clients of another account's root."""
    keys = {"aws_access_key_id": FOREIGN_ACCOUNT, "aws_secret_access_key": engine.secret_key}
    return lambda service: engine.client(service, **keys)


def _refuses(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


def _expect_both_sides(
    role: Role, action: str, permit: Callable[[dict[str, str]], object], call: Callable[[], object]
) -> None:
    """Expect that the own policy alone does not suffice, nor the resource's, but both do."""
    role.permit(_allow(action))
    refused = [_refuses(call)]
    permit({"AWS": role.arn})
    refused.append(_refuses(call))
    role.permit(_allow("sts:GetCallerIdentity"))
    refused.append(_refuses(call))
    assert refused == [True, False, True]


def test_a_queue_of_another_account_needs_both_sides(
    create_role: Callable[..., Role], foreign_root: Callable[[str], Any]
) -> None:
    sqs, role = foreign_root("sqs"), create_role()
    url = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def permit(principal: dict[str, str]) -> None:
        policy = _policy(_allow("sqs:SendMessage", arn, Principal=principal))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    _expect_both_sides(
        role, "sqs:SendMessage", permit, lambda: role.client("sqs").send_message(QueueUrl=url, MessageBody="a")
    )


def test_a_bucket_of_another_account_needs_both_sides(
    create_role: Callable[..., Role], foreign_root: Callable[[str], Any]
) -> None:
    s3, role, name = foreign_root("s3"), create_role(), f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"photo")

    def permit(principal: dict[str, str]) -> None:
        s3.put_bucket_policy(Bucket=name, Policy=_policy(_allow("s3:GetObject", _objects(name), Principal=principal)))

    _expect_both_sides(role, "s3:GetObject", permit, lambda: role.client("s3").get_object(Bucket=name, Key="a"))


def test_a_topic_and_a_role_of_another_account_need_both_sides(
    engine: Engine, create_role: Callable[..., Role], foreign_root: Callable[[str], Any]
) -> None:
    sns, iam, role, name = foreign_root("sns"), foreign_root("iam"), create_role(), f"other-{uuid.uuid4().hex[:12]}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=_policy())
    nobody = _policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    other = iam.create_role(RoleName=name, AssumeRolePolicyDocument=nobody)["Role"]["Arn"]

    def permit(principal: dict[str, str]) -> None:
        policy = _policy(_allow("sns:Publish", topic, Principal=principal))
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    def trust(principal: dict[str, str]) -> None:
        policy = _policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=policy)

    publish = role.client("sns").publish
    _expect_both_sides(role, "sns:Publish", permit, lambda: publish(TopicArn=topic, Message="a"))
    _expect_both_sides(role, "sts:AssumeRole", trust, lambda: _assume(engine, other, by=role.client("sts")))


@pytest.mark.parametrize("quiet", [False, True])
def test_each_key_of_a_deletion_is_allowed_or_refused_by_itself(
    engine: Engine, create_role: Callable[..., Role], bucket: str, *, quiet: bool
) -> None:
    root = engine.client("s3")
    for key in ("raw/b", "secret/c"):
        root.put_object(Bucket=bucket, Key=key, Body=b"photo")
    s3 = create_role(_allow("s3:DeleteObject", _objects(bucket, "raw/"))).client("s3")
    wanted = [{"Key": "raw/a"}, {"Key": "secret/c"}, {"Key": "raw/b", "VersionId": "null"}, {"Key": "raw/b"}]

    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": wanted, "Quiet": quiet})

    denied = {"Code": "AccessDenied", "Message": "Access Denied"}
    assert answer["Errors"] == [{"Key": "secret/c", **denied}, {"Key": "raw/b", "VersionId": "null", **denied}]
    assert [item["Key"] for item in answer.get("Deleted", ())] == ([] if quiet else ["raw/a", "raw/b"])
    assert [item["Key"] for item in root.list_objects_v2(Bucket=bucket)["Contents"]] == ["secret/c"]


def test_a_deletion_of_which_nothing_is_allowed_reports_every_key(
    engine: Engine, create_role: Callable[..., Role], bucket: str
) -> None:
    s3 = create_role(_allow("s3:GetObject")).client("s3")

    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "raw/a"}, {"Key": "none"}]})

    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [
        ("raw/a", "AccessDenied"),
        ("none", "AccessDenied"),
    ]
    assert "Deleted" not in answer
    assert engine.client("s3").get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"photo"
