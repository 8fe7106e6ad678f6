"""The actions and resources of a call, according to AWS's Service Authorization Reference."""

from collections.abc import Callable, Iterable
from typing import Final

from thumbpipe_localstack.iam.calls import Call, Check
from thumbpipe_localstack.iam.s3_calls import find_s3_checks

# Secrets Manager appends six random characters to the name.
_ANY_SUFFIX: Final = "-??????"


def _named(call: Call, resource: str, action: str | None = None) -> Check:
    return Check(action=f"{call.service}:{action or call.operation}", resource=resource)


def _arn_or(call: Call, value: str, resource: str) -> str:
    """Return the value if it is an ARN, else the ARN of the resource; ``*`` if it is empty."""
    if not value:
        return "*"
    return value if value.startswith("arn:") else call.arn(resource)


def _check_arn_parameter(call: Call) -> list[Check]:
    """Return the call's ARN parameter as its resource, or ``*`` if it has none."""
    prefix = f"arn:{call.partition}:{call.service}:"
    arns = (str(value) for name, value in call.parameters.items() if name.lower().endswith("arn"))
    return [_named(call, next((arn for arn in arns if arn.startswith(prefix)), "*"))]


_TRANSACTION_ACTIONS: Final = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _check_dynamodb(call: Call) -> Iterable[Check]:
    def table(name: str, index: str = "") -> str:
        arn = _arn_or(call, name, f"table/{name}")
        return f"{arn}/index/{index}" if index else arn

    if "RequestItems" in call.parameters:
        return [_named(call, table(name)) for name in call.parameters["RequestItems"]]
    if "TransactItems" in call.parameters:
        operations = [pair for item in call.parameters["TransactItems"] for pair in item.items()]
        return [_named(call, table(item["TableName"]), _TRANSACTION_ACTIONS[kind]) for kind, item in operations]
    if call.operation in ("Query", "Scan"):
        return [_named(call, table(call.parameters["TableName"], call.parameters.get("IndexName", "")))]
    if call.operation not in ("ListTables", "ListBackups", "ListStreams") and "TableName" in call.parameters:
        return [_named(call, table(call.parameters["TableName"]))]
    return _check_arn_parameter(call)


def _check_sqs(call: Call) -> Iterable[Check]:
    action = call.operation.removesuffix("Batch")
    if url := call.parameters.get("QueueUrl"):
        *_, account, name = url.rstrip("/").split("/")
        owner = account if account.isdigit() else call.account
        return [_named(call, f"arn:{call.partition}:sqs:{call.region}:{owner}:{name}", action)]
    if name := call.parameters.get("QueueName"):
        owner = call.parameters.get("QueueOwnerAWSAccountId", call.account)
        return [_named(call, f"arn:{call.partition}:sqs:{call.region}:{owner}:{name}", action)]
    return [_named(call, call.parameters.get("SourceArn", "*"), action)]


def _check_sns(call: Call) -> Iterable[Check]:
    if call.operation == "CreateTopic":
        return [_named(call, call.arn(call.parameters["Name"]))]
    resource = call.first(["TopicArn", "TargetArn", "ResourceArn"])
    if not resource and "SubscriptionArn" in call.parameters:  # the topic's ARN plus one part
        resource = call.parameters["SubscriptionArn"].rpartition(":")[0]
    return [_named(call, resource or "*", call.operation.removesuffix("Batch"))]


def _check_lambda(call: Call) -> Iterable[Check]:
    action = "InvokeFunction" if call.operation.startswith("Invoke") else call.operation
    name = str(call.parameters.get("FunctionName") or "")
    if call.operation in ("CreateEventSourceMapping", "ListEventSourceMappings"):
        return [_named(call, "*", action)]
    if uuid := call.parameters.get("UUID"):
        return [_named(call, call.arn(f"event-source-mapping:{uuid}"), action)]
    if layer := call.parameters.get("LayerName"):
        return [_named(call, _arn_or(call, layer, f"layer:{layer}"), action)]
    if not name:
        return [_named(call, call.first(["Resource"]) or "*", action)]
    name = name if name.startswith("arn:") else name.rpartition("function:")[2]  # 123456789012:function:name
    resource = _arn_or(call, name, f"function:{name}")
    qualifier = call.parameters.get("Qualifier")
    return [_named(call, f"{resource}:{qualifier}" if qualifier else resource, action)]


def _check_logs(call: Call) -> Iterable[Check]:
    group = call.first(["logGroupName", "logGroupIdentifier", "logGroupNamePrefix"])
    if call.operation == "DescribeLogGroups" or group:
        name = group.removesuffix(":*").rpartition(":log-group:")[2]
        stream = call.first(["logStreamName"]) if call.operation != "CreateLogStream" else ""
        return [_named(call, call.arn(f"log-group:{name}:log-stream:{stream}"))]
    groups = [*call.parameters.get("logGroupNames", ()), *call.parameters.get("logGroupIdentifiers", ())]
    if groups:
        names = [name.removesuffix(":*").rpartition(":log-group:")[2] for name in groups]
        return [_named(call, call.arn(f"log-group:{name}:log-stream:")) for name in names]
    return _check_arn_parameter(call)


