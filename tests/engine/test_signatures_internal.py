"""LocalStack's calls to itself still work, and no client can pretend to be LocalStack."""

import json
import subprocess
import uuid
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from support.plugin_engine import CreateFunction, Engine, Function, StartEngine
from support.signed_requests import Keys, make, send, sign
from support.waiting import wait_until

INTERNAL: Final = json.dumps(
    {"source_arn": "arn:aws:lambda:us-east-1:000000000000:function:x", "service_principal": "lambda"}
)
MADE_UP: Final = (
    "AWS4-HMAC-SHA256 Credential={0}/20160623/us-east-1/{1}/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=1234"
)
JSON: Final = "application/x-amz-json-1.1"
SERVICES: Final = ("lambda", "states", "events", "apigateway", "sns", "s3")


def make_name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def make_policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.fixture(scope="module")
def role(verifying_engine: Engine) -> str:
    """A role of every service that acts for a stack, which may do what the tests' functions do."""
    iam = verifying_engine.client("iam")
    name = make_name("role")
    principals = [f"{service}.amazonaws.com" for service in SERVICES]
    trust = make_policy(Principal={"Service": principals}, Action="sts:AssumeRole")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    actions = ["s3:*", "sqs:*", "dynamodb:*", "ssm:*", "logs:*", "lambda:*"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=make_policy(Action=actions, Resource="*"))
    return arn


def make_queue(engine: Engine) -> tuple[str, str]:
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName=make_name("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    principals = [f"{service}.amazonaws.com" for service in SERVICES]
    policy = make_policy(Principal={"Service": principals}, Action="sqs:SendMessage", Resource=arn)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def receive(engine: Engine, url: str, wanted: str) -> str:
    """Return the body of a message that holds a text."""
    found: list[str] = []

    def look() -> bool:
        answer = engine.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)
        found.extend(message["Body"] for message in answer.get("Messages", ()))
        return any(wanted in body for body in found)

    wait_until("the message", look)
    return next(body for body in found if wanted in body)


@pytest.mark.parametrize("key", ["000000000000", "__internal_call__", "injectedaccesskey", "LKIAQAAAAAAAABCDEFGH"])
@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("s3", ("GET", "/", {})),
        ("sts", ("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {})),
        ("ssm", ("POST", "/", {"X-Amz-Target": "AmazonSSM.DescribeParameters", "Content-Type": JSON})),
        ("lambda", ("GET", "/2015-03-31/functions/", {})),
    ],
)
def test_localstacks_internal_headers_grant_nothing_to_clients(
    verifying_engine: Engine, key: str, service: str, call: tuple[str, str, dict[str, str]]
) -> None:
    engine = verifying_engine
    method, target, headers = call
    sent = make(engine, method, target, body=b"{}" if method == "POST" else b"").change(headers=headers)
    pretences: list[dict[str, str | None]] = [
        {"x-localstack-data": INTERNAL},
        {"x-localstack-data": "{}", "x-localstack-ticket": "a-ticket"},
        {"x-moto-account-id": "111122223333"},
        {"Authorization": MADE_UP.format(key, service), "x-amz-date": "20160623T103251Z"},
        {
            "Authorization": MADE_UP.format(key, service),
            "x-amz-date": "20160623T103251Z",
            "x-localstack-data": INTERNAL,
        },
        {"Authorization": MADE_UP.format(key, service), "x-localstack-data": INTERNAL, "x-localstack-ticket": ""},
    ]
    for pretence in pretences:
        answer = send(engine, sent.change(headers=pretence))
        assert answer.status in (400, 403), pretence
    for secret in ("__internal_call__", "test", key):
        assert send(engine, sign(sent, Keys(key, secret), service)).status in (400, 403)


