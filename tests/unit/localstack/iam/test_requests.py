from typing import Any, Final

import pytest

from thumbpipe_localstack.iam.calls import Call
from thumbpipe_localstack.iam.requests import find_checks

TABLE: Final = "arn:aws:dynamodb:eu-west-1:111122223333:table/catalog"
QUEUE: Final = "arn:aws:sqs:eu-west-1:111122223333:jobs"
FOREIGN_QUEUE: Final = "arn:aws:sqs:eu-west-1:444455556666:jobs"
TOPIC: Final = "arn:aws:sns:eu-west-1:111122223333:news"
FUNCTION: Final = "arn:aws:lambda:eu-west-1:111122223333:function:work"
KEY: Final = "arn:aws:kms:eu-west-1:111122223333:key/k1"
MACHINE: Final = "arn:aws:states:eu-west-1:111122223333:stateMachine:m"

Needed = list[tuple[str, str]]


def _call(service: str, operation: str, parameters: dict[str, Any]) -> Call:
    return Call(
        service=service, operation=operation, parameters=parameters, region="eu-west-1", account="111122223333"
    )  # fmt: skip


def _find(service: str, operation: str, parameters: dict[str, Any]) -> Needed:
    checks = find_checks(_call(service, operation, parameters))
    return [(check.action, check.resource) for check in checks]


OBJECT: Final = {"Bucket": "photos", "Key": "raw/a.jpg"}
OBJECT_ARN: Final = "arn:aws:s3:::photos/raw/a.jpg"
VERSION: Final = {**OBJECT, "VersionId": "v1"}


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("HeadBucket", {"Bucket": "photos"}, [("s3:ListBucket", "arn:aws:s3:::photos")]),
        ("ListObjectsV2", {"Bucket": "photos"}, [("s3:ListBucket", "arn:aws:s3:::photos")]),
        ("ListObjectVersions", {"Bucket": "photos"}, [("s3:ListBucketVersions", "arn:aws:s3:::photos")]),
        ("PutBucketPolicy", {"Bucket": "photos"}, [("s3:PutBucketPolicy", "arn:aws:s3:::photos")]),
        ("DeleteBucketCors", {"Bucket": "photos"}, [("s3:PutBucketCORS", "arn:aws:s3:::photos")]),
        ("GetObject", OBJECT, [("s3:GetObject", OBJECT_ARN)]),
        ("GetObject", VERSION, [("s3:GetObjectVersion", OBJECT_ARN)]),
        ("HeadObject", VERSION, [("s3:GetObjectVersion", OBJECT_ARN)]),
        ("GetObjectTagging", VERSION, [("s3:GetObjectVersionTagging", OBJECT_ARN)]),
        ("PutObject", {**OBJECT, "ACL": None, "Tagging": None}, [("s3:PutObject", OBJECT_ARN)]),
        ("PostObject", OBJECT, [("s3:PutObject", OBJECT_ARN)]),
        ("CreateMultipartUpload", OBJECT, [("s3:PutObject", OBJECT_ARN)]),
        ("UploadPart", OBJECT, [("s3:PutObject", OBJECT_ARN)]),
        ("AbortMultipartUpload", OBJECT, [("s3:AbortMultipartUpload", OBJECT_ARN)]),
        ("DeleteObject", OBJECT, [("s3:DeleteObject", OBJECT_ARN)]),
        ("DeleteObject", VERSION, [("s3:DeleteObjectVersion", OBJECT_ARN)]),
        (
            "DeleteObjects",
            {"Bucket": "photos", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "v"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::photos/a"), ("s3:DeleteObjectVersion", "arn:aws:s3:::photos/b")],
        ),
        (
            "PutObject",
            {**OBJECT, "ACL": "public-read", "Tagging": "a=b"},
            [("s3:PutObject", OBJECT_ARN), ("s3:PutObjectTagging", OBJECT_ARN), ("s3:PutObjectAcl", OBJECT_ARN)],
        ),
        ("PutObjectTagging", {**OBJECT, "Tagging": {"TagSet": []}}, [("s3:PutObjectTagging", OBJECT_ARN)]),
        (
            "CopyObject",
            {**OBJECT, "CopySource": "/old/x%20y.jpg?versionId=v"},
            [("s3:PutObject", OBJECT_ARN), ("s3:GetObjectVersion", "arn:aws:s3:::old/x y.jpg")],
        ),
        (
            "UploadPartCopy",
            {**OBJECT, "CopySource": "old/x.jpg"},
            [("s3:PutObject", OBJECT_ARN), ("s3:GetObject", "arn:aws:s3:::old/x.jpg")],
        ),
        (
            "GetObjectAttributes",
            OBJECT,
            [("s3:GetObjectAttributes", OBJECT_ARN), ("s3:GetObject", OBJECT_ARN)],
        ),
    ],
)
def test_s3(operation: str, parameters: dict[str, Any], expected: Needed) -> None:
    assert _find("s3", operation, parameters) == expected


