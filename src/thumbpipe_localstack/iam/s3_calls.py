"""The permissions of S3's operations, from "Required permissions for Amazon S3 API operations" in AWS's guide."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from thumbpipe_localstack.iam.calls import Call, Check

# Operations whose action has a different name. For all others, the names are equal.
_ACTIONS: Final = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PostObject": "PutObject",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}

# Actions with a different name if the request names an object version.
_VERSION_ACTIONS: Final = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}

# Condition keys whose values are parameters of the call.
_CONTEXT: Final = {
    "ACL": "s3:x-amz-acl",
    "CopySource": "s3:x-amz-copy-source",
    "Delimiter": "s3:delimiter",
    "IfNoneMatch": "s3:if-none-match",
    "MaxKeys": "s3:max-keys",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "Prefix": "s3:prefix",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
}

_GRANTS: Final = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")


def _arn(call: Call, bucket: str, key: str = "") -> str:
    return f"arn:{call.partition}:s3:::{bucket}/{key}" if key else f"arn:{call.partition}:s3:::{bucket}"


def _check(call: Call, action: str, key: str, version: object = None) -> Check:
    named = _VERSION_ACTIONS.get(action, action) if version else action
    context = {name: (str(call.parameters[field]),) for field, name in _CONTEXT.items() if call.parameters.get(field)}
    return Check(action=f"s3:{named}", resource=_arn(call, call.parameters.get("Bucket", ""), key), context=context)


def _check_source(call: Call) -> Iterable[Check]:
    """Return the check on a copy's source: ``bucket/key`` or ``bucket/key?versionId=v``, percent-encoded."""
    source = call.parameters.get("CopySource")
    if source is None:
        return
    if isinstance(source, dict):  # the alternative form in boto3
        bucket, key, version = source["Bucket"], source["Key"], source.get("VersionId")
    else:
        path, _, version = str(source).partition("?versionId=")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
    yield Check(action="s3:GetObjectVersion" if version else "s3:GetObject", resource=_arn(call, bucket, key))


def _check_extras(call: Call, key: str) -> Iterable[Check]:
    """Return what a write needs besides PutObject."""
    if call.parameters.get("Tagging") and call.operation not in ("PutObjectTagging", "PutBucketTagging"):
        yield _check(call, "PutObjectTagging", key)
    # Its value, not its presence: LocalStack passes every parameter, as None if it was not sent.
    if call.first(_GRANTS) and _ACTIONS.get(call.operation, call.operation) == "PutObject":
        yield _check(call, "PutObjectAcl", key)


def find_s3_checks(call: Call) -> list[Check]:
    """Return the checks of an S3 call."""
    action = _ACTIONS.get(call.operation, call.operation)
    if call.operation == "ListBuckets":
        return [Check(action="s3:ListAllMyBuckets")]
    if call.operation == "DeleteObjects":
        objects = call.parameters.get("Delete", {}).get("Objects", [])
        return [_check(call, action, item["Key"], item.get("VersionId")) for item in objects]
    key = str(call.parameters.get("Key") or "")
    checks = [_check(call, action, key, call.parameters.get("VersionId"))]
    if call.operation == "GetObjectAttributes":
        checks.append(_check(call, "GetObject", key, call.parameters.get("VersionId")))
    return [*checks, *_check_extras(call, key), *_check_source(call)]