def test_another_accounts_data_is_not_to_be_had_by_a_header(verifying_engine: Engine) -> None:
    engine = verifying_engine
    sent = make(engine, "GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
    signed = sign(sent, Keys.of(engine), "sts").change(headers={"x-moto-account-id": "111122223333"})
    answer = send(engine, signed)
    assert (answer.status, answer.element("Account")) == (200, "000000000000")


def test_a_forged_header_does_not_pass_as_log_delivery(verifying_engine: Engine) -> None:
    """IAM lets LocalStack's own delivery of logs pass."""
    engine = verifying_engine
    iam = engine.client("iam")
    name = make_name("user")
    iam.create_user(UserName=name)
    keys = Keys.read(iam.create_access_key(UserName=name)["AccessKey"])
    headers = {"X_Amz_Target": "Logs_20140328.CreateLogGroup", "Content_Type": "application/x-amz-json-1.1"}
    sent = make(engine, "POST", "/", body=b'{"logGroupName": "/forged"}', **headers, x_localstack_data=INTERNAL)
    answer = send(engine, sign(sent, keys, "logs"))
    assert (answer.status, answer.code) == (400, "AccessDeniedException")


CODE: Final = """
import os, boto3

def handler(event, context):
    boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key="from function ä+", Body=b"hello")
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"id": {"S": "1"}})
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody="from function " + str(event))
    print("the function's log")
    return {
        "who": boto3.client("sts").get_caller_identity()["Arn"],
        "parameter": boto3.client("ssm").get_parameter(Name=os.environ["PARAMETER"])["Parameter"]["Value"],
        "environ": dict(os.environ),
        "parent": open(f"/proc/{os.getppid()}/environ").read() if os.path.exists("/proc/self/environ") else "",
    }
"""


@pytest.fixture
def stack(verifying_engine: Engine, role: str, create_function: CreateFunction) -> dict[str, Any]:
    """A function with a bucket, a table, a queue and a parameter."""
    engine = verifying_engine
    name = make_name("stack")
    engine.client("s3").create_bucket(Bucket=name)
    engine.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    engine.client("ssm").put_parameter(Name=f"/{name}", Value="a parameter", Type="String")
    queue, _ = make_queue(engine)
    variables = {"BUCKET": name, "TABLE": name, "QUEUE": queue, "PARAMETER": f"/{name}"}
    function = create_function(CODE, on=engine, Role=role, Environment={"Variables": variables})
    return {"name": name, "queue": queue, "function": function}


def test_a_function_uses_its_roles_permissions(verifying_engine: Engine, role: str, stack: dict[str, Any]) -> None:
    engine = verifying_engine
    function: Function = stack["function"]
    answer = function.invoke(b'{"n": 1}')
    assert "FunctionError" not in answer, answer["Body"]
    told = json.loads(answer["Body"])
    assert told["who"] == f"arn:aws:sts::000000000000:assumed-role/{role.rpartition('/')[2]}/{function.name}"
    assert told["parameter"] == "a parameter"
    assert receive(engine, stack["queue"], "from function")
    found = engine.client("s3").get_object(Bucket=stack["name"], Key="from function ä+")
    assert found["Body"].read() == b"hello"
    assert function.read_log("the function's log")
    assert engine.secret_key not in json.dumps(told)


def test_objects_reach_a_function_by_a_queue(verifying_engine: Engine, stack: dict[str, Any]) -> None:
    engine = verifying_engine
    _, arn = make_queue(engine)
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    other = make_name("photos")
    engine.client("s3").create_bucket(Bucket=other)
    engine.client("s3").put_bucket_notification_configuration(Bucket=other, NotificationConfiguration=configuration)
    engine.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=stack["function"].name)
    engine.client("s3").put_object(Bucket=other, Key="raw/photo", Body=b"x")
    assert "raw/photo" in receive(engine, stack["queue"], "raw/photo")


def test_a_functions_code_is_downloaded_by_its_url(verifying_engine: Engine, stack: dict[str, Any]) -> None:
    engine = verifying_engine
    location = engine.client("lambda").get_function(FunctionName=stack["function"].name)["Code"]["Location"]
    parts = urlsplit(location)
    sent = make(engine, "GET", f"{parts.path}?{parts.query}", Host=parts.netloc)
    assert send(engine, sent).body.startswith(b"PK")
    assert send(engine, sent.change(target=parts.path)).status == 403
    assert send(engine, sent.change(target=sent.target.replace("ignature=", "ignature=0"))).status == 403


def test_a_topic_and_a_bus_reach_queues(verifying_engine: Engine) -> None:
    engine = verifying_engine
    url, arn = make_queue(engine)
    topic = engine.client("sns").create_topic(Name=make_name("topic"))["TopicArn"]
    engine.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    engine.client("sns").publish(TopicArn=topic, Message="by the topic")
    assert receive(engine, url, "by the topic")

    events = engine.client("events")
    rule = make_name("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(Entries=[{"Source": rule, "DetailType": "x", "Detail": '{"by": "the bus"}'}])
    assert receive(engine, url, "the bus")


def test_a_rest_api_calls_a_function_and_a_queue(
    verifying_engine: Engine, role: str, create_function: CreateFunction
) -> None:
    engine = verifying_engine
    function = create_function(
        "def handler(event, context): return {'statusCode': 200, 'body': 'hi'}", on=engine, Role=role
    )
    url, _ = make_queue(engine)
    gateway = engine.client("apigateway")
    api = gateway.create_rest_api(name=make_name("api"))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    prefix = "arn:aws:apigateway:us-east-1"
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function.name}"
    integrations: dict[str, dict[str, Any]] = {
        "GET": {"type": "AWS_PROXY", "uri": f"{prefix}:lambda:path/2015-03-31/functions/{arn}/invocations"},
        "POST": {
            "type": "AWS",
            "uri": f"{prefix}:sqs:path{urlsplit(url).path}",
            "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
            "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$input.body"},
        },
        "PUT": {
            "type": "AWS",
            "uri": f"{prefix}:sqs:path{urlsplit(url).path}",
            "credentials": role,
            "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
            "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$input.body"},
        },
    }
    for method, integration in integrations.items():
        where = {"restApiId": api, "resourceId": root, "httpMethod": method}
        gateway.put_method(**where, authorizationType="NONE")
        gateway.put_integration(**where, integrationHttpMethod="POST", **integration)
        if method != "GET":
            gateway.put_method_response(**where, statusCode="200")
            gateway.put_integration_response(**where, statusCode="200")
    gateway.create_deployment(restApiId=api, stageName="test")
    place = f"/_aws/execute-api/{api}/test/"
    assert send(engine, make(engine, "GET", place)).body == b"hi"
    for method in ("POST", "PUT"):
        body = json.dumps({"by": method}).encode()
        answer = send(engine, make(engine, method, place, body=body, Content_Type="application/json"))
        assert answer.status == 200, answer.body
        assert receive(engine, url, method)


