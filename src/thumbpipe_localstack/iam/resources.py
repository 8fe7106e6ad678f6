"""Resources in LocalStack's state: full ARNs, owners, resource policies, and whether an object exists."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any, Final

from localstack.constants import DEFAULT_AWS_ACCOUNT_ID
from localstack.services.events.models import events_stores
from localstack.services.kinesis.models import kinesis_stores
from localstack.services.kms.models import kms_stores
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.s3.models import S3Object, s3_stores
from localstack.services.sns.models import sns_stores
from localstack.services.sqs.models import sqs_stores
from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import iam_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends

_S3_REGION: Final = "us-east-1"  # LocalStack's store of every region's buckets
_ARN_PARTS: Final = 6
_EVERYBODY: Final = "http://acs.amazonaws.com/groups/global/AllUsers"


def _split(arn: str) -> tuple[str, str, str, str, str]:
    """Return an ARN's partition, service, region, account and resource."""
    _, partition, service, region, account, resource = arn.split(":", _ARN_PARTS - 1)
    return partition, service, region, account, resource


def _find_bucket_owner(name: str) -> str | None:
    owner: str | None = s3_stores[DEFAULT_AWS_ACCOUNT_ID][_S3_REGION].global_bucket_map.get(name)
    return owner


def _find_bucket(name: str) -> Any | None:  # noqa: ANN401 - LocalStack is not there when types are checked
    owner = _find_bucket_owner(name)
    return s3_stores[owner][_S3_REGION].buckets.get(name) if owner else None


def is_missing_object(bucket: str, key: str, version: str | None) -> bool:
    """Return whether the bucket exists but has no such object, or only a delete marker."""
    found = _find_bucket(bucket)
    if found is None:
        return False
    stored = found.objects.get(key, version) if version else found.objects.get(key)
    return not isinstance(stored, S3Object)


def find_public_permissions(bucket: str, key: str | None) -> frozenset[str]:
    """Return the permissions (such as READ) that the ACL of an object, or of a bucket, grants to everyone."""
    found = _find_bucket(bucket)
    if found is None or (found.public_access_block or {}).get("IgnorePublicAcls"):
        return frozenset()
    owner = found.objects.get(key) if key else found
    grants = (getattr(owner, "acl", None) or {}).get("Grants") or ()
    return frozenset(grant["Permission"] for grant in grants if grant["Grantee"].get("URI") == _EVERYBODY)


def admits_the_public(bucket: str) -> bool:
    """Return whether a bucket's policy can allow public access at all."""
    found = _find_bucket(bucket)
    return found is None or not (found.public_access_block or {}).get("RestrictPublicBuckets")


def find_owner(action: str, arn: str) -> str:
    """Return the account of a resource whose ARN has none, or an empty text."""
    if not action.startswith("s3:") or action == "s3:CreateBucket" or arn == "*":
        return ""  # who creates a bucket learns that the name is taken
    return _find_bucket_owner(_split(arn)[4].partition("/")[0]) or ""


def _resolve_key(arn: str) -> str:
    partition, _, region, account, resource = _split(arn)
    aliases = kms_stores[account][region].aliases
    if resource.startswith("alias/") and resource in aliases:
        key = aliases[resource].metadata["TargetKeyId"]
        return key if key.startswith("arn:") else f"arn:{partition}:kms:{region}:{account}:key/{key}"
    return arn


def _resolve_secret(arn: str) -> str:
    _, _, region, account, resource = _split(arn)
    name = resource.removeprefix("secret:").removesuffix("-??????")
    secret = secretsmanager_backends[account][region].secrets.get(name)
    return secret.arn if secret else arn


def _resolve_identity(arn: str) -> str:
    """Add the path, which is not in the parameters of IAM's calls."""
    partition, _, _, account, resource = _split(arn)
    kind, _, name = resource.partition("/")
    backend = iam_backends[account][partition]
    kinds: dict[str, dict[str, Any]] = {"role": backend.roles, "user": backend.users}
    known = kinds.get(kind, {})
    return next((found.arn for found in list(known.values()) if found.name == name), arn)


