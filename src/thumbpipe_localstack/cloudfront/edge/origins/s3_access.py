"""Access of distributions to buckets by the bucket's policy, whether or not IAM is enforced otherwise."""

from datetime import UTC, datetime
from typing import Any, Final

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.constants import DEFAULT_AWS_ACCOUNT_ID
from localstack.services.s3.models import s3_stores

from thumbpipe_localstack.cloudfront.edge.model.distribution import Origin
from thumbpipe_localstack.cloudfront.edge.origins.exchange import OriginRequest
from thumbpipe_localstack.iam.calls import Call
from thumbpipe_localstack.iam.conditions import Context
from thumbpipe_localstack.iam.evaluate import Effect, Policy, Request, compile_policy
from thumbpipe_localstack.iam.resources import find_resource_policy, is_missing_object
from thumbpipe_localstack.iam.s3_calls import find_s3_checks

_STORE_REGION: Final = "us-east-1"  # LocalStack's store of every region's buckets
_ALLOWING: Final = (Effect.ALLOW, Effect.ALLOW_BY_NAME)
_READS: Final = ("GetObject", "HeadObject")


def find_bucket(name: str) -> Any | None:  # noqa: ANN401 - LocalStack ships no types
    """Return LocalStack's bucket of a name in any account."""
    owner = s3_stores[DEFAULT_AWS_ACCOUNT_ID][_STORE_REGION].global_bucket_map.get(name)
    return s3_stores[owner][_STORE_REGION].buckets.get(name) if owner else None


def require_access(origin: Origin, request: OriginRequest, context: RequestContext) -> None:
    """Check an S3 operation against the bucket's policy.

    Raises:
        CommonServiceException: S3's AccessDenied.
    """
    bucket = find_bucket(str(origin.bucket))
    if bucket is None:
        return  # S3 responds NoSuchBucket
    access = _Access(origin, bucket, _describe_context(origin, request))
    parameters = context.service_request
    call = Call(
        service="s3",
        operation=context.operation.name,
        parameters=parameters,
        region=context.region,
        account=context.account_id,
    )
    for check in find_s3_checks(call):
        access.require(check.action, check.resource, check.context)
    if call.operation in _READS:
        _conceal_missing(access, bucket.name, parameters["Key"], parameters.get("VersionId"))
        _require_key(access, bucket, parameters["Key"])


class _Access:
    """The principal that accesses a bucket, and the context of its request."""

    def __init__(self, origin: Origin, bucket: Any, context: Context) -> None:  # noqa: ANN401
        self._caller = origin.caller
        self._context = context
        # With RestrictPublicBuckets, a public policy does not grant anonymous access.
        blocks = bucket.public_access_block or {}
        self._is_shut = not origin.caller and bool(blocks.get("RestrictPublicBuckets"))
        self._policy = _compile(bucket.policy)

    def require(self, action: str, resource: str, context: Context, policy: Policy | None = None) -> None:
        asked = Request(action=action, resource=resource, name=self._caller, context={**self._context, **context})
        decided = (policy or self._policy).decide(asked)
        if self._is_shut or decided not in _ALLOWING:
            raise CommonServiceException("AccessDenied", "Access Denied", 403)


def _compile(text: str | None) -> Policy:
    try:
        return compile_policy(text) if text else Policy(statements=())
    except ValueError:
        return Policy(statements=())


def _describe_context(origin: Origin, request: OriginRequest) -> Context:
    now = datetime.now(UTC)
    known = {
        "aws:currenttime": now.isoformat(),
        "aws:epochtime": str(int(now.timestamp())),
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
    }
    if origin.caller:
        known |= {
            "aws:principalisawsservice": "true",
            "aws:principalservicename": origin.caller,
            "aws:sourceaccount": request.account_id,
            "aws:sourcearn": request.distribution_arn,
        }
    return {name: (value,) for name, value in known.items()}


def _conceal_missing(access: _Access, bucket: str, key: str, version: str | None) -> None:
    """Respond 403 for a missing key, as S3 does unless the principal may list the bucket."""
    if is_missing_object(bucket, key, version):
        access.require("s3:ListBucket", f"arn:aws:s3:::{bucket}", {})


def _require_key(access: _Access, bucket: Any, key: str) -> None:  # noqa: ANN401
    """Check the policy of the KMS key that encrypts an object."""
    stored = bucket.objects.get(key)
    key_arn = getattr(stored, "kms_key_id", None)
    if key_arn and (text := find_resource_policy("kms:Decrypt", key_arn)):
        access.require("kms:Decrypt", key_arn, {}, _compile(text))