def test_a_rest_api_with_a_variable_path_reaches_no_route_of_the_root_user(verifying_engine: Engine, role: str) -> None:
    engine = verifying_engine
    engine.client("sqs").list_queues()  # its routes are there as soon as it is used
    gateway = engine.client("apigateway")
    api = gateway.create_rest_api(name=make_name("api"))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    where = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE", requestParameters={"method.request.path.proxy": True})
    gateway.put_integration(
        **where,
        type="AWS",
        integrationHttpMethod="GET",
        credentials=role,
        uri="arn:aws:apigateway:us-east-1:s3:path/{proxy}",
        requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
    )
    gateway.put_method_response(**where, statusCode="200")
    gateway.put_integration_response(**where, statusCode="200")
    gateway.create_deployment(restApiId=api, stageName="test")
    for path in ("_localstack/info", "_localstack/plugins", "_aws/sqs/messages"):
        answer = send(engine, make(engine, "GET", f"/_aws/execute-api/{api}/test/{path}"))
        assert b"Only the root user may use this route." in answer.body, path


def test_cloudformation_makes_a_stack(verifying_engine: Engine) -> None:
    engine = verifying_engine
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "User": {"Type": "AWS::IAM::User"},
            "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "User"}}},
        },
        "Outputs": {
            "Id": {"Value": {"Ref": "Key"}},
            "Secret": {"Value": {"Fn::GetAtt": ["Key", "SecretAccessKey"]}},
            "User": {"Value": {"Ref": "User"}},
        },
    }
    cloudformation = engine.client("cloudformation")
    name = make_name("stack")
    bucket = make_name("templates")
    engine.client("s3").create_bucket(Bucket=bucket)
    engine.client("s3").put_object(Bucket=bucket, Key="template.json", Body=json.dumps(template).encode())
    cloudformation.create_stack(StackName=name, TemplateURL=f"{engine.url}/{bucket}/template.json")
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    outputs = {
        item["OutputKey"]: item["OutputValue"]
        for item in cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    }
    keys = Keys(outputs["Id"], outputs["Secret"])
    assert keys.client(engine, "sts").get_caller_identity()["Arn"].endswith(f"user/{outputs['User']}")


def test_a_state_machine_calls_a_function(verifying_engine: Engine, role: str, create_function: CreateFunction) -> None:
    engine = verifying_engine
    stepfunctions = engine.client("stepfunctions")
    try:
        stepfunctions.list_state_machines()
    except ClientError as error:
        if "unsupported operand type" in str(error):
            pytest.skip("LocalStack 4.13 cannot load Step Functions on Python 3.11")
        raise
    function = create_function("def handler(event, context): return 'done'", on=engine, Role=role)
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function.name},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Call", "States": {"Call": state}})
    machine = stepfunctions.create_state_machine(name=make_name("machine"), roleArn=role, definition=definition)
    execution = stepfunctions.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    wait_until(
        "the execution to end", lambda: stepfunctions.describe_execution(executionArn=execution)["status"] != "RUNNING"
    )
    ended = stepfunctions.describe_execution(executionArn=execution)
    assert (ended["status"], "done" in ended.get("output", "")) == ("SUCCEEDED", True), ended


def test_a_ticket_is_good_for_one_request(start_engine: StartEngine) -> None:
    """With its requests in memory, LocalStack still calls itself."""
    engine = start_engine(
        VERIFY_SIGNATURES="1", IN_MEMORY_CLIENT="1", ROOT_ACCESS_KEY_ID="ROOT", ROOT_SECRET_ACCESS_KEY=uuid.uuid4().hex
    )
    url, arn = make_queue(engine)
    topic = engine.client("sns").create_topic(Name=make_name("topic"))["TopicArn"]
    engine.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    engine.client("sns").publish(TopicArn=topic, Message="in memory")
    assert receive(engine, url, "in memory")


def test_the_secret_is_in_no_log_and_no_process(verifying_engine: Engine, stack: dict[str, Any]) -> None:
    """The engine logs at DEBUG=1; a function runs as its child."""
    engine = verifying_engine
    assert stack["function"].invoke()["StatusCode"] == 200
    log = engine.log.read_text(errors="replace")
    assert len(log) > 1000
    assert engine.secret_key not in log
    shown = subprocess.run(
        ["ps", "axeww"],  # noqa: S607 - it lies elsewhere on macOS
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    ).stdout
    assert str(engine.process.pid) in shown
    assert engine.secret_key not in shown