def _check_ssm(call: Call) -> Iterable[Check]:
    def parameter(name: str) -> str:
        bare = name.split(":", 1)[0] if not name.startswith("arn:") else name  # name:version, name:label
        return _arn_or(call, bare, f"parameter/{bare.lstrip('/')}")

    names = call.parameters.get("Names") or [call.first(["Name", "Path"])]
    if call.operation.startswith(("GetParameter", "PutParameter", "DeleteParameter", "LabelParameter", "Unlabel")):
        return [_named(call, parameter(name)) for name in names]
    if call.parameters.get("ResourceType") == "Parameter":
        return [_named(call, parameter(call.parameters["ResourceId"]))]
    return _check_arn_parameter(call)


def _check_secretsmanager(call: Call) -> Iterable[Check]:
    names = call.parameters.get("SecretIdList") or [call.first(["SecretId", "Name"])]
    batch = [_named(call, "*")] if call.operation == "BatchGetSecretValue" else []
    action = "GetSecretValue" if batch else call.operation
    return batch + [_named(call, _arn_or(call, name, f"secret:{name}{_ANY_SUFFIX}"), action) for name in names]


def _check_kms(call: Call) -> Iterable[Check]:
    def key(value: str) -> str:
        return _arn_or(call, value, value if value.startswith("alias/") else f"key/{value}")

    values = [call.first([name]) for name in ("KeyId", "AliasName", "TargetKeyId", "SourceKeyId", "DestinationKeyId")]
    resources = [key(value) for value in values if value]
    return [_named(call, resource) for resource in resources or ["*"]]


def _check_events(call: Call) -> Iterable[Check]:
    def bus(name: str) -> str:
        return _arn_or(call, name, f"event-bus/{name}")

    if call.operation == "PutEvents":
        buses = {entry.get("EventBusName") or "default" for entry in call.parameters.get("Entries", ())}
        return [_named(call, bus(name)) for name in sorted(buses)]
    rule = call.first(["Rule"]) or (call.first(["Name"]) if call.operation.endswith("Rule") else "")
    if rule:
        name = call.first(["EventBusName"]).rpartition("/")[2]
        path = f"{name}/{rule}" if name and name != "default" else rule
        return [_named(call, _arn_or(call, rule, f"rule/{path}"))]
    if call.operation.endswith("EventBus") and "Name" in call.parameters:
        return [_named(call, bus(call.parameters["Name"]))]
    return _check_arn_parameter(call)


def _check_iam(call: Call) -> Iterable[Check]:
    kinds = {"RoleName": "role", "UserName": "user", "GroupName": "group", "InstanceProfileName": "instance-profile"}
    for parameter, kind in kinds.items():
        if name := call.parameters.get(parameter):
            path = str(call.parameters.get("Path") or "/")
            return [_named(call, f"arn:{call.partition}:iam::{call.account}:{kind}{path}{name}")]
    if name := call.parameters.get("PolicyName"):
        path = str(call.parameters.get("Path") or "/")
        return [_named(call, f"arn:{call.partition}:iam::{call.account}:policy{path}{name}")]
    return _check_arn_parameter(call)


def _check_sts(call: Call) -> Iterable[Check]:
    if call.operation in ("GetCallerIdentity", "GetSessionToken"):
        return []  # these need no permission
    return [_named(call, call.first(["RoleArn"]) or "*")]


def _check_apigateway(call: Call) -> Iterable[Check]:
    path = call.path.split("?", 1)[0]
    return [
        Check(action=f"apigateway:{call.method}", resource=f"arn:{call.partition}:apigateway:{call.region}::{path}")
    ]


# CloudFront's resource types by a part of the operation's name; its ARNs have no region.
_CLOUDFRONT_KINDS: Final = {
    "Invalidation": "distribution",
    "Distribution": "distribution",
    "OriginAccessControl": "origin-access-control",
    "OriginRequestPolicy": "origin-request-policy",
    "ResponseHeadersPolicy": "response-headers-policy",
    "CachePolicy": "cache-policy",
    "Function": "function",
}


def _check_cloudfront(call: Call) -> Iterable[Check]:
    name = call.first(["DistributionId", "Id", "Name"])
    kind = next((kind for part, kind in _CLOUDFRONT_KINDS.items() if part in call.operation), None)
    if name and kind:
        return [_named(call, f"arn:{call.partition}:cloudfront::{call.account}:{kind}/{name}")]
    return [_named(call, call.first(["Resource"]) or "*")]


_SERVICES: Final[dict[str, Callable[[Call], Iterable[Check]]]] = {
    "apigateway": _check_apigateway,
    "cloudfront": _check_cloudfront,
    "dynamodb": _check_dynamodb,
    "events": _check_events,
    "iam": _check_iam,
    "kms": _check_kms,
    "lambda": _check_lambda,
    "logs": _check_logs,
    "s3": find_s3_checks,
    "secretsmanager": _check_secretsmanager,
    "sns": _check_sns,
    "sqs": _check_sqs,
    "ssm": _check_ssm,
    "sts": _check_sts,
}


def find_checks(call: Call) -> tuple[Check, ...]:
    """Return the checks of a call; for a service that is not listed here, on its ARN parameter or ``*``."""
    return tuple(_SERVICES.get(call.service, _check_arn_parameter)(call))
