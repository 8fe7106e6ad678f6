"""Unsigned requests: only what a policy, an ACL or a public route allows."""

import json
import uuid
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore import auth

from support.plugin_engine import CreateFunction, Engine, StartEngine
from support.signed_requests import Answer, Keys, make, send, sign, unsigned_client


def make_name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def allow(action: str, resource: str, **more: Any) -> str:  # noqa: ANN401 - elements of a statement
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def get(engine: Engine, target: str, **headers: str) -> Answer:
    return send(engine, make(engine, "GET", target).change(headers=headers))


@pytest.fixture(scope="module")
def engine_without_iam(start_engine: StartEngine) -> Engine:
    """An engine that verifies signatures and enforces nothing else."""
    return start_engine(VERIFY_SIGNATURES="1", ROOT_ACCESS_KEY_ID="ROOT", ROOT_SECRET_ACCESS_KEY=uuid.uuid4().hex)


@pytest.mark.parametrize("enforcing", [True, False])
def test_a_bucket_is_public_as_far_as_its_policy_allows(
    verifying_engine: Engine,
    engine_without_iam: Engine,
    enforcing: bool,  # noqa: FBT001 - which engine
) -> None:
    engine = verifying_engine if enforcing else engine_without_iam
    s3 = engine.client("s3")
    name = make_name("bucket")
    s3.create_bucket(Bucket=name)
    for key in ("public/a", "private/b"):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    for target in (f"/{name}", f"/{name}/public/a", f"/{name}/private/b", "/no-such-bucket/key", "/"):
        assert get(engine, target).status == 403, target

    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"RestrictPublicBuckets": False})
    s3.put_bucket_policy(Bucket=name, Policy=allow("s3:GetObject", f"arn:aws:s3:::{name}/public/*"))
    assert get(engine, f"/{name}/public/a").body == b"public/a"
    for target in (f"/{name}", f"/{name}/private/b", f"/{name}/public/a?acl", f"/{name}?policy"):
        answer = get(engine, target)
        assert (answer.status, answer.code) == (403, "AccessDenied"), target
    for method in ("PUT", "DELETE"):
        assert send(engine, make(engine, method, f"/{name}/public/a")).status == 403


def test_an_object_is_public_by_its_acl(verifying_engine: Engine) -> None:
    s3 = verifying_engine.client("s3")
    name = make_name("bucket")
    s3.create_bucket(Bucket=name)
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object(Bucket=name, Key="a", Body=b"a", ACL="public-read")
    s3.put_object(Bucket=name, Key="b", Body=b"b")
    assert get(verifying_engine, f"/{name}/a").body == b"a"
    assert get(verifying_engine, f"/{name}/b").status == 403


def test_a_condition_on_the_ip_address_applies_to_anonymous_callers_too(verifying_engine: Engine) -> None:
    s3 = verifying_engine.client("s3")
    name = make_name("bucket")
    s3.create_bucket(Bucket=name)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"RestrictPublicBuckets": False})
    s3.put_object(Bucket=name, Key="a", Body=b"a")
    for address, status in (("127.0.0.0/8", 200), ("192.0.2.0/24", 403)):
        policy = allow("s3:GetObject", f"arn:aws:s3:::{name}/*", Condition={"IpAddress": {"aws:SourceIp": address}})
        s3.put_bucket_policy(Bucket=name, Policy=policy)
        assert get(verifying_engine, f"/{name}/a").status == status


def test_a_website_serves_only_public_objects(verifying_engine: Engine) -> None:
    s3 = verifying_engine.client("s3")
    name = make_name("site")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_website(
        Bucket=name,
        WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}},
    )
    s3.put_object(Bucket=name, Key="index.html", Body=b"hello")
    s3.put_object(Bucket=name, Key="secret.html", Body=b"secret")
    host = f"{name}.s3-website.localhost.localstack.cloud:{urlsplit(verifying_engine.url).port}"
    closed = get(verifying_engine, "/", Host=host)
    assert (closed.status, b"AccessDenied" in closed.body) == (403, True)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"RestrictPublicBuckets": False})
    s3.put_bucket_policy(Bucket=name, Policy=allow("s3:GetObject", f"arn:aws:s3:::{name}/index.html"))
    assert get(verifying_engine, "/", Host=host).body == b"hello"
    assert get(verifying_engine, "/secret.html", Host=host).status == 403


