import json
import uuid
from typing import Any, Final

import pytest

from support.plugin_engine import CreateFunction, Engine
from support.waiting import happens

ASK: Final = """
import boto3

def handler(event, context):
    try:
        boto3.client("s3").list_objects_v2(Bucket=event["bucket"])
    except Exception as err:
        return str(err)
    return "allowed"
"""
LOGS: Final = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
POLL: Final = {
    "Effect": "Allow",
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "Resource": "*",
}
SECONDS: Final = 20


@pytest.fixture(scope="module")
def engine(enforcing_engine: Engine) -> Engine:
    return enforcing_engine


@pytest.fixture
def role(engine: Engine) -> str:
    name = f"role-{uuid.uuid4().hex[:12]}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    engine.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    return name


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _permit(engine: Engine, role: str, *statements: dict[str, Any]) -> None:
    engine.client("iam").put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=_policy(*statements))


def _arn(role: str) -> str:
    return f"arn:aws:iam::000000000000:role/{role}"


def test_a_function_may_do_what_its_role_allows(engine: Engine, create_function: CreateFunction, role: str) -> None:
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    engine.client("s3").create_bucket(Bucket=bucket)
    function = create_function(ASK, on=engine, Role=_arn(role))

    def ask() -> str:
        answer: str = json.loads(function.invoke(json.dumps({"bucket": bucket}).encode())["Body"])
        return answer

    assert f"assumed-role/{role}/{function.name} is not authorized to perform: s3:ListBucket" in ask()
    _permit(engine, role, {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"})
    assert ask() == "allowed"


def test_a_functions_log_needs_only_what_it_needs_on_aws(
    engine: Engine, create_function: CreateFunction, role: str
) -> None:
    _permit(engine, role, LOGS)
    function = create_function("def handler(event, context):\n    print('said')", on=engine, Role=_arn(role))

    function.invoke()

    assert any("said" in message for message in function.read_log("said"))


def test_a_queue_is_polled_with_the_functions_role(engine: Engine, create_function: CreateFunction, role: str) -> None:
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex[:12]}", Attributes={"VisibilityTimeout": "2"})[
        "QueueUrl"
    ]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function = create_function("def handler(event, context): pass", on=engine, Role=_arn(role), Timeout=1)
    _permit(engine, role, LOGS, POLL)  # looked at when the mapping is made, as on AWS
    mapping = engine.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=function.name)
    _permit(engine, role, LOGS)
    sqs.send_message(QueueUrl=url, MessageBody="a")

    def is_taken() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return set(counts.values()) == {"0"}

    assert not happens(is_taken, within_s=3)
    _permit(engine, role, LOGS, POLL)
    assert happens(is_taken, within_s=SECONDS)

    engine.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