def test_s3_calls_set_the_condition_keys_for_prefix_and_acl() -> None:
    listing, *_ = find_checks(_call("s3", "ListObjectsV2", {"Bucket": "photos", "Prefix": "raw/", "MaxKeys": 10}))
    upload, *_ = find_checks(_call("s3", "PutObject", {**OBJECT, "ACL": "public-read"}))

    assert listing.context == {"s3:prefix": ("raw/",), "s3:max-keys": ("10",)}
    assert upload.context == {"s3:x-amz-acl": ("public-read",)}


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("GetItem", {"TableName": "catalog"}, [("dynamodb:GetItem", TABLE)]),
        ("GetItem", {"TableName": TABLE}, [("dynamodb:GetItem", TABLE)]),
        ("Query", {"TableName": "catalog"}, [("dynamodb:Query", TABLE)]),
        ("Query", {"TableName": "catalog", "IndexName": "by_month"}, [("dynamodb:Query", f"{TABLE}/index/by_month")]),
        ("ListTables", {"ExclusiveStartTableName": "a"}, [("dynamodb:ListTables", "*")]),
        ("TagResource", {"ResourceArn": TABLE}, [("dynamodb:TagResource", TABLE)]),
        (
            "BatchWriteItem",
            {"RequestItems": {"catalog": [], f"{TABLE}2": []}},
            [("dynamodb:BatchWriteItem", TABLE), ("dynamodb:BatchWriteItem", f"{TABLE}2")],
        ),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "catalog"}},
                    {"ConditionCheck": {"TableName": "catalog"}},
                    {"Delete": {"TableName": "catalog"}},
                ]
            },
            [("dynamodb:PutItem", TABLE), ("dynamodb:ConditionCheckItem", TABLE), ("dynamodb:DeleteItem", TABLE)],
        ),
        (
            "TransactGetItems",
            {"TransactItems": [{"Get": {"TableName": "catalog"}}]},
            [("dynamodb:GetItem", TABLE)],
        ),
    ],
)
def test_dynamodb(operation: str, parameters: dict[str, Any], expected: Needed) -> None:
    assert _find("dynamodb", operation, parameters) == expected


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("sqs", "SendMessageBatch", {"QueueUrl": "http://host:1/111122223333/jobs"}, [("sqs:SendMessage", QUEUE)]),
        ("sqs", "SendMessage", {"QueueUrl": "http://host:1/444455556666/jobs"}, [("sqs:SendMessage", FOREIGN_QUEUE)]),
        ("sqs", "SendMessage", {"QueueUrl": "http://host:1/queue/jobs/"}, [("sqs:SendMessage", QUEUE)]),
        ("sqs", "GetQueueUrl", {"QueueName": "jobs"}, [("sqs:GetQueueUrl", QUEUE)]),
        (
            "sqs",
            "GetQueueUrl",
            {"QueueName": "jobs", "QueueOwnerAWSAccountId": "444455556666"},
            [("sqs:GetQueueUrl", FOREIGN_QUEUE)],
        ),
        ("sqs", "ListQueues", {}, [("sqs:ListQueues", "*")]),
        ("sqs", "StartMessageMoveTask", {"SourceArn": QUEUE}, [("sqs:StartMessageMoveTask", QUEUE)]),
        ("sns", "PublishBatch", {"TopicArn": TOPIC}, [("sns:Publish", TOPIC)]),
        ("sns", "CreateTopic", {"Name": "news"}, [("sns:CreateTopic", TOPIC)]),
        ("sns", "Unsubscribe", {"SubscriptionArn": f"{TOPIC}:1"}, [("sns:Unsubscribe", TOPIC)]),
        ("sns", "Publish", {"PhoneNumber": "+1"}, [("sns:Publish", "*")]),
        ("lambda", "Invoke", {"FunctionName": "work"}, [("lambda:InvokeFunction", FUNCTION)]),
        ("lambda", "Invoke", {"FunctionName": FUNCTION}, [("lambda:InvokeFunction", FUNCTION)]),
        ("lambda", "Invoke", {"FunctionName": "111122223333:function:work"}, [("lambda:InvokeFunction", FUNCTION)]),
        (
            "lambda",
            "GetFunction",
            {"FunctionName": "work", "Qualifier": "1"},
            [("lambda:GetFunction", f"{FUNCTION}:1")],
        ),
        ("lambda", "ListFunctions", {}, [("lambda:ListFunctions", "*")]),
        (
            "lambda",
            "DeleteEventSourceMapping",
            {"UUID": "u"},
            [("lambda:DeleteEventSourceMapping", "arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:u")],
        ),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/g", "logStreamName": "s"},
            [("logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:/g:log-stream:s")],
        ),
        (
            "logs",
            "CreateLogStream",
            {"logGroupName": "/g", "logStreamName": "s"},
            [("logs:CreateLogStream", "arn:aws:logs:eu-west-1:111122223333:log-group:/g:log-stream:")],
        ),
        (
            "logs",
            "StartQuery",
            {"logGroupNames": ["/g"]},
            [("logs:StartQuery", "arn:aws:logs:eu-west-1:111122223333:log-group:/g:log-stream:")],
        ),
        (
            "ssm",
            "GetParameter",
            {"Name": "/app/key:2"},
            [("ssm:GetParameter", "arn:aws:ssm:eu-west-1:111122223333:parameter/app/key")],
        ),
        (
            "ssm",
            "GetParameters",
            {"Names": ["a", "/b"]},
            [
                ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:111122223333:parameter/a"),
                ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:111122223333:parameter/b"),
            ],
        ),
        ("ssm", "DescribeParameters", {}, [("ssm:DescribeParameters", "*")]),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "s"},
            [("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-??????")],
        ),
        ("kms", "Encrypt", {"KeyId": "k1"}, [("kms:Encrypt", KEY)]),
        (
            "kms",
            "Encrypt",
            {"KeyId": "alias/a"},
            [("kms:Encrypt", "arn:aws:kms:eu-west-1:111122223333:alias/a")],
        ),
        ("kms", "ListKeys", {}, [("kms:ListKeys", "*")]),
        (
            "events",
            "PutEvents",
            {"Entries": [{}, {"EventBusName": "b"}]},
            [
                ("events:PutEvents", "arn:aws:events:eu-west-1:111122223333:event-bus/b"),
                ("events:PutEvents", "arn:aws:events:eu-west-1:111122223333:event-bus/default"),
            ],
        ),
        (
            "events",
            "PutTargets",
            {"Rule": "r", "EventBusName": "b"},
            [("events:PutTargets", "arn:aws:events:eu-west-1:111122223333:rule/b/r")],
        ),
        ("states", "StartExecution", {"stateMachineArn": MACHINE}, [("states:StartExecution", MACHINE)]),
        ("iam", "GetRole", {"RoleName": "r"}, [("iam:GetRole", "arn:aws:iam::111122223333:role/r")]),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": "arn:aws:iam::1:role/r"},
            [("sts:AssumeRole", "arn:aws:iam::1:role/r")],
        ),
        ("sts", "GetCallerIdentity", {}, []),
        ("xray", "PutTraceSegments", {}, [("xray:PutTraceSegments", "*")]),
    ],
)
def test_other_services(service: str, operation: str, parameters: dict[str, Any], expected: Needed) -> None:
    assert _find(service, operation, parameters) == expected