@pytest.mark.parametrize("enforcing", [True, False])
def test_a_queue_is_public_as_far_as_its_policy_allows(
    verifying_engine: Engine,
    engine_without_iam: Engine,
    enforcing: bool,  # noqa: FBT001 - which engine
) -> None:
    engine = verifying_engine if enforcing else engine_without_iam
    sqs, nobody = engine.client("sqs"), unsigned_client(engine, "sqs")
    url = sqs.create_queue(QueueName=make_name("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    path = urlsplit(url).path
    places = [path, f"/queue/us-east-1{path}"]
    sending = {"Action": "SendMessage", "MessageBody": "hi"}
    for place in places:
        assert get(engine, f"{place}?{urlencode(sending)}").status == 403

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": allow("sqs:SendMessage", arn)})
    nobody.send_message(QueueUrl=url, MessageBody="hi")
    for place in places:
        assert get(engine, f"{place}?{urlencode(sending)}").status == 200, place
        for action in ("ReceiveMessage", "PurgeQueue", "DeleteQueue", "GetQueueAttributes"):
            answer = get(engine, f"{place}?Action={action}")
            assert answer.status == 403, action
            assert answer.code in ("AccessDenied", "MissingAuthenticationToken")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert attributes["Attributes"] == {"ApproximateNumberOfMessages": "3"}


def test_a_call_at_a_queues_url_is_made_as_its_signer(verifying_engine: Engine) -> None:
    engine = verifying_engine
    sqs, iam = engine.client("sqs"), engine.client("iam")
    url = sqs.create_queue(QueueName=make_name("queue"))["QueueUrl"]
    name = make_name("user")
    iam.create_user(UserName=name)
    user = Keys.read(iam.create_access_key(UserName=name)["AccessKey"])
    root = Keys.of(engine)

    def receive(keys: Keys, place: str, signer: Any = None) -> Answer:  # noqa: ANN401 - botocore ships no types
        sent = make(engine, "GET", f"{place}?Action=GetQueueAttributes&AttributeName.1=All")
        return send(engine, sign(sent, keys, "sqs", signer=signer))

    for place in (urlsplit(url).path, f"/queue/us-east-1{urlsplit(url).path}"):
        other = sign(make(engine, "GET", f"{place}?Action=GetQueueAttributes&AttributeName.1=All"), root, "s3")
        assert send(engine, other).code == "SignatureDoesNotMatch"
        for signer in (None, auth.SigV4QueryAuth):
            assert b"QueueArn" in receive(root, place, signer).body
            assert receive(user, place, signer).code == "AccessDenied"
            assert receive(Keys("test", "test"), place, signer).code == "InvalidClientTokenId"
            assert receive(Keys(root.access_key, "wrong"), place, signer).code == "SignatureDoesNotMatch"


def test_a_topic_is_public_as_far_as_its_policy_allows(verifying_engine: Engine) -> None:
    sns, nobody = verifying_engine.client("sns"), unsigned_client(verifying_engine, "sns")
    arn = sns.create_topic(Name=make_name("topic"))["TopicArn"]
    with pytest.raises(nobody.exceptions.ClientError, match="MissingAuthenticationToken"):
        nobody.publish(TopicArn=arn, Message="hi")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=allow("sns:Publish", arn))
    assert nobody.publish(TopicArn=arn, Message="hi")["MessageId"]
    with pytest.raises(nobody.exceptions.ClientError, match="MissingAuthenticationToken"):
        nobody.delete_topic(TopicArn=arn)


def test_a_subscriber_confirms_and_ends_without_a_signature(verifying_engine: Engine) -> None:
    engine = verifying_engine
    sns, sqs = engine.client("sns"), engine.client("sqs")
    topic = sns.create_topic(Name=make_name("topic"))["TopicArn"]
    pending = sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    tokens = f"/_aws/sns/subscription-tokens/{pending}"
    assert get(engine, tokens).status == 403
    token = json.loads(send(engine, sign(make(engine, "GET", tokens), Keys.of(engine), "sns")).body)
    query = {"Action": "ConfirmSubscription", "TopicArn": topic, "Token": token["subscription_token"]}
    assert get(engine, f"/?{urlencode(query | {'Token': '0' * 64})}").status in (400, 404)
    assert get(engine, f"/?{urlencode(query)}").status == 200

    url = sqs.create_queue(QueueName=make_name("queue"))["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    owned = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    assert get(engine, f"/?Action=Unsubscribe&SubscriptionArn={quote(owned, '')}").status == 403
    assert get(engine, f"/?Action=Unsubscribe&SubscriptionArn={quote(pending, '')}").status == 200
    left = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [item["SubscriptionArn"] for item in left] == [owned]


@pytest.fixture(scope="module")
def api(verifying_engine: Engine) -> str:
    """A REST API with a public method and one that requires a signature."""
    gateway = verifying_engine.client("apigateway")
    api: str = gateway.create_rest_api(name=make_name("api"))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    for part, authorization in (("open", "NONE"), ("closed", "AWS_IAM")):
        resource = gateway.create_resource(restApiId=api, parentId=root, pathPart=part)["id"]
        where = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
        gateway.put_method(**where, authorizationType=authorization)
        template = {"application/json": '{"statusCode": 200}'}
        gateway.put_integration(**where, type="MOCK", requestTemplates=template)
        gateway.put_method_response(**where, statusCode="200")
        gateway.put_integration_response(**where, statusCode="200")
    gateway.create_deployment(restApiId=api, stageName="test")
    return api


def test_methods_are_public_unless_they_require_a_signature(verifying_engine: Engine, api: str) -> None:
    engine, root = verifying_engine, Keys.of(verifying_engine)
    host = f"{api}.execute-api.localhost.localstack.cloud:{urlsplit(engine.url).port}"
    places: list[tuple[str, dict[str, str]]] = [
        (f"/_aws/execute-api/{api}/test", {}),
        (f"/restapis/{api}/test/_user_request_", {}),
        ("/test", {"Host": host}),
    ]
    for place, headers in places:
        assert get(engine, f"{place}/open", **headers).status == 200
        assert get(engine, f"{place}/open", **headers, Authorization="Bearer token").status == 200
        unsigned = make(engine, "GET", f"{place}/closed?a=b%20c").change(headers=headers)
        answer = send(engine, unsigned)
        assert (answer.status, json.loads(answer.body)) == (403, {"message": "Missing Authentication Token"})
        assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
        assert send(engine, sign(unsigned, root, "execute-api")).status == 200
        assert send(engine, sign(unsigned, root, "execute-api", signer=auth.SigV4QueryAuth)).status == 200
        for keys, code in (
            (Keys("test", "test"), "UnrecognizedClientException"),
            (Keys(root.access_key, "wrong"), "InvalidSignatureException"),
        ):
            answer = send(engine, sign(unsigned, keys, "execute-api"))
            assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, code)
        assert send(engine, sign(unsigned, root, "lambda")).status == 403
        assert send(engine, unsigned.change(headers={"Authorization": "Bearer token"})).status == 403


def test_a_function_url_is_public_unless_it_requires_a_signature(
    verifying_engine: Engine, create_function: CreateFunction
) -> None:
    engine, root = verifying_engine, Keys.of(verifying_engine)
    function = create_function("def handler(event, context): return {'statusCode': 200, 'body': 'hi'}", on=engine)
    for authorization, status in (("NONE", 200), ("AWS_IAM", 403)):
        client = function.lambda_client
        url = client.create_function_url_config(FunctionName=function.name, AuthType=authorization)["FunctionUrl"]
        name = urlsplit(url).netloc.partition(".lambda-url.")[0]
        host = f"{name}.lambda-url.us-east-1.localhost.localstack.cloud:{urlsplit(engine.url).port}"
        sent = make(engine, "GET", "/a?b=c", Host=host)
        assert send(engine, sent).status == status
        assert send(engine, sign(sent, root, "lambda")).status == 200
        if authorization == "AWS_IAM":
            assert send(engine, sign(sent, Keys("test", "test"), "lambda")).status == 403
            assert send(engine, sign(sent, Keys(root.access_key, "wrong"), "lambda")).status == 403
        client.delete_function_url_config(FunctionName=function.name)


def test_a_preflight_needs_no_signature(verifying_engine: Engine) -> None:
    s3 = verifying_engine.client("s3")
    name = make_name("bucket")
    s3.create_bucket(Bucket=name)
    rule = {"AllowedOrigins": ["https://photos.example"], "AllowedMethods": ["POST"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
    headers = {"Origin": "https://photos.example", "Access-Control-Request-Method": "POST"}
    answer = send(verifying_engine, make(verifying_engine, "OPTIONS", f"/{name}").change(headers=headers))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "https://photos.example")
    refused = send(verifying_engine, make(verifying_engine, "POST", f"/{name}", Origin=headers["Origin"]))
    # With it, the page may read why.
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (403, "https://photos.example")
