"""Each function's role can do its work and nothing else, as enforced by the engine's IAM.

The engine evaluates the policies that Terraform applied, on real requests signed with the role's own temporary
credentials (ENFORCE_IAM=1 of the LocalStack plugin). That the roles can do their work is shown by all the other
tests, since the functions run under them; what is here are the calls that must be denied.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from support.stack import Stack

DENIED_CODES: Final = {"AccessDenied", "AccessDeniedException", "403", "AccessDeniedFault"}
Call = Callable[["Session"], object]


class Session:
    """One role's credentials on one stack."""

    def __init__(self, stack: Stack, credentials: Mapping[str, str] | None) -> None:
        self.stack = stack
        self._credentials = credentials

    def __call__(self, service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
        return self.stack.client(service, self._credentials)


@pytest.fixture(scope="module")
def sessions(stack: Stack) -> Mapping[str, Session]:
    sts = stack.client("sts")
    return {
        function: Session(stack, sts.assume_role(RoleArn=arn, RoleSessionName="e2e")["Credentials"])
        for function, arn in stack.role_arns.items()
    }


def s3_put(key: str) -> Call:
    return lambda role: role("s3").put_object(Bucket=role.stack.image_bucket, Key=key, Body=b"x")


def s3_get(key: str) -> Call:
    return lambda role: role("s3").get_object(Bucket=role.stack.image_bucket, Key=key)


def s3_delete(key: str) -> Call:
    return lambda role: role("s3").delete_object(Bucket=role.stack.image_bucket, Key=key)


def list_bucket(role: Session) -> object:
    return role("s3").list_objects_v2(Bucket=role.stack.image_bucket)


def list_site(role: Session) -> object:
    return role("s3").list_objects_v2(Bucket=role.stack.site_bucket)


def change_page(role: Session) -> object:
    return role("s3").put_object(Bucket=role.stack.site_bucket, Key="index.html", Body=b"x")


def drop_bucket_policy(role: Session) -> object:
    return role("s3").delete_bucket_policy(Bucket=role.stack.image_bucket)


def get_item(role: Session) -> object:
    return role("dynamodb").get_item(TableName=role.stack.catalog_table, Key={"id": {"S": "x"}})


def delete_item(role: Session) -> object:
    return role("dynamodb").delete_item(TableName=role.stack.catalog_table, Key={"id": {"S": "x"}})


def put_item(role: Session) -> object:
    return role("dynamodb").put_item(TableName=role.stack.catalog_table, Item={"id": {"S": "x"}})


def scan(role: Session) -> object:
    return role("dynamodb").scan(TableName=role.stack.catalog_table)


def query(role: Session) -> object:
    return role("dynamodb").query(
        TableName=role.stack.catalog_table,
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "x"}},
    )


def drop_table(role: Session) -> object:
    return role("dynamodb").delete_table(TableName=role.stack.catalog_table)


def receive(role: Session) -> object:
    return role("sqs").receive_message(QueueUrl=role.stack.queue_url)


def receive_dead_letters(role: Session) -> object:
    return role("sqs").receive_message(QueueUrl=role.stack.dead_letter_queue_url)


def send(role: Session) -> object:
    return role("sqs").send_message(QueueUrl=role.stack.queue_url, MessageBody="x")


def purge(role: Session) -> object:
    return role("sqs").purge_queue(QueueUrl=role.stack.queue_url)


def invalidate(distribution_id: str) -> Call:
    batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": "e2e"}
    return lambda role: role("cloudfront").create_invalidation(DistributionId=distribution_id, InvalidationBatch=batch)


def disable(role: Session) -> object:
    return role("cloudfront").delete_distribution(Id=role.stack.distribution_id)


def read_parameters(role: Session) -> object:
    return role("ssm").get_parameters_by_path(Path="/", Recursive=True, WithDecryption=True)


def invoke(role: Session) -> object:
    return role("lambda").invoke(FunctionName=role.stack.function_names["gallery"])


def read_configuration(role: Session) -> object:
    return role("lambda").get_function_configuration(FunctionName=role.stack.function_names["uploads"])


def read_logs(role: Session) -> object:
    return role("logs").filter_log_events(logGroupName=f"/aws/lambda/{role.stack.function_names['uploads']}")


def grant_itself(role: Session) -> object:
    return role("iam").put_role_policy(RoleName="x", PolicyName="x", PolicyDocument="{}")


def become_another(role: Session) -> object:
    return role("sts").assume_role(RoleArn=role.stack.role_arns["gallery"], RoleSessionName="another")


FOR_ALL: Final[list[Call]] = [
    drop_bucket_policy,
    list_site,
    change_page,
    drop_table,
    scan,
    receive_dead_letters,
    send,
    purge,
    read_parameters,
    invoke,
    read_configuration,
    read_logs,
    grant_itself,
    become_another,
]
DENIED: Final[dict[str, list[tuple[str, Call]]]] = {
    "uploads": [
        ("reads a photo", s3_get("raw/x.jpg")),
        ("reads a thumbnail", s3_get("thumbs/x")),
        ("writes a thumbnail", s3_put("thumbs/x")),
        ("writes outside raw/", s3_put("x.jpg")),
        ("deletes a photo", s3_delete("raw/x.jpg")),
        ("lists the bucket", list_bucket),
        ("reads an entry", get_item),
        ("queries the catalog", query),
        ("deletes an entry", delete_item),
        ("receives events", receive),
        ("empties the cache", lambda role: invalidate(role.stack.distribution_id)(role)),
    ],
    "gallery": [
        ("reads a photo", s3_get("raw/x.jpg")),
        ("reads a thumbnail", s3_get("thumbs/x")),
        ("empties another's cache", invalidate("E0000000000000")),
        ("changes its distribution", disable),
        ("writes a photo", s3_put("raw/x.jpg")),
        ("writes a thumbnail", s3_put("thumbs/x")),
        ("reads outside its folders", s3_get("private/x")),
        ("deletes outside its folders", s3_delete("private/x")),
        ("writes an entry", put_item),
        ("receives events", receive),
    ],
    "thumbnailer": [
        ("writes a photo", s3_put("raw/x.jpg")),
        ("deletes a photo", s3_delete("raw/x.jpg")),
        ("reads outside raw/", s3_get("private/x")),
        ("queries the catalog", query),
    ],
}
CASES: Final = [
    *((function, does, call) for function, calls in DENIED.items() for does, call in calls),
    *((function, call.__name__, call) for function in DENIED for call in FOR_ALL),
]


@pytest.mark.parametrize(("function", "does", "call"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_a_role_may_not(sessions: Mapping[str, Session], function: str, does: str, call: Call) -> None:
    with pytest.raises(ClientError) as refused:
        call(sessions[function])
    assert refused.value.response["Error"]["Code"] in DENIED_CODES, does


@pytest.mark.parametrize("call", [list_bucket, scan, receive_dead_letters, read_logs], ids=lambda call: call.__name__)
def test_the_same_calls_succeed_for_the_accounts_root(stack: Stack, call: Call) -> None:
    """A denial above is the policy's doing, not that of a call which could never succeed."""
    assert call(Session(stack, None))


def test_a_function_runs_under_its_own_role(stack: Stack) -> None:
    for function, arn in stack.role_arns.items():
        configuration = stack.client("lambda").get_function_configuration(FunctionName=stack.function_names[function])
        assert configuration["Role"] == arn
    assert len(set(stack.role_arns.values())) == len(stack.role_arns)