def test_api_gateway_is_asked_for_by_method_and_path() -> None:
    call = Call(
        service="apigateway",
        operation="GetRestApis",
        parameters={},
        region="eu-west-1",
        account="111122223333",
        method="GET",
        path="/restapis",
    )

    checks = [(check.action, check.resource) for check in find_checks(call)]

    assert checks == [("apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis")]


DISTRIBUTION: Final = "arn:aws:cloudfront::111122223333:distribution/E1"


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("CreateInvalidation", {"DistributionId": "E1"}, DISTRIBUTION),
        ("GetInvalidation", {"DistributionId": "E1", "Id": "I1"}, DISTRIBUTION),
        ("GetDistributionConfig", {"Id": "E1"}, DISTRIBUTION),
        ("ListDistributions", {}, "*"),
        ("TagResource", {"Resource": DISTRIBUTION}, DISTRIBUTION),
        ("GetCachePolicy", {"Id": "C1"}, "arn:aws:cloudfront::111122223333:cache-policy/C1"),
        ("PublishFunction", {"Name": "f"}, "arn:aws:cloudfront::111122223333:function/f"),
        ("CreatePublicKey", {"PublicKeyConfig": {}}, "*"),
    ],
)
def test_cloudfront(operation: str, parameters: dict[str, Any], resource: str) -> None:
    assert _find("cloudfront", operation, parameters) == [(f"cloudfront:{operation}", resource)]