_RESOLVERS: Final[dict[str, Callable[[str], str]]] = {
    "iam": _resolve_identity,
    "kms": _resolve_key,
    "secretsmanager": _resolve_secret,
}


def resolve(arn: str) -> str:
    """Return the full ARN of a resource that a call names only by an alias, a secret's name or a role's name."""
    if arn == "*":
        return arn
    service = _split(arn)[1]
    return _RESOLVERS[service](arn) if service in _RESOLVERS else arn


def _read_bucket_policy(arn: str) -> str | None:
    bucket = _find_bucket(_split(arn)[4].partition("/")[0])
    return bucket.policy if bucket else None


def _read_queue_policy(arn: str) -> str | None:
    _, _, region, account, name = _split(arn)
    queue = sqs_stores[account][region].queues.get(name)
    return queue.attributes.get("Policy") if queue else None


def _read_topic_policy(arn: str) -> str | None:
    _, _, region, account, _ = _split(arn)
    topics = getattr(sns_stores[account][region], "topics", None)  # LocalStack 4.13 keeps topics in moto
    if topics is None:
        topic = sns_backends[account][region].topics.get(arn)
        return topic.policy if topic else None
    return topics[arn]["attributes"].get("Policy") if arn in topics else None


def _read_key_policy(arn: str) -> str | None:
    _, _, region, account, resource = _split(arn)
    key = kms_stores[account][region].keys.get(resource.removeprefix("key/"))
    return key.policy if key else None


def _read_secret_policy(arn: str) -> str | None:
    _, _, region, account, _ = _split(arn)
    secret = secretsmanager_backends[account][region].secrets.get(arn)
    return getattr(secret, "policy", None)


def _read_table_policy(arn: str) -> str | None:
    _, _, region, account, resource = _split(arn)
    table = arn.removesuffix(resource) + "/".join(resource.split("/")[:2])
    policy = dynamodb_backends[account][region].resource_policies.get(table)
    return policy.policy_doc if policy else None


def _read_function_policy(arn: str) -> str | None:
    _, _, region, account, resource = _split(arn)
    kind, _, name = resource.partition(":")
    name, _, qualifier = name.partition(":")
    function = lambda_stores[account][region].functions.get(name) if kind == "function" else None
    permission = function.permissions.get(qualifier or "$LATEST") if function else None
    return json.dumps(dataclasses.asdict(permission.policy)) if permission else None


def _read_event_bus_policy(arn: str) -> str | None:
    _, _, region, account, resource = _split(arn)
    bus = events_stores[account][region].event_buses.get(resource.removeprefix("event-bus/"))
    return json.dumps(bus.policy) if bus and bus.policy else None


def _read_stream_policy(arn: str) -> str | None:
    _, _, region, account, _ = _split(arn)
    policy: str | None = kinesis_stores[account][region].resource_policies.get(arn)
    return policy


def _read_trust_policy(arn: str) -> str | None:
    partition, _, _, account, _ = _split(arn)
    roles = list(iam_backends[account][partition].roles.values())
    return next((role.assume_role_policy_document for role in roles if role.arn == arn), None)


_POLICIES: Final[dict[str, Callable[[str], str | None]]] = {
    "dynamodb": _read_table_policy,
    "events": _read_event_bus_policy,
    "kinesis": _read_stream_policy,
    "kms": _read_key_policy,
    "lambda": _read_function_policy,
    "s3": _read_bucket_policy,
    "secretsmanager": _read_secret_policy,
    "sns": _read_topic_policy,
    "sqs": _read_queue_policy,
    "sts": _read_trust_policy,
}


def find_resource_policy(action: str, arn: str) -> str | None:
    """Return the text of a resource's policy; for a role, its trust policy."""
    read = _POLICIES.get(action.partition(":")[0])
    return read(arn) if read and arn != "*" else None
